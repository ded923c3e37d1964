"""Holds what an exception covers to the violations of its room, with their facts.

Rules
- It covers what is the same as one of them within its scope, in that one's band, and no graver.
  Without a scope it covers nothing besides what was decided on.
- Facts stand in the events alone, so violations are held whole until their room is decided. Of a
  room with more than `MOST` of them nothing is said.
"""

from collections.abc import Iterator

from bot.domain import events as e
from bot.domain import exception as x
from bot.domain import scope
from bot.domain.exception_life import ALLOWS
from bot.domain.policy import OfferedScope, Policy
from bot.domain.violation import Violation
from bot.engine.waiving import is_unknown
from bot.evidence.findings import Kind
from bot.evidence.judging import Found, Held
from bot.policies.matching import in_room

MOST = 50


def after(held: Held | None, event: object) -> Held | None:
    """What is held of a room after one of its events; None where nothing is any more."""
    match event:
        case e.Opened():
            return Held(violations=(event.violation,))
        case e.Joined() if held and held.violations:
            more = (*held.violations, event.violation)
            return Held(violations=more if len(more) <= MOST else ())
        case e.Split() if held:
            staying = (each for each in held.violations if each.id not in event.violations)
            return Held(violations=tuple(staying))
        case e.Decided() if event.decision.outcome not in ALLOWS:
            return None
        case x.Granted():
            return None
    return held


def faults(event: x.Granted, policy: Policy, held: Held | None) -> Iterator[Found]:
    """What is wrong with what an exception covers; `held` are its room's violations."""
    if event.scope is None:
        if event.covers:
            yield Found(Kind.DECISION, "it covers something without a scope")
    elif held and held.violations and event.covers:
        more = list(event.covers)
        covers = _covers(policy, held.violations, event.scope)
        while more and (there := next(covers, None)):  # the first is all that there is, mostly
            more = [said for said in more if not _is_within(said, there)]
        if more:
            what = "it covers more than what is the same as its war room's violations"
            yield Found(Kind.DECISION, what, True)


def _covers(
    policy: Policy, violations: tuple[Violation, ...], within: OfferedScope
) -> Iterator[x.Cover]:
    for violation in violations:
        judgement, ask = in_room(policy, violation)
        key = scope.key(policy, violation.report, within)
        if key and scope.holds(within, ask) and not is_unknown(judgement):
            band = judgement.band.id if judgement.band else None
            yield x.Cover(key=key, severity=judgement.severity, band=band)


def _is_within(said: x.Cover, there: x.Cover) -> bool:
    same = (said.key, said.band) == (there.key, there.band)
    return same and said.severity.rank <= there.severity.rank
