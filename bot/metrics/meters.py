"""What happens in one process, counted while it happens.

Rules
- A registry for each `Meters`: nothing is global, two apps in one process don't mix.
- Labels come from short lists: methods, names of errors. Never an id, a person's name or a text.
- What it counts is lost with the process; what must not be lost is counted in the database.
"""

import threading

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Histogram,
    Info,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.registry import Collector

from bot import __version__

_LIMITED = "ratelimited"  # Slack's name for an answer of 429
_PAGE = (0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300)
_LATE = (0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 3600)
_CALL = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_COMMIT = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5)
_ORDERS = (1, 2, 4, 8, 16, 32, 64, 128, 256)


class Meters:
    """A `bot.engine.observer.Observer`, and what the calls to Slack are counted with."""

    def __init__(self) -> None:
        # When each series began would be one more series each, which nobody reads.
        disable_created_metrics()  # type: ignore[no-untyped-call] # the library's
        self._registry, self._of_all = CollectorRegistry(), CollectorRegistry()
        self._exposing = threading.Lock()
        ProcessCollector(registry=self._registry)
        build = Info("warroom_build", "The version that runs.", registry=self._registry)
        build.info({"version": __version__})
        self._of_all.register(build)
        self._pages = self._histogram(
            "page_latency_seconds", "From what calls for a person until Slack has the page.", _PAGE
        )
        self._late = self._histogram(
            "timer_lateness_seconds", "How late timers were fired by this process.", _LATE
        )
        self._orders = self._histogram(
            "commit_orders", "Commands and other orders in one commit of this process.", _ORDERS
        )
        self._commits = self._histogram(
            "commit_duration_seconds", "How long commits of this process took.", _COMMIT
        )
        self._busy = self._counter(
            "webhooks_busy", "Webhooks that this process answered with 503, as too many waited."
        )
        self._durations = self._histogram(
            "slack_call_duration_seconds", "How long calls to Slack took.", _CALL, "method"
        )
        self._calls = self._counter(
            "slack_calls", "Calls to Slack: ok, the name of Slack's error, connection, timeout.",
            "method", "result",
        )  # fmt: skip
        self._limited = self._counter(
            "slack_rate_limited", "Calls that Slack answered with 429.", "method"
        )
        self._witnessed = self._counter(
            "log_witness_answers",
            "What witnesses of the log answered: cosigned; refused, an alarm; failed, for now.",
            "witness", "result",
        )  # fmt: skip

    def collect_with(self, collector: Collector) -> None:
        """Show the figures of `collector` too, which each process gives alike.

        ValueError where two have one name.
        """
        self._registry.register(collector)
        self._of_all.register(collector)

    def exposed(self) -> bytes:
        """All figures in Prometheus' text format; one at a time, since it may ask the database."""
        with self._exposing:
            return generate_latest(self._registry)

    def exposed_of_all(self) -> bytes:
        """Those that each process gives alike: nothing that this one has counted."""
        with self._exposing:
            return generate_latest(self._of_all)

    def committed(self, orders: int, seconds: float) -> None:
        """One transaction was committed."""
        self._orders.observe(orders)
        self._commits.observe(seconds)

    def fired(self, late: float) -> None:
        """A timer was fired; a clock set back makes nothing early."""
        self._late.observe(max(late, 0.0))

    def paged(self, latency: float) -> None:
        """A person was paged."""
        self._pages.observe(max(latency, 0.0))

    def refused(self) -> None:
        """A webhook was sent away, since too many wait."""
        self._busy.inc()

    def witnessed(self, witness: str, result: str) -> None:
        """A witness was asked; its name is one of those that are configured."""
        self._witnessed.labels(witness, result).inc()

    def called(self, method: str, result: str, seconds: float) -> None:
        """Slack was called."""
        self._calls.labels(method, result).inc()
        self._durations.labels(method).observe(seconds)
        if result == _LIMITED:
            self._limited.labels(method).inc()

    def _histogram(
        self, name: str, words: str, buckets: tuple[float, ...], *labels: str
    ) -> Histogram:
        return Histogram(f"warroom_{name}", words, labels, buckets=buckets, registry=self._registry)

    def _counter(self, name: str, words: str, *labels: str) -> Counter:
        return Counter(f"warroom_{name}", words, labels, registry=self._registry)
