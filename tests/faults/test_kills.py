"""Promises 1 to 3 under kill -9: nothing confirmed is lost, nothing happens twice, order stays."""

import asyncio
import contextlib
import functools
import itertools
import os
import random
import re
import sqlite3
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from bot.intake.store import IntakeStore
from bot.report.opened import Opened, open_report
from bot.seal.signing import Signer
from tests.channels.fake_telegram import FakeTelegram, Person
from tests.conftest import IDENTITY, need
from tests.faults.process import Agent, Process

POINTS = [
    *(("before_commit", n) for n in (1, 2, 5)),
    *(("after_commit", n) for n in (1, 4, 7)),
    *(("before_send", n) for n in (3, 8)),
    *(("while_sending", n) for n in (4, 9)),
    ("while_deleting", 1),
]


def stories(agents: list[Agent], reports: list[Opened]) -> None:
    """Each agent's words arrived once, whole and in order."""
    told = sorted([report.texts[p["part"]] for p in _parts(report)] for report in reports)
    assert told == sorted(list(a.story) for a in agents)


def _parts(report: Opened) -> list[dict[str, str]]:
    assert report.document is not None
    parts: list[dict[str, str]] = report.document["answers"]["act_story"]["parts"]
    return parts


def handed_over(folder: Path) -> list[Opened]:
    inbox = folder / "inbox"
    found = [p for p in inbox.iterdir() if not p.name.startswith(".")] if inbox.is_dir() else []
    return [open_report(path, [IDENTITY]) for path in found]


async def walked(process: Process, agents: list[Agent], seconds: float) -> None:
    """Let all agents finish while the process is started again whenever it dies."""
    alive = asyncio.create_task(process.keep_alive())
    try:
        await asyncio.wait_for(asyncio.gather(*(a.act() for a in agents)), seconds)
    finally:
        alive.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await alive


async def until(condition: object, seconds: float = 20) -> None:
    for _ in range(int(seconds * 20)):
        if condition():  # type: ignore[operator]
            return
        await asyncio.sleep(0.05)


@pytest.mark.case("F01")
@pytest.mark.parametrize(("point", "count"), POINTS, ids=lambda v: str(v))
async def test_F01_killed_at_a_point(tmp_path: Path, point: str, count: int) -> None:
    async with FakeTelegram() as server:
        process = Process(tmp_path, server)
        agents = [Agent(Person(server, 500 + n), [f"{n}: first", f"{n}: second", f"{n}: third"]) for n in range(2)]
        await process.start(point, count)
        await walked(process, agents, 60)
        await until(lambda: len(handed_over(tmp_path)) == 2)
        code = await process.kill()
        assert code == -9
        stories(agents, handed_over(tmp_path))
        assert server.complaints == []


@pytest.mark.case("F01 F06 F07")
@pytest.mark.parametrize(
    ("point", "count"), [("while_handing_over", n) for n in (1, 2, 4)] + [("before_purge", 1), ("after_purge", 1)]
)
async def test_F01_F06_killed_while_handing_over(tmp_path: Path, point: str, count: int) -> None:
    async with FakeTelegram() as server:
        process = Process(tmp_path, server, intake="embedded")
        agents = [Agent(Person(server, 500), ["one", "two"])]
        await process.start(point, count)
        await walked(process, agents, 60)
        await emptied(process)
        await process.kill()
        opened = await at_the_intake(tmp_path)
        assert len(opened) == 1
        stories(agents, opened)


OPEN_POINTS = [
    *(("while_handing_over", n) for n in (1, 2, 3, 5, 8, 12)),
    *(("before_purge", n) for n in (1, 3)),
    *(("after_purge", n) for n in (1, 4)),
    *(("before_commit", n) for n in (1, 3)),
    *(("after_commit", n) for n in (1, 4)),
]


def calm(folder: Path, count: int) -> Callable[[], Awaitable[None]] | None:
    """For a late point each version is handed over before the next answer: otherwise there may be fewer versions."""
    return functools.partial(until, lambda: outbox_is_empty(folder)) if count >= 3 else None


@pytest.mark.case("F01")
@pytest.mark.parametrize(("point", "count"), OPEN_POINTS)
async def test_F01_killed_while_an_open_report_is_handed_over(tmp_path: Path, point: str, count: int) -> None:
    line = "Kenya, my brother Ali, since this morning"
    async with FakeTelegram() as server:
        process = Process(tmp_path, server, intake="embedded")
        agents = [Agent(Person(server, 500), [line], danger=True, calm=calm(tmp_path, count))]
        await process.start(point, count)
        await walked(process, agents, 60)
        await emptied(process)
        reached = process.starts > 1 or not process.alive  # the last purge may be the last thing that it did
        await process.kill()
        opened = await at_the_intake(tmp_path)
        assert [o.manifest.state for o in opened] == ["submitted"]
        assert list(opened[0].texts.values()) == [line]
        assert reached
        assert (opened[0].document or {})["consent"]["d_share"]["answer"] == "ask_me_first"
        assert server.complaints == []


@pytest.mark.case("F01")
@pytest.mark.parametrize(
    ("point", "count"),
    [("while_handing_over", n) for n in (1, 6, 11)]
    + [(p, 1) for p in ("before_erasure", "after_erasure", "while_erasing", "before_erased")],
)
async def test_F01_killed_while_an_open_report_is_taken_back(tmp_path: Path, point: str, count: int) -> None:
    async with FakeTelegram() as server:
        process = Process(tmp_path, server, intake="embedded")
        agents = [
            Agent(Person(server, 500), ["Kenya, my brother"], danger=True, takes_back=True, calm=calm(tmp_path, count))
        ]
        await process.start(point, count)
        await walked(process, agents, 60)
        await emptied(process)
        await process.kill()
        assert process.starts > 1, "the point was reached"
        assert await at_the_intake(tmp_path) == []
        assert list((tmp_path / "state" / "intake" / "parts").iterdir()) == []


async def emptied(process: Process) -> None:
    """Wait until nothing waits for the intake, starting the bot again where its point killed it."""
    for _ in range(200):
        await asyncio.sleep(0.1)
        if not process.alive:
            await process.start()
        if outbox_is_empty(process.folder):
            return


async def at_the_intake(folder: Path) -> list[Opened]:
    store = await IntakeStore.open(folder / "state" / "intake", Signer.from_seed(bytes(32)), ())
    found = []
    for report, version, _ in await store.reports():
        await store.export(report, folder / "out" / f"{report}-{version}")
        found.append(open_report(folder / "out" / f"{report}-{version}", [IDENTITY]))
    await store.close()
    return found


def outbox_is_empty(folder: Path) -> bool:
    with contextlib.closing(sqlite3.connect(folder / "state" / "stonechat.db")) as db:
        counts = "SELECT (SELECT count(*) FROM outbox) + (SELECT count(*) FROM erasures)"
        return bool(db.execute(counts).fetchone()[0] == 0)


@pytest.mark.case("F12")
async def test_F12_the_number_is_shown_again_until_it_was_written_down(tmp_path: Path) -> None:
    async with FakeTelegram() as server:
        process = Process(tmp_path, server)
        ana = Person(server, 500)
        agent = Agent(ana, ["one"])
        # Killed after the commit of the submission, before its answer was sent.
        await process.start("after_commit", 11)
        alive = asyncio.create_task(process.keep_alive())
        acting = asyncio.create_task(agent.act())
        await asyncio.wait_for(acting, 60)
        await until(lambda: len(handed_over(tmp_path)) == 1, 30)
        alive.cancel()
        await process.kill()
        assert re.search(r"\d{4}( \d{4}){5}", agent.number)


async def test_F01_random_kills_under_load(tmp_path: Path) -> None:
    kills = int(os.environ.get("STONECHAT_KILLS", "20"))
    seed = random.randrange(1 << 30)
    chance = random.Random(seed)
    print(f"seed {seed}")
    async with FakeTelegram() as server:
        process = Process(tmp_path, server)
        await process.start()
        agents: list[Agent] = []
        tasks: list[asyncio.Task[None]] = []
        done = 0
        while done < kills:
            while sum(not t.done() for t in tasks) < 8:
                n = len(agents)
                agent = Agent(Person(server, 10_000 + n), [f"{n}: first", f"{n}: second", f"{n}: third"])
                agents.append(agent)
                tasks.append(asyncio.create_task(agent.act()))
            await asyncio.sleep(chance.uniform(0.01, 0.6))
            await process.kill()
            done += 1
            await process.start()
        await asyncio.wait(tasks, timeout=60)
        stuck = [a for a in agents if not a.done]
        for agent in stuck:
            print(agent.person.id, agent._said, process.errors[-2000:].decode())
            for message in agent.person.messages():
                print(message.id, message.from_bot, message.text[:60], len(message.rows))
            print([u for u in server.updates if str(agent.person.id) in str(u)])
        assert not stuck, f"{len(stuck)} people were left without an answer"
        await until(lambda: len(handed_over(tmp_path)) == len(agents), 30)
        await process.kill()
        stories(agents, handed_over(tmp_path))
        assert server.complaints == []
        print(f"{done} kills, {len(agents)} reports, all whole")


async def test_the_log_is_synced_before_an_update_is_confirmed(tmp_path: Path) -> None:
    """A kill can't show an fsync, so the system calls are read."""
    need("strace", "it shows that the log is synced before an update is confirmed")
    trace = tmp_path / "trace"
    async with FakeTelegram() as server:
        strace = ("strace", "-D", "-f", "-y", "-s", "600", "-o", str(trace))
        strace += ("-e", "trace=fsync,fdatasync,write,writev,sendto,sendmsg")
        process = Process(tmp_path, server, before=strace)
        await process.start()
        ana = Person(server, 500)
        await walked_once(ana)
        await process.kill(15)
    lines = trace.read_text(errors="replace").splitlines()
    offsets: list[tuple[int, int]] = []
    for number, line in enumerate(lines):
        if found := re.search(r'\\?"offset\\?":(\d+)', line):
            offsets.append((number, int(found[1])))
    agreed = next(number for number, line in enumerate(lines) if "If you stop before the end" in line)
    raised = 0
    for (before, old), (after, new) in itertools.pairwise(offsets):
        if new > old and before > agreed:
            raised += 1
            between = lines[before:after]
            assert any(re.search(r"f(data)?sync\(\d+<[^>]*stonechat\.db-wal>", line) for line in between)
    assert raised >= 4


async def walked_once(ana: Person) -> None:
    from tests.channels.conftest import to_story

    await to_story(ana)
    for n in range(4):
        update = await ana.says(f"line {n}")
        await ana.server.wait_confirmed(update)
        await ana.reads("Saved.")


@pytest.mark.case("F08")
async def test_F08_a_second_process_leaves(tmp_path: Path) -> None:
    async with FakeTelegram() as server:
        first, second = Process(tmp_path, server), Process(tmp_path, server)
        await first.start()
        await second.start()
        assert second.process is not None
        code = await asyncio.wait_for(second.process.wait(), 10)
        assert code != 0
        assert b"another Stonechat uses this state" in second.errors
        assert first.alive
        await first.kill()


@pytest.mark.case("F11")
async def test_F11_after_a_reboot_everyone_is_told(tmp_path: Path) -> None:
    import shutil

    from tests.channels.conftest import to_story

    async with FakeTelegram() as server:
        process = Process(tmp_path, server)
        await process.start()
        ana = Person(server, 500)
        await to_story(ana)
        await process.kill()
        shutil.rmtree(tmp_path / "keys")
        await process.start()
        await ana.says("hello")
        await ana.reads("could not keep some chats")
        await process.kill()


async def test_no_word_in_any_log(tmp_path: Path) -> None:
    """A whole report, a malformed update and failing sends, every logger at DEBUG, standard error included."""
    from tests.channels.fake_telegram import TOKEN, Failure

    async with FakeTelegram() as server:
        process = Process(tmp_path, server, intake="embedded", debug=True, fresh=True)
        await process.start()
        ana = Person(server, 98765432101)
        secret = "Unmistakable secret words of a reporter"
        await server.push({"message": {"message_id": 1, "chat": None, "text": secret}}, check=False)
        await server.push({"message": {"text": secret, "message_id": "x"}}, check=False)
        server.failures.append(Failure("SendMessage", 502, f"<html>{secret}</html>".encode(), "text/html"))
        server.failures.append(Failure("SendMessage", 400, b'{"ok":false,"description":"%s"}' % secret.encode()))
        await server.push({"message": {**ana._new(secret), "text": secret}})
        agent = Agent(ana, [secret, f"{secret} 2"])
        alive = asyncio.create_task(process.keep_alive())
        await asyncio.wait_for(agent.act(), 40)
        server.failures.append(Failure("GetUpdates", cut=True))
        server.failures.append(Failure("GetUpdates", 500, secret.encode(), "text/plain"))
        await asyncio.sleep(1)
        alive.cancel()
        await process.kill(15)
        log = process.errors.decode(errors="replace")
        assert "stonechat" in log
        number = re.search(r"\d{4}( \d{4}){5}", agent.number)
        assert number
        for word in (secret, "Unmistakable", str(ana.id), "Secretname", "secretuser", TOKEN, "Kenya", number[0]):
            assert word not in log, word
        assert number[0].replace(" ", "") not in log
        assert TOKEN.split(":")[1] not in log
