"""What an operator may watch: figures for Prometheus, and whether it lives and is ready. No label names a person."""

import platform
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from importlib import metadata

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)  # seconds
HOUR = 3600
ERRORS = ("event", "handoff", "limit", "send", "store", "task")
"""Every kind of error: each is counted from the start, and each stands in the alert table of docs/operating.md."""


@dataclass(frozen=True)
class Standing:
    """How it stands at this moment. `oldest` is the age of the oldest report in the outbox, in seconds.

    `free` are bytes by place; `polled` and `backed_up` are seconds since 1970, 0 for never.
    """

    drafts: int = 0
    queued: int = 0
    outbox: int = 0
    oldest: float = 0.0
    troubles: tuple[str, ...] = ()
    free: Mapping[str, int] = field(default_factory=dict)
    polled: float = 0.0
    backed_up: float = 0.0


def version() -> str:
    """Of the installed package; `?` where it runs from its sources."""
    try:
        return metadata.version("stonechat")
    except metadata.PackageNotFoundError:
        return "?"


class Metrics:
    """Counters and histograms of one bot."""

    def __init__(self) -> None:
        """A registry of its own: two bots in one process (tests) count apart."""
        # Each series would have a twin that says when it began. The library types this one function not at all.
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self.registry = CollectorRegistry()

        def histogram(name: str, says: str) -> Histogram:
            return Histogram(f"stonechat_{name}_seconds", says, buckets=BUCKETS, registry=self.registry)

        def gauge(name: str, says: str, *labels: str) -> Gauge:
            return Gauge(f"stonechat_{name}", says, labels, registry=self.registry)

        def counter(name: str, says: str, label: str, *known: str) -> Counter:
            made = Counter(f"stonechat_{name}", says, [label], registry=self.registry)
            for each in known:  # what was never counted is 0: a rise from nothing is seen by nobody
                made.labels(each)
            return made

        ProcessCollector(registry=self.registry)
        gauge("build_info", "1; what runs", "version", "python").labels(version(), platform.python_version()).set(1)
        self._updates = counter("updates", "Updates taken", "channel")
        self._errors = counter("errors", "Errors by kind", "kind", *ERRORS)
        self._reports = counter("reports", "Versions of reports that the intake acknowledged", "ring", "yes", "no")
        self._times = {
            "turn": histogram("turn", "From an update's arrival to its commit"),
            "commit": histogram("commit", "One turn's commit"),
            "send": histogram("send", "One message, until the platform took it"),
            "handoff": histogram("handoff", "One report, until the intake acknowledged it"),
        }
        self._reported = gauge("report_timestamp_seconds", "When the newest was acknowledged, to the hour; 0: none yet")
        self._drafts = gauge("drafts", "Open conversations")
        self._queued = gauge("queued_updates", "Updates that wait for their turn")
        self._outbox = gauge("outbox_reports", "Reports that wait for the intake")
        self._oldest = gauge("outbox_oldest_seconds", "Age of the oldest report that waits")
        self._ready = gauge("ready", "1 when /ready says so")
        self._free = gauge("disk_free_bytes", "Space left", "place")
        self._polled = gauge("telegram_polled_timestamp_seconds", "When Telegram last answered a poll; 0: never")
        self._backed_up = gauge("backup_timestamp_seconds", "When 'stonechat backup' last ended well; 0: never")

    def expect(self, channels: Iterable[str]) -> None:
        """These channels are set up: their updates are counted from 0."""
        for name in channels:
            self._updates.labels(name)

    def update(self, channel: str) -> None:
        """One more update was taken."""
        self._updates.labels(channel).inc()

    def error(self, kind: str) -> None:
        """One more error; `kind` is one of ERRORS, never a text."""
        self._errors.labels(kind).inc()

    def reported(self, rings: bool) -> None:
        """The intake acknowledged a version of a report."""
        self._reports.labels("yes" if rings else "no").inc()
        self._reported.set(int(time.time()) // HOUR * HOUR)

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
        self._polled.set(standing.polled)
        self._backed_up.set(standing.backed_up)
        for place, free in standing.free.items():
            self._free.labels(place).set(free)
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
