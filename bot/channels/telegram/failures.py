"""Why a connection failed, in words for the operator. Never the address with the token, never a body."""

import os
import ssl

import aiohttp

LONGEST = 120  # characters of another library's words


def reason_of(error: BaseException) -> str:
    """What of an error of the network, of TLS or of HTTP is worth telling."""
    match error:
        case aiohttp.ClientConnectorDNSError():
            return "its name is not found"
        case aiohttp.ClientConnectorCertificateError():
            return f"its certificate is not trusted ({_verdict(error.certificate_error)}, is the clock right?)"
        case aiohttp.ClientConnectorSSLError() | ssl.SSLError():
            return "no TLS is spoken there"
        case aiohttp.ClientConnectorError():
            return _of_system(error.os_error)
        case aiohttp.InvalidURL() | ValueError():
            return "this is no address"
        case aiohttp.ServerDisconnectedError() | aiohttp.ClientConnectionResetError():
            return "the connection was closed"
        case aiohttp.ClientPayloadError():
            return "the answer was cut or damaged"
        case aiohttp.ClientResponseError():
            return "no HTTP is spoken there"
        case OSError():
            return _of_system(error)
    return f"the connection failed ({type(error).__name__})"


def _verdict(error: BaseException) -> str:
    """OpenSSL's own words: expired, self-signed, of another name."""
    found = str(getattr(error, "verify_message", "")) or type(error).__name__
    return "".join(c if c.isprintable() else " " for c in found).replace("; ", ", ")[:LONGEST]


def _of_system(error: OSError) -> str:
    """The system's own words for its number; another library's text may name anything."""
    number = error.errno or 0
    return os.strerror(number).lower() if number > 0 else "the connection failed"
