"""The figures that the database has, read when somebody asks for them.

Rules
- Every replica gives the same ones: take their maximum, never their sum.
- One read for all of them. The measures, for which all violations of a month are read, are kept
  for a minute.
- Without a database there are none of them, and `warroom_database_up` is 0; the rest stays.
- Each family has a name that no other has, whoever brings it; else nothing starts.
"""

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError

from bot.domain.answers import AnswerKind
from bot.domain.war_room import Outcome, State
from bot.engine.cases import cases
from bot.engine.engine import Engine
from bot.measures.measure import Measure
from bot.measures.part import part_of, pooled
from bot.outbox.budgets import left
from bot.outbox.kinds import Kinds, Urgency
from bot.outbox.lateness import Health, Rooms, health, rooms
from bot.storage.answer_counts import AnswerCount, answer_counts
from bot.storage.exceptions import Ends, ends
from bot.storage.follow_ups import OwedCount, owed_count
from bot.storage.source_names import UNMAPPED, ignored_count
from bot.storage.store import DatabaseUnavailableError

MEASURED_OVER = timedelta(days=30)
MEASURES_KEPT = timedelta(minutes=1)
EXCEPTIONS_MOST = 1_000  # series

# Every family that is no measure's, as it is exposed.
HELP = {
    "warroom_database_up": "Whether the database answers: 1, or 0.",
    "warroom_rooms": "War rooms by state and policy.",
    "warroom_decisions_total": "Decisions by outcome.",
    "warroom_source_ignored_total": "Failures that a source reported and no policy is mapped to.",
    "warroom_outbox_depth": "Effects not yet delivered.",
    "warroom_outbox_oldest_due_seconds": "How long the oldest effect has been due; 0: none is.",
    "warroom_outbox_parked": "Effects that were given up; `warroom outbox list` shows them.",
    "warroom_timer_lag_seconds": "How late the oldest due timer is.",
    "warroom_slack_budget_left": "Calls that Slack's limit of a method leaves to all replicas now.",
    "warroom_follow_ups": "Follow-ups that are owed, by kind and team.",
    "warroom_exception_ends_at": "When an active exception ends (Unix time): the next 1,000.",
    "warroom_follow_up_oldest_seconds": "How long the oldest follow-up of a team has been owed.",
    "warroom_answers_total": "Answers to violations by policy: a room, a rule or an exception.",
    "warroom_cleared_total": "Violations that a rule or a band cleared, by policy and rule.",
}


class Stored(Collector):
    """Reads the database at each scrape. ValueError for a measure's gauge with a name of `HELP`."""

    def __init__(self, engine: Engine, kinds: Kinds, measures: Sequence[Measure[Any]]) -> None:
        self._engine = engine
        self._kinds = kinds
        self._measures = measures
        self._measured: tuple[datetime, list[Metric]] | None = None
        for measure in measures:
            if measure.gauge and measure.gauge.name in HELP:
                name = measure.gauge.name
                raise ValueError(
                    f"measures: the gauge of {measure.name!r} is called {name!r}, "
                    "as a figure of the bot's own is"
                )

    def describe(self) -> Iterator[Metric]:
        """Every family by its name alone: to be registered it need not ask the database."""
        gauges = (measure.gauge.name for measure in self._measures if measure.gauge)
        for name in (*HELP, *gauges):
            yield Metric(name, HELP.get(name, ""), "unknown")

    def collect(self) -> Iterator[Metric]:
        """The figures as they are now."""
        now = self._engine.now()
        try:
            found, counted, tokens, ignored, owed, answers, excepted = self._engine.store.ask(
                lambda connection: (
                    health(connection, now, self._kinds),
                    rooms(connection),
                    left(connection, now, self._kinds.budget),
                    ignored_count(connection),
                    owed_count(connection),
                    answer_counts(connection),
                    ends(connection, now, EXCEPTIONS_MOST),
                )
            )
            measured = self._measured_at(now)
        except (DatabaseUnavailableError, SQLAlchemyError):
            yield _gauge("warroom_database_up", 0)
            return
        yield _gauge("warroom_database_up", 1)
        yield self._rooms(counted)
        yield _decisions(counted)
        yield self._ignored(ignored)
        yield from measured
        yield from _outbox(found, now)
        lag = found.timers.late(now).total_seconds()
        yield _gauge("warroom_timer_lag_seconds", lag)
        budget = _by("warroom_slack_budget_left", "method")
        for method, number in sorted(tokens.items()):
            budget.add_metric((method,), number)
        yield budget
        yield from _owed(owed, now)
        yield from self._answers(answers)
        yield _ends_of_exceptions(excepted)

    def _rooms(self, counted: list[Rooms]) -> Metric:
        family = _by("warroom_rooms", "state", "policy")
        count: Counter[tuple[str, str]] = Counter()
        for policy in self._engine.config.policies:
            count.update({(state, policy): 0 for state in State})
        for each in counted:
            count[each.state, each.policy_id] += each.count
        for (state, policy), number in sorted(count.items()):
            family.add_metric((state, policy), number)
        return family

    def _answers(self, counted: list[AnswerCount]) -> Iterator[Metric]:
        name = "warroom_answers_total"
        answers = CounterMetricFamily(name, HELP[name], labels=("policy", "answer"))
        name = "warroom_cleared_total"
        cleared = CounterMetricFamily(name, HELP[name], labels=("policy", "rule"))
        by_kind: Counter[tuple[str, str]] = Counter()
        by_rule: Counter[tuple[str, str]] = Counter()
        for policy in self._engine.config.policies.values():
            clearing = [rule.id for rule in policy.auto_clear]
            clearing += [band.id for band in policy.bands if band.allow]
            by_kind.update({(policy.id, kind): 0 for kind in AnswerKind})
            by_rule.update({(policy.id, rule): 0 for rule in clearing})
        for each in counted:
            by_kind[each.policy_id, each.kind] += each.count
            if each.kind == AnswerKind.RULE:
                by_rule[each.policy_id, each.rule or ""] += each.count
        for family, count in ((answers, by_kind), (cleared, by_rule)):
            for labels, number in sorted(count.items()):
                family.add_metric(labels, number)
            yield family

    def _ignored(self, counted: dict[str, int]) -> Metric:
        name = "warroom_source_ignored_total"
        family = CounterMetricFamily(name, HELP[name], labels=("source", "reason"))
        sources = dict.fromkeys(self._engine.config.sources.sections, 0) | counted
        for source, number in sorted(sources.items()):
            family.add_metric((source, UNMAPPED), number)
        return family

    def _measured_at(self, now: datetime) -> list[Metric]:
        if self._measured and abs(now - self._measured[0]) < MEASURES_KEPT:
            return self._measured[1]
        recent = cases(self._engine.store, now, now - MEASURED_OVER)
        whole = pooled([part_of(each) for each in recent])
        gauges: list[Metric] = []
        for measure in self._measures:
            if gauge := measure.gauge:
                number = gauge.number(measure.compute(whole))
                value = math.nan if number is None else number
                gauges.append(GaugeMetricFamily(gauge.name, gauge.help, value=value))
        self._measured = (now, gauges)
        return gauges


def _decisions(counted: list[Rooms]) -> Metric:
    name = "warroom_decisions_total"
    family = CounterMetricFamily(name, HELP[name], labels=("outcome",))
    count = Counter(dict.fromkeys(map(str, Outcome), 0))
    for each in counted:
        if each.outcome:
            count[each.outcome] += each.count
    for outcome, number in sorted(count.items()):
        family.add_metric((outcome,), number)
    return family


def _owed(counted: list[OwedCount], now: datetime) -> Iterator[Metric]:
    count = _by("warroom_follow_ups", "kind", "team")
    age = _by("warroom_follow_up_oldest_seconds", "team")
    oldest: dict[str, datetime] = {}
    for each in counted:
        team = each.team or ""
        count.add_metric((each.kind, team), each.count)
        oldest[team] = min(each.oldest, oldest.get(team, each.oldest))
    for team, since in oldest.items():
        age.add_metric((team,), max(0.0, (now - since).total_seconds()))
    yield count
    yield age


def _ends_of_exceptions(ending: Sequence[Ends]) -> Metric:
    family = _by("warroom_exception_ends_at", "exception", "policy", "team")
    for each in ending:
        family.add_metric((each.id, each.policy_id, each.team or ""), each.until.timestamp())
    return family


def _outbox(found: Health, now: datetime) -> Iterator[Metric]:
    depth = _by("warroom_outbox_depth", "urgency")
    age = _by("warroom_outbox_oldest_due_seconds", "urgency")
    for urgency in Urgency:
        waiting = found.outbox[urgency]
        depth.add_metric((urgency.name.lower(),), waiting.depth)
        age.add_metric((urgency.name.lower(),), waiting.due.late(now).total_seconds())
    yield depth
    yield age
    yield _gauge("warroom_outbox_parked", found.parked)


def _gauge(name: str, value: float) -> Metric:
    return GaugeMetricFamily(name, HELP[name], value=value)


def _by(name: str, *labels: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, HELP[name], labels=labels)
