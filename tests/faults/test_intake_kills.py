"""F06, F07: an intake of its own that is killed again and again. What it acknowledged it has, whole and on disk."""

import asyncio
import os
import random
import re
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from bot.handoff import HandoffError
from bot.handoff.http import HttpConnector
from bot.intake.store import IntakeStore
from bot.report.acknowledgement import IntakeKey
from bot.report.sealed import SealedReport
from bot.seal.signing import Signer, public_line
from tests.conftest import free_port, need
from tests.faults.process import ROOT
from tests.unit.test_intake import BOT, erasure, make_report

KEY = bytes(range(32))


@dataclass
class Intake:
    """`stonechat intake` as an operator runs it."""

    folder: Path
    before: tuple[str, ...] = ()
    port: int = field(default_factory=free_port)
    process: asyncio.subprocess.Process | None = None

    @property
    def inside(self) -> Path:
        return self.folder / "state" / "intake"

    async def start(self) -> None:
        self.inside.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.inside.parent.chmod(0o700)
        if not (self.inside / "intake.key").exists():
            (self.inside / "intake.key").write_bytes(KEY)
            (self.inside / "intake.key").chmod(0o600)
        (self.folder / "bots").write_text(public_line(BOT.public) + "\n")
        settings = self.folder / "stonechat.toml"
        settings.write_text('state = "state"\nintake_bots = "bots"\n')
        command = (*self.before, sys.executable, "-m", "bot", "intake", "--config", str(settings))
        self.process = await asyncio.create_subprocess_exec(
            *command, "--listen", f"127.0.0.1:{self.port}", cwd=ROOT, stderr=asyncio.subprocess.PIPE
        )
        assert self.process.stderr is not None
        line = await asyncio.wait_for(self.process.stderr.readline(), 30)
        assert b"ready" in line, line

    async def kill(self, number: int = 9) -> None:
        assert self.process is not None
        self.process.send_signal(number)
        await self.process.communicate()

    def connector(self) -> HttpConnector:
        return HttpConnector(f"http://127.0.0.1:{self.port}", IntakeKey(Signer.from_seed(KEY).public))


async def insist(link: HttpConnector, report: SealedReport) -> None:
    """As the outbox does: until it is acknowledged."""
    while True:
        try:
            await link.hand_over(report)
            return
        except HandoffError:
            await asyncio.sleep(0.02)


def files(folder: Path) -> set[tuple[str, str]]:
    return {(path.parent.name, path.name) for path in (folder / "parts").glob("*/*")}


@pytest.mark.case("F06 F07")
async def test_F07_killed_at_random_while_reports_come(tmp_path: Path) -> None:
    seed = random.randrange(1 << 30)
    chance = random.Random(seed)
    print(f"seed {seed}")
    intake = Intake(tmp_path)
    await intake.start()
    link, sent, acknowledged, gone = intake.connector(), [], [], []

    async def bring(number: int) -> None:
        for count in range(4):
            parts = tuple((f"{n:04}.age", os.urandom(20_000 * n)) for n in range(1, 5))
            report = make_report(parts=(("report.age", b"document"), *parts))
            sent.append(report)
            await insist(link, report)
            acknowledged.append(report)
            if count == 3:  # its owner takes it back
                row = erasure(report.report)
                while report not in gone:
                    try:
                        await link.erase(row)
                        gone.append(report)
                    except HandoffError:
                        await asyncio.sleep(0.02)

    tasks = [asyncio.create_task(bring(n)) for n in range(6)]
    kills = 0
    while not all(t.done() for t in tasks):
        await asyncio.sleep(chance.uniform(0.01, 0.15))
        await intake.kill()
        kills += 1
        await intake.start()
        if kills >= 12:
            await asyncio.wait(tasks, timeout=60)
    for task in tasks:
        task.result()
    await intake.kill()
    await intake.start()  # what the last crash left is swept
    await intake.kill()
    await link.close()
    assert kills >= 3
    assert len(acknowledged) == len(sent) == 24
    store = await IntakeStore.open(intake.inside, Signer.from_seed(KEY), ())
    here = {name: version for name, version, _ in await store.reports()}
    kept = [r for r in sent if r not in gone]
    assert here == {r.report: 1 for r in kept}
    for report in kept:
        await store.export(report.report, tmp_path / "out" / report.report)
        assert {(n, (tmp_path / "out" / report.report / n).read_bytes()) for n, _ in report.parts} == set(report.parts)
        assert (tmp_path / "out" / report.report / "manifest.json").read_bytes() == report.manifest
    await store.close()
    named = sum(len({data for _, data in r.parts}) for r in kept)
    assert len(files(intake.inside)) == named, "nothing lies there that no report names"


@pytest.mark.case("F07")
async def test_F07_it_answers_after_its_fsync(tmp_path: Path) -> None:
    """A kill can't show an fsync, so the system calls are read: each part, its folder, the log, then the answer."""
    need("strace", "it shows that a report is synced before it is acknowledged")
    trace = tmp_path / "trace"
    strace = ("strace", "-D", "-f", "-y", "-s", "200", "-o", str(trace))
    intake = Intake(tmp_path, (*strace, "-e", "trace=fsync,fdatasync,write,writev,sendto,sendmsg"))
    await intake.start()
    link, report = intake.connector(), make_report()
    await link.hand_over(report)
    await link.close()
    await intake.kill(15)
    lines = trace.read_text(errors="replace").splitlines()
    answers = [n for n, line in enumerate(lines) if "HTTP/1.1 201" in line]
    assert len(answers) == 3, "two parts and the manifest"
    began = 0
    for answer in answers[:2]:
        between = lines[began:answer]
        synced = [line for line in between if re.search(r"fsync\(\d+<[^>]*/parts/[^>]*>", line)]
        assert len([line for line in synced if re.search(rf"/{report.report}/\.[0-9a-f]+>", line)]) == 1, "the part"
        assert any(re.search(rf"/{report.report}>", line) for line in synced), "its name"
        assert any(re.search(r"sync\(\d+<[^>]*intake\.db-wal>", line) for line in between)
        began = answer
    assert any(re.search(r"sync\(\d+<[^>]*intake\.db-wal>", line) for line in lines[began : answers[2]])
