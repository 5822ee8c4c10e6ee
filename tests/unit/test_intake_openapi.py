"""The intake does what its OpenAPI document says, whatever is asked of it (schemathesis, over real HTTP)."""

import asyncio
import threading
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
import schemathesis
from hypothesis import HealthCheck, settings

from bot.intake.serving import Embedded
from bot.intake.store import IntakeStore
from bot.seal.signing import Signer

DOCUMENT = Path(__file__).parents[2] / "docs" / "intake.openapi.json"
schema = schemathesis.openapi.from_path(DOCUMENT)
BOT, INTAKE = Signer.from_seed(bytes([1]) * 32), Signer.from_seed(bytes([2]) * 32)


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An intake in a thread with a loop of its own."""
    loop, ready = asyncio.new_event_loop(), threading.Event()
    served: list[Embedded] = []

    async def start() -> None:
        folder = tmp_path_factory.mktemp("intake")
        store = await IntakeStore.open(folder, INTAKE, (BOT.public,), lambda: date(2026, 11, 24))
        served.append(await Embedded.start(store))
        ready.set()

    def run() -> None:
        asyncio.set_event_loop(loop)
        loop.create_task(start())
        loop.run_forever()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    assert ready.wait(10)
    yield served[0].url
    asyncio.run_coroutine_threadsafe(served[0].close(), loop).result(10)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(10)


@pytest.mark.case("H10 H11")
@schema.parametrize()
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_the_intake_keeps_to_its_document(case: schemathesis.Case, url: str) -> None:
    case.call_and_validate(base_url=url)
