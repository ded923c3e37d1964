"""Replays on which terms people decide: they follow from the policy and from what was reported.

Rules
- A room is as grave, is open for as long, is decided in those roles and is as private as its policy
  says of the violation that opens it, or of the band that this falls into.
- What joins makes the terms graver where its own are, and never less grave.
- What came out of a storm has the terms of that: they ask for no less than its own, and its window
  is as long as one of its policy's. That it came out of one is told by when it had come in.
- A room stays under the policy that it was opened under, and what joins comes under the one that is
  loaded by then: which that was isn't on record, so any that was ever loaded by its id will do.
- A room from before there were bands has the policy's terms.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta

from bot.domain import events as e
from bot.domain.policy import DECIDERS, Policy
from bot.domain.terms import Terms
from bot.domain.violation import Severity, Violation, graver
from bot.domain.war_room import WarRoom
from bot.evidence.findings import Kind
from bot.evidence.judging import Found, Judged
from bot.policies.matching import in_room

ASKED_BEFORE = timedelta(minutes=1)
_COMPARED = ("severity", "window", "decide")


def opening(judged: Judged, event: e.Opened, policy: Policy) -> Iterator[Found]:
    """What is wrong with the terms of a new room."""
    if event.private != policy.private:
        yield Found(Kind.DECISION, f"its policy makes it {'' if policy.private else 'not '}private")
    if policy.bands and event.basis is None:
        yield Found(Kind.CITED, "its policy has bands, and it doesn't say into which it falls")
    said = Terms(
        severity=event.severity, window=event.window, decide=event.decide, basis=event.basis
    )
    violation = event.violation
    if violation.received_at < judged.recorded.at and not event.is_storm:
        yield from _window(said.window, judged, policy)
        yield from _by_any(
            judged, policy, violation, lambda own, version: _less(said, own, version)
        )
    else:
        yield from _least_of(_otherwise(said, own, policy) for own in _own(policy, violation))


def joined(judged: Judged, room: WarRoom, event: e.Joined, policy: Policy) -> Iterator[Found]:
    """What is wrong with a room's terms once something has joined it."""
    if room.basis is None:  # from before what joined had terms
        return
    if event.terms is None and not policy.bands and room.decide == DECIDERS:
        severity = _severity(policy, event.violation)
        if graver(room.severity, severity) == room.severity:  # as nearly all that joins: it is fast
            return
    said, terms = event.terms or room.terms, room.terms
    unlike = _unlike
    if event.violation.received_at < judged.recorded.at:
        unlike = _less
        if said.window < room.window:
            yield from _window(said.window, judged, policy)
    yield from _by_any(
        *(judged, policy, event.violation),
        lambda own, version: unlike(said, terms.with_joined(own), version),
    )


def _by_any(
    judged: Judged,
    policy: Policy,
    violation: Violation,
    unlike: Callable[[Terms, Policy], Iterator[Found]],
) -> Sequence[Found]:
    """What is wrong by a policy, unless nothing is by another that was loaded by its id."""
    found = _least_of(unlike(own, policy) for own in _own(policy, violation))
    if not found:
        return ()
    others = [each for each in judged.versions(policy.id) if each is not policy]
    fits = (not any(unlike(own, each)) for each in others for own in _own(each, violation))
    if any(fits):
        return ()
    rests = any(each.bands for each in others)
    return [replace(each, rests_on_values=rests or each.rests_on_values) for each in found]


def _own(policy: Policy, violation: Violation) -> Iterator[Terms]:
    """On which terms people decide on a violation, as its policy says.

    The policy was asked before the violation had its place in the record. Where it asks for the
    time, it may have been another minute.
    """
    if not policy.bands:
        yield Terms(severity=_severity(policy, violation), window=policy.window)
        return
    yield in_room(policy, violation)[0].terms(None)
    if any(band.when and "now" in band.when.text for band in policy.bands):
        asked_at = violation.received_at - ASKED_BEFORE
        yield in_room(policy, violation.but(received_at=asked_at))[0].terms(None)


def _severity(policy: Policy, violation: Violation) -> Severity:
    """How grave a violation is that falls into no band."""
    reported = violation.report.severity
    return graver(policy.severity, reported) if reported else policy.severity


def _least_of(each: Iterable[Iterator[Found]]) -> Sequence[Found]:
    """What is wrong by whichever terms say least."""
    return min(map(tuple, each), key=len)


def _otherwise(said: Terms, own: Terms, policy: Policy) -> Iterator[Found]:
    yield from _unlike(said, own, policy)
    if own.basis and said.basis and own.basis.band != said.basis.band:
        yield Found(Kind.DECISION, "its policy leads to another band", True)


def _unlike(said: Terms, own: Terms, policy: Policy) -> Iterator[Found]:
    """What isn't as it is derived; into which band it falls rests on its facts."""
    differ = [name for name in _COMPARED if getattr(said, name) != getattr(own, name)]
    rests = bool(policy.bands)
    if said.window < own.window:
        differ.remove("window")
        yield Found(Kind.EARLY_EXPIRY, f"its policy lets people decide for {own.window}", rests)
    if differ:
        yield Found(Kind.DECISION, f"its policy leads to another {', '.join(differ)}", rests)


def _less(said: Terms, own: Terms, policy: Policy) -> Iterator[Found]:
    """What asks for less than what is known of the terms that it came with."""
    if said.with_joined(own) != said:
        yield Found(Kind.DECISION, "its policy leads to graver terms", bool(policy.bands))


def _window(window: timedelta, judged: Judged, policy: Policy) -> Iterator[Found]:
    """What is wrong with a window that is none of those that a policy ever gave."""
    each = (policy, *judged.versions(policy.id))
    windows = {band.window for one in each for band in one.bands if band.window}
    windows.update(one.window for one in each)
    if window < min(windows):
        yield Found(Kind.EARLY_EXPIRY, f"its policy lets people decide for {min(windows)}")
    if window > max(windows):
        yield Found(Kind.DECISION, f"its policy lets people decide for {max(windows)}")
