"""What an operator may watch: figures for Prometheus, and whether it lives and is ready. No label names a person."""

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)  # seconds


@dataclass(frozen=True)
class Standing:
    """How it stands at this moment. `oldest` is the age of the oldest report in the outbox, in seconds."""

    drafts: int = 0
    queued: int = 0
    outbox: int = 0
    oldest: float = 0.0
    troubles: tuple[str, ...] = ()


class Metrics:
    """Counters and histograms of one bot."""

    def __init__(self) -> None:
        """A registry of its own: two bots in one process (tests) count apart."""
        self.registry = CollectorRegistry()

        def histogram(name: str, says: str) -> Histogram:
            return Histogram(f"stonechat_{name}_seconds", says, buckets=BUCKETS, registry=self.registry)

        def gauge(name: str, says: str) -> Gauge:
            return Gauge(f"stonechat_{name}", says, registry=self.registry)

        self._updates = Counter("stonechat_updates", "Updates taken", ["channel"], registry=self.registry)
        self._errors = Counter("stonechat_errors", "Errors by kind", ["kind"], registry=self.registry)
        self._times = {
            "turn": histogram("turn", "From an update's arrival to its commit"),
            "commit": histogram("commit", "One turn's commit"),
            "send": histogram("send", "One message, until the platform took it"),
            "handoff": histogram("handoff", "One report, until the intake acknowledged it"),
        }
        self._drafts = gauge("drafts", "Open conversations")
        self._queued = gauge("queued_updates", "Updates that wait for their turn")
        self._outbox = gauge("outbox_reports", "Reports that wait for the intake")
        self._oldest = gauge("outbox_oldest_seconds", "Age of the oldest report that waits")
        self._ready = gauge("ready", "1 when /ready says so")

    def update(self, channel: str) -> None:
        """One more update was taken."""
        self._updates.labels(channel).inc()

    def error(self, kind: str) -> None:
        """One more error; `kind` is one of a few words of ours, never a text."""
        self._errors.labels(kind).inc()

    def took(self, what: str, began: float) -> None:
        """`what` is turn, commit, send or handoff; `began` is a time.perf_counter()."""
        self._times[what].observe(time.perf_counter() - began)

    def text(self, standing: Standing) -> bytes:
        """All figures in Prometheus' text format."""
        self._drafts.set(standing.drafts)
        self._queued.set(standing.queued)
        self._outbox.set(standing.outbox)
        self._oldest.set(standing.oldest)
        self._ready.set(not standing.troubles)
        return generate_latest(self.registry)


def make_app(metrics: Metrics, look: Callable[[], Awaitable[Standing]]) -> Starlette:
    """`/live`: the process answers. `/ready`: it can take and keep answers; else each trouble, one a line."""

    async def live(request: Request) -> Response:
        return PlainTextResponse("live\n")

    async def ready(request: Request) -> Response:
        troubles = (await look()).troubles
        return PlainTextResponse("\n".join(troubles or ("ready",)) + "\n", 503 if troubles else 200)

    async def figures(request: Request) -> Response:
        return Response(metrics.text(await look()), media_type=CONTENT_TYPE_LATEST)

    return Starlette(routes=[Route("/live", live), Route("/ready", ready), Route("/metrics", figures)])
