"""Commands as an ordinary user: a small server that has everything imported, and forks a child for each command.

Started as root it gives each child another user, for whom modes and owners count; the interpreter may lie where that
user can't read, so nothing may be left to import. Started as an ordinary user it is that one.
"""

import asyncio
import contextlib
import gc
import importlib
import json
import os
import pkgutil
import signal
import sys
import tempfile
import time
import traceback
from pathlib import Path

import bot

NOBODY = 65534
READY = "ready"
PATIENCE = 30.0  # seconds for one command


BY_NAME = (
    "uvloop",
    "uvicorn.protocols.http.h11_impl",
    "uvicorn.protocols.websockets.websockets_sansio_impl",
    "sqlite3.dbapi2",
    *(f"encodings.{name}" for name in ("idna", "unicode_escape", "ascii", "latin_1", "cp1252", "utf_8_sig")),
    *(f"encodings.{name}" for name in ("utf_16", "utf_16_le", "utf_16_be")),
)


def import_all() -> None:
    """Every module of ours, and what libraries import only when they are used."""
    for module in pkgutil.walk_packages(bot.__path__, "bot."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    for name in BY_NAME:
        importlib.import_module(name)


def warm_up() -> None:
    """A bot with its page, once, in this process: whatever is imported on the way stays imported."""
    from bot.operating.doctor import run_doctor
    from bot.running import serve
    from tests.conftest import make_settings

    with tempfile.TemporaryDirectory() as name, contextlib.redirect_stdout(None), contextlib.redirect_stderr(None):
        settings = make_settings(Path(name), phone="127.0.0.1:0", metrics="127.0.0.1:0")

        async def work() -> None:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(serve(settings), 3)

        asyncio.run(work())
        run_doctor(settings, as_json=False)


def child(words: list[str], folder: str, environ: dict[str, str], out: int, err: int, typed: str) -> None:
    """Never returns. `typed` is all that stands on its standard input."""
    code = 70
    try:
        reading, writing = os.pipe()
        os.write(writing, typed.encode())
        os.close(writing)
        os.dup2(reading, 0)
        os.dup2(out, 1)
        os.dup2(err, 2)
        if os.geteuid() == 0:
            os.setgroups([])
            os.setresgid(NOBODY, NOBODY, NOBODY)
            os.setresuid(NOBODY, NOBODY, NOBODY)
        os.chdir(folder)
        for name in [n for n in os.environ if n.startswith("STONECHAT_")]:
            del os.environ[name]
        os.environ.update(environ)
        sys.argv = ["stonechat", *words]
        sys.stdout, sys.stderr = (os.fdopen(number, "w", encoding="utf-8", closefd=False) for number in (1, 2))
        from bot.cli import main

        main()
        code = 0
    except SystemExit as end:
        code = int(end.code or 0) if isinstance(end.code, int | None) else 1
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def run(words: list[str], folder: str, environ: dict[str, str], typed: str = "") -> dict[str, object]:
    """One command, until it ends, or stopped when it says that it is ready."""
    with tempfile.TemporaryFile("w+b") as out, tempfile.TemporaryFile("w+b") as err:
        pid = os.fork()
        if pid == 0:
            child(words, folder, environ, out.fileno(), err.fileno(), typed)
        began, status, ready = time.monotonic(), None, False
        while status is None:
            done, found = os.waitpid(pid, os.WNOHANG)
            if done:
                status = found
                break
            said = os.pread(err.fileno(), 1 << 16, 0).decode("utf-8", "replace")
            if not ready and f": {READY}" in said:
                ready = True
                os.kill(pid, signal.SIGTERM)
            if time.monotonic() - began > PATIENCE:
                os.kill(pid, signal.SIGKILL)
            time.sleep(0.01)
        code = os.waitstatus_to_exitcode(status)
        return {
            "code": code,
            "ready": ready,
            "out": os.pread(out.fileno(), 1 << 20, 0).decode("utf-8", "replace"),
            "err": os.pread(err.fileno(), 1 << 20, 0).decode("utf-8", "replace"),
        }


def serve() -> None:
    """A line of JSON for each command, a line of JSON for what came of it."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    import_all()
    warm_up()
    gc.collect()
    gc.freeze()  # a child that looks through all of it for garbage copies every page
    print("{}", file=answers, flush=True)
    for line in sys.stdin:
        asked = json.loads(line)
        print(
            json.dumps(run(asked["words"], asked["folder"], asked["environ"], asked.get("typed", ""))),
            file=answers,
            flush=True,
        )


if __name__ == "__main__":
    serve()
