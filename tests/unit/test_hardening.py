"""O08: no core dump and no tracer of the same user; logs as one object a line."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def test_logs_as_json_are_one_object_a_line() -> None:
    code = """
import logging
from bot.machine.logs import quiet_logs
quiet_logs(form="json")
logging.getLogger("stonechat").error("a %s with \\"quotes\\"", "fact")
logging.getLogger("telegram").error("somebody's words")
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    (line,) = done.stderr.splitlines()
    fact = json.loads(line)
    assert fact == {"level": "ERROR", "from": "stonechat", "says": 'a fact with "quotes"'}


@pytest.mark.case("O08")
@pytest.mark.skipif(sys.platform != "linux", reason="prctl is Linux's")
def test_O08_a_running_command_leaves_no_dump() -> None:
    code = """
import asyncio, os, resource
from bot.machine.hardening import is_dumpable
from bot.machine.process import run_until_signal
async def work():
    print(resource.getrlimit(resource.RLIMIT_CORE), is_dumpable())
print(is_dumpable())
run_until_signal(work())
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["True", "(0, 0) False"]
