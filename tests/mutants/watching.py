"""A pytest plugin: how long each test took, and whether it passed. pytest-cov tells which lines it ran."""

import json
import os
from pathlib import Path

import pytest

took: dict[str, float] = {}
failed: set[str] = set()


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    took[report.nodeid] = took.get(report.nodeid, 0.0) + report.duration
    if report.outcome == "failed" or hasattr(report, "wasxfail"):
        failed.add(report.nodeid)


def pytest_sessionfinish(session: pytest.Session) -> None:
    if not hasattr(session.config, "workerinput"):  # the one that hears of all tests
        good = {test: seconds for test, seconds in took.items() if test not in failed}
        Path(os.environ["MUTANTS_TOOK"]).write_text(json.dumps(good))
