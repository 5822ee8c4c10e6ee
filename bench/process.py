"""A bot in a process of its own, pinned to one core, the load on another."""

import asyncio
import os
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bench.api import Api

TICK = os.sysconf("SC_CLK_TCK")


def cpu_seconds(pid: int, thread: int | None = None) -> float:
    """That a process, or one of its threads, has used."""
    task = f"/proc/{pid}/stat" if thread is None else f"/proc/{pid}/task/{thread}/stat"
    with open(task) as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def memory_folder() -> str | None:
    """Where keys should lie: a memory file system, where there is one."""
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108  only the parent of a folder of its own


@asynccontextmanager
async def pinned(api: Api, module: str, language: str, *more: str) -> AsyncIterator[subprocess.Popen[bytes]]:
    """`python -m MODULE STATE API LANGUAGE KEYS *MORE`, ready."""
    cores = sorted(os.sched_getaffinity(0))
    port = await api.serve()
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory(dir=memory_folder()) as keys:
        words = [folder, f"http://127.0.0.1:{port}", language, keys, *more]
        bot = subprocess.Popen([sys.executable, "-m", module, *words], stderr=subprocess.PIPE)  # noqa: ASYNC220
        try:
            assert bot.stderr is not None
            await asyncio.to_thread(bot.stderr.readline)
            await asyncio.sleep(1)
            for thread in os.listdir(f"/proc/{bot.pid}/task"):
                os.sched_setaffinity(int(thread), {cores[-1]})
            os.sched_setaffinity(0, {cores[0]})
            yield bot
        finally:
            bot.kill()
            await asyncio.to_thread(bot.wait)
            await api.close()
            os.sched_setaffinity(0, set(cores))
