"""The intake's HTTP API. No request log; errors are problem+json (RFC 9457) without detail that helps an attacker."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Mapping
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from bot.intake.store import IntakeStore, Refused

MOST_MANIFEST = 1 << 20  # bytes
MOST_TOLD = 8 << 20  # bytes: 100,000 tombstones
TOMBSTONE = re.compile(r"[0-9a-f]{64}\Z")
BODY_SECONDS = 120.0  # that one body may take


def _problem(status: int, title: str, headers: Mapping[str, str] | None, more: Mapping[str, str]) -> Response:
    found = {"type": "about:blank", "title": title, "status": status, **more}
    return JSONResponse(found, status, headers, media_type="application/problem+json")


async def _refused(request: Request, error: Exception) -> Response:
    status = error.status if isinstance(error, Refused) else getattr(error, "status_code", 500)
    title = error.what if isinstance(error, Refused) else "the request can't be served"
    more = {"erased": error.erased} if isinstance(error, Refused) and error.erased else {}
    return _problem(status, title, getattr(error, "headers", None), more)


async def _pieces(request: Request) -> AsyncIterator[bytes]:
    """The body as it comes, but not for ever. Raises Refused."""
    deadline = asyncio.get_running_loop().time() + BODY_SECONDS
    stream = aiter(request.stream())
    while True:
        try:
            async with asyncio.timeout_at(deadline):
                piece = await anext(stream)
        except StopAsyncIteration:
            return
        except TimeoutError:
            raise Refused(408, "the body came too slowly") from None
        yield piece


async def _small_json(request: Request, most: int = MOST_MANIFEST) -> dict[str, Any]:
    body = bytearray()
    async for piece in _pieces(request):
        body += piece
        if len(body) > most:
            raise Refused(413, "the body is too large")
    try:
        value = json.loads(body)
    except (ValueError, UnicodeDecodeError, RecursionError):
        raise Refused(400, "the body is not JSON") from None
    if not isinstance(value, dict):
        raise Refused(400, "the body is not an object")
    return value


def _text(value: dict[str, Any], key: str) -> str:
    found = value.get(key)
    if not isinstance(found, str):
        raise Refused(400, f"'{key}' is missing")
    return found


def make_app(store: IntakeStore) -> Starlette:
    """The ASGI app over one store."""

    async def parts(request: Request) -> Response:
        return JSONResponse({"parts": await store.parts(request.path_params["report"])})

    async def put_part(request: Request) -> Response:
        digest = await store.put_part(request.path_params["report"], request.path_params["name"], _pieces(request))
        return JSONResponse({"sha256": digest}, 201)

    async def commit(request: Request) -> Response:
        value = await _small_json(request)
        answer = await store.commit(
            request.path_params["report"],
            request.path_params["version"],
            _text(value, "manifest").encode("utf-8", "replace"),
            _text(value, "signature"),
        )
        return JSONResponse({"received": answer}, 201)

    async def delete(request: Request) -> Response:
        value = await _small_json(request)
        report = request.path_params["report"]
        answer = await store.delete(report, _text(value, "owner"), _text(value, "signature"))
        return JSONResponse({"erased": answer})

    async def tombstones(request: Request) -> Response:
        if request.method != "PUT":
            return JSONResponse({"asks": await store.asks()})
        value = await _small_json(request, MOST_TOLD)
        found = value.get("tombstones")
        if not isinstance(found, list) or not all(isinstance(each, str) and TOMBSTONE.match(each) for each in found):
            raise Refused(400, "'tombstones' is no list of hashes")
        await store.remember(_text(value, "asked"), found, _text(value, "signature"))
        return JSONResponse({})

    async def live(request: Request) -> Response:
        return PlainTextResponse("live\n")

    return Starlette(
        routes=[
            Route("/live", live, methods=["GET"]),
            Route("/tombstones", tombstones, methods=["GET", "PUT"]),
            Route("/reports/{report}/parts", parts, methods=["GET"]),
            Route("/reports/{report}/parts/{name}", put_part, methods=["PUT"]),
            Route("/reports/{report}/versions/{version:int}", commit, methods=["PUT"]),
            Route("/reports/{report}", delete, methods=["DELETE"]),
        ],
        exception_handlers={Refused: _refused, HTTPException: _refused, 500: _refused},
    )
