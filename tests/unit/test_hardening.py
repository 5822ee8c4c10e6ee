"""O08: no core dump and no tracer of the same user, from the first line of every long-running command on."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.case("O08")
@pytest.mark.skipif(sys.platform != "linux", reason="prctl is Linux's")
def test_O08_a_running_command_leaves_no_dump() -> None:
    code = """
import asyncio, os, resource
from bot.hardening import is_dumpable
from bot.running import run_until_signal
async def work():
    print(resource.getrlimit(resource.RLIMIT_CORE), is_dumpable())
print(is_dumpable())
run_until_signal(work())
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["True", "(0, 0) False"]
