"""What a watcher is told: lives, is ready, figures; and no word, name, number or account."""

import asyncio
import contextlib
import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from prometheus_client.parser import text_string_to_metric_families
from ruamel.yaml import YAML

from bot.operating.backup import back_up
from bot.operating.metrics import ERRORS, Metrics, Standing
from bot.running import serve
from bot.store import StoreError
from bot.store.sqlite import SqliteStore
from tests.channels.conftest import to_story
from tests.channels.fake_telegram import TOKEN, FakeTelegram, Person
from tests.channels.test_webhook import to_the_end
from tests.conftest import free_port, make_settings


@asynccontextmanager
async def watched(server: FakeTelegram, folder: Path, **more: Any) -> AsyncIterator[str]:
    port = free_port()
    settings = make_settings(
        folder,
        telegram_token=TOKEN,
        telegram_api=server.url,
        telegram_sensitive="allow",
        metrics=f"127.0.0.1:{port}",
        **more,
    )
    task = asyncio.create_task(serve(settings))
    await server.wait(lambda: task.done() or any(m == "getupdates" for m, _ in server.calls))
    assert not task.done(), task
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def fetch(url: str) -> tuple[int, str]:
    async with aiohttp.ClientSession() as session, session.get(url) as answer:
        return answer.status, await answer.text()


def value(text: str, name: str) -> float:
    found = re.search(rf"^{re.escape(name)} (\S+)$", text, re.MULTILINE)
    assert found, name
    return float(found[1])


async def test_figures_of_a_whole_report_name_nobody(tmp_path: Path) -> None:
    async with FakeTelegram() as server, watched(server, tmp_path) as url:
        ana = Person(server, 900_100_200)
        await to_story(ana)
        await ana.says("Unmistakable words.")
        await ana.reads("Saved.")
        _, during = await fetch(f"{url}/metrics")
        assert value(during, "stonechat_drafts") == 1
        await to_the_end(ana)
        assert await fetch(f"{url}/live") == (200, "live\n")
        assert await fetch(f"{url}/ready") == (200, "ready\n")
        for _ in range(200):
            _, text = await fetch(f"{url}/metrics")
            if value(text, 'stonechat_reports_total{ring="no"}'):
                break
            await asyncio.sleep(0.05)
        assert value(text, 'stonechat_updates_total{channel="telegram"}') >= 14
        assert value(text, "stonechat_turn_seconds_count") >= 10
        assert value(text, "stonechat_send_seconds_count") >= 10
        assert value(text, "stonechat_ready") == 1
        assert value(text, "stonechat_outbox_reports") in (0, 1)
        for words in ("Unmistakable", "Kenya", "900100200", "Secretname", TOKEN):
            assert words not in text
        labels = set(re.findall(r"(\w+)=\"", text))
        assert labels <= {"channel", "kind", "le", "place", "ring", "version", "python", "implementation"}
        assert value(text, 'stonechat_reports_total{ring="no"}') == 1
        assert value(text, 'stonechat_reports_total{ring="yes"}') == 0
        assert value(text, "stonechat_report_timestamp_seconds") % 3600 == 0, "no instant of a person's"
        assert abs(value(text, "stonechat_telegram_polled_timestamp_seconds") - time.time()) < 120
        assert value(text, 'stonechat_disk_free_bytes{place="state"}') > 0
        assert value(text, "stonechat_backup_timestamp_seconds") == 0
        await asyncio.to_thread(back_up, make_settings(tmp_path), tmp_path / "backup")
        _, text = await fetch(f"{url}/metrics")
        assert abs(value(text, "stonechat_backup_timestamp_seconds") - time.time()) < 120


@pytest.mark.case("F02 P06")
async def test_F02_P06_trouble_is_told_one_a_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real, broken = SqliteStore.commit, False

    async def commit(self: SqliteStore, turn: Any) -> bool:
        if broken:
            raise StoreError("the disk is full")
        return await real(self, turn)

    monkeypatch.setattr(SqliteStore, "commit", commit)
    async with FakeTelegram() as server, watched(server, tmp_path) as url:
        ana = Person(server, 900_100_200)
        await to_story(ana)
        broken = True
        await ana.says("lost?")
        await ana.reads("We have a problem on our side")
        status, text = await fetch(f"{url}/ready")
        assert (status, text) == (503, "the store can't be written\n")
        _, figures = await fetch(f"{url}/metrics")
        assert value(figures, 'stonechat_errors_total{kind="store"}') >= 1
        assert value(figures, "stonechat_ready") == 0
        server.refuse_token = True
        for _ in range(100):
            status, text = await fetch(f"{url}/ready")
            if "Telegram refuses the token" in text:
                break
            await asyncio.sleep(0.05)
        assert "Telegram refuses the token" in text


# --- N18: the table and the figures are held together ---

ROOT = Path(__file__).parents[2]
OPERATING = (ROOT / "docs" / "operating.md").read_text()
RULES = YAML(typ="safe").load((ROOT / "docs" / "alerts.yml").read_text())
AT_START = Metrics().text(Standing(free={"state": 1, "keys": 1})).decode()
NOT_ALERTED = {"stonechat_build_info", "stonechat_updates", "stonechat_queued_updates", "stonechat_drafts"}


def rules() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = RULES["groups"][0]["rules"]
    return found


def test_n18_everything_is_there_from_the_start_and_well_formed() -> None:
    """What `promtool check metrics` asks: help, type, base units, `_total` for counters and for nothing else."""
    for kind in ERRORS:
        assert value(AT_START, f'stonechat_errors_total{{kind="{kind}"}}') == 0
    assert "_created" not in AT_START
    assert "process_resident_memory_bytes" in AT_START
    assert re.search(r'stonechat_build_info\{python="3[0-9.]+",version="[^"]+"\} 1', AT_START)
    seen = set()
    for family in text_string_to_metric_families(AT_START):
        assert family.documentation, family.name
        assert family.type != "unknown", family.name
        assert family.name not in seen
        seen.add(family.name)
        assert re.fullmatch(r"[a-z][a-z0-9_]*", family.name)
        assert not re.search(r"_(ms|milliseconds|kb|mb|minutes|hours)$", family.name)
        for sample in family.samples:
            assert (family.type == "counter") == sample.name.endswith("_total"), sample.name
            assert all(re.fullmatch(r"[a-z_]+", label) for label in sample.labels)


def test_n18_every_kind_of_error_that_the_code_counts_is_known() -> None:
    sources = "".join(p.read_text() for p in (ROOT / "bot").rglob("*.py"))
    assert set(re.findall(r'failed\("([a-z]+)"\)', sources)) == set(ERRORS)


def test_n18_the_alert_table_names_every_figure_and_every_kind() -> None:
    table = [line for line in OPERATING.splitlines() if line.startswith("| `")]
    families = {f.name for f in text_string_to_metric_families(AT_START) if f.name.startswith("stonechat_")}
    for kind in ERRORS:
        assert any(f'kind="{kind}"' in line for line in table), kind
    for name in families:
        assert name in OPERATING, name
    named = set(re.findall(r"stonechat_[a-z_]+", "".join(table) + (ROOT / "docs" / "alerts.yml").read_text()))
    samples = {s.name for f in text_string_to_metric_families(AT_START) for s in f.samples}
    assert named - {"stonechat_is_down"} <= samples, named - samples
    alerted = "".join(rule["expr"] for rule in rules())
    times = {
        name
        for name in families
        if name.endswith(("turn_seconds", "commit_seconds", "send_seconds", "handoff_seconds"))
    }
    assert {name for name in families - times if name not in alerted} <= NOT_ALERTED


def test_n18_a_report_that_rings_is_counted_apart() -> None:
    metrics = Metrics()
    metrics.reported(True)
    metrics.expect(["telegram"])
    text = metrics.text(Standing(polled=5.0)).decode()
    assert value(text, 'stonechat_reports_total{ring="yes"}') == 1
    assert value(text, 'stonechat_reports_total{ring="no"}') == 0
    assert value(text, 'stonechat_updates_total{channel="telegram"}') == 0
    assert value(text, "stonechat_telegram_polled_timestamp_seconds") == 5


def test_n18_the_rules_are_rules() -> None:
    """The shape that Prometheus reads, and expressions of a grammar that is small enough to be checked here."""
    token = re.compile(r"\s*(?:(rate|increase|time|up|and|min|max)\b|(stonechat_[a-z_]+)|(\{[a-z]+=\"[^\"]*\"\})|"
                       r"(\[\d+[smhd]\])|(\d+(?:\.\d+)?(?:e\d+)?)|([<>=!]=?|[-+*/()]))")  # fmt: skip
    assert list(RULES) == ["groups"]
    names = [rule["alert"] for rule in rules()]
    assert len(set(names)) == len(names)
    for rule in rules():
        assert set(rule) <= {"alert", "expr", "for", "labels", "annotations"}
        assert set(rule["annotations"]) == {"summary", "mend"}
        assert re.fullmatch(r"\d+[mh]", rule.get("for", "0m"))
        rest, depth = rule["expr"], 0
        while rest.strip():
            found = token.match(rest)
            assert found, rest
            depth += {"(": 1, ")": -1}.get(found[6] or "", 0)
            assert depth >= 0
            rest = rest[found.end() :]
        assert depth == 0
        assert f"`{rule['expr']}`" in OPERATING, rule["expr"]
