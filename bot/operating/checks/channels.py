"""Where reporters come in and reports go out: ports, Telegram, the intake."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

from bot.errors import StonechatError
from bot.machine.addresses import host_and_port, loopback
from bot.machine.files import check_could_write
from bot.machine.locking import locked
from bot.operating.checks.finding import Finding, bad, good
from bot.seal.signing import parse_public
from bot.settings import Settings

PATIENCE = 15.0  # seconds for one service


def listening(settings: Settings) -> Iterator[Finding]:
    """Addresses that `run` refuses, and ports that another program has. While the bot runs they are its own."""
    if not settings.telegram_token and not settings.phone and settings.intake_bots is None:
        mend = "set telegram_token_file or phone in stonechat.toml (docs/settings.md)"
        yield Finding("channels", "bad", "no channel is set: 'stonechat run' stops", mend)
    is_running = _is_running(settings.state / "lock")
    wanted = []
    if settings.phone:
        wanted.append(("phone", settings.phone, loopback(settings.phone, "the phone page", "see docs/settings.md")))
    if settings.metrics:
        wanted.append(
            ("metrics", settings.metrics, loopback(settings.metrics, "the metrics page", "see docs/settings.md"))
        )
    if settings.telegram_webhook:
        listen = settings.telegram_listen
        wanted.append(("telegram_listen", listen, host_and_port(listen, "telegram_listen")))
    for name, said, (host, port) in wanted:
        if is_running or not port or _is_free(host, port):
            yield good(name, f"listens on {said}" if is_running else f"{said} is free")
        else:
            yield Finding(
                name, "bad", f"port {port} is taken", f"stop what uses it (ss -ltnp), or name another in {name}"
            )
    taken = [port for _, _, (_, port) in wanted if port]
    if len(set(taken)) < len(taken):
        yield Finding("ports", "bad", "two of them are to listen on one port", "name another for one of them")


def _is_running(lock: Path) -> bool:
    """Whether a bot holds this state now."""
    if not lock.exists():
        return False
    try:
        with locked(lock, "", ""):
            return False
    except StonechatError:
        return True


def _is_free(host: str, port: int) -> bool:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
        except OSError:
            return False
    return True


async def services(settings: Settings) -> AsyncIterator[Finding]:
    """Telegram, the phone page and the intake, each asked whether it answers."""
    checks: list[tuple[str, Callable[[Settings], Awaitable[Finding]]]] = [("intake", _intake)]
    if settings.telegram_token:
        checks.append(("telegram", _telegram))
    elif settings.phone:
        yield good("channels", f"the phone page alone, at {settings.phone}")
    if settings.intake.startswith("http"):
        try:
            parse_public(settings.intake_key)
        except StonechatError as error:
            yield bad("intake_key", error)
    for name, check in checks:
        try:
            yield await asyncio.wait_for(check(settings), PATIENCE)
        except StonechatError as error:
            yield bad(name, error)
        except Exception as error:
            yield Finding(name, "bad", f"no answer ({type(error).__name__})", "check the network, then look again")


async def _intake(settings: Settings) -> Finding:
    if settings.intake == "embedded":
        where = settings.state / "intake"
        return good("intake", f"embedded; 'stonechat intake list' shows what lies in {where}, sealed")
    if settings.intake.startswith("folder:"):
        folder = Path(settings.intake.removeprefix("folder:"))
        check_could_write(folder)
        return good("intake", f"{folder} can be written; 'stonechat intake list' shows what lies there, sealed")
    import aiohttp

    from bot.report.manifest import new_report_id

    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{settings.intake.rstrip('/')}/reports/{new_report_id()}/parts", allow_redirects=False) as answer,
    ):
        # To its end: one read gives what one packet brought.
        body = b""
        while len(body) < 4096 and (piece := await answer.content.read(1024)):
            body += piece
    if answer.status == 200 and b'"parts"' in body:
        return good("intake", f"{settings.reports_go_to} answers")
    return Finding("intake", "bad", f"{settings.reports_go_to} answers {answer.status}", "is it the intake's address?")


async def _telegram(settings: Settings) -> Finding:
    from bot.operating.telegram import telegram_standing

    return Finding("telegram", *await telegram_standing(settings))
