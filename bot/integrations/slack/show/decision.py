"""The result of a decided room: what, by whom, when, why, under which policy.

Rules
- The reason is shown in full: it is the record that people read.
- It never offers a button.
- A word that only a newer version knows is shown as it stands.
- Once an exception has ended, or somebody has revoked it, that comes first, and what was decided is
  past.
"""

from datetime import datetime

from bot.domain.person import NEW_COMMIT, TIMEOUT
from bot.domain.policy import Policy
from bot.domain.war_room import Category, Decision, Outcome, Verdict, WarRoom
from bot.integrations.slack.show import held_back, scope
from bot.integrations.slack.show.blocks import context, quoted, section
from bot.integrations.slack.show.participants import called, several
from bot.integrations.slack.show.text import Block, date, name_of, outside, utc

OUTCOMES = {
    Outcome.APPROVED: "Approved",
    Outcome.OVERRIDDEN: "Overridden",
    Outcome.DISMISSED: "Not a violation",
    Outcome.REJECTED: "Rejected",
    Outcome.WITHDRAWN: "Withdrawn",
    Outcome.EXPIRED: "Expired",
    Outcome.SUPERSEDED: "Superseded",
}
CATEGORIES = {
    Category.WAIVER: "waiver: the risk is accepted",
    Category.MITIGATED: "mitigated: something else covers the risk",
}
BY_ITSELF = {TIMEOUT: "nobody decided in time", NEW_COMMIT: "a newer commit came"}
MARKS = {Verdict.ALLOW: "✅", Verdict.BLOCK: "⛔", Verdict.PENDING: "⏳"}
VERDICTS = {
    Verdict.ALLOW: "The change is *allowed*",
    Verdict.BLOCK: "The change stays *blocked*",
    Verdict.PENDING: "Nothing is decided yet",
}
_AGAIN = "The change is *blocked* again"
NEXT_RUN = "Where it is still needed, the next run of the pipeline opens a war room of its own."
_HOLDS = {Verdict.ALLOW: "Allowed", Verdict.BLOCK: "Blocked"}
UNKNOWN_VERDICT = "❔"  # the mark of a verdict that only a newer version knows
SHORT_DIGEST = len("sha256:") + 12


def result(room: WarRoom, policy: Policy, most: int = held_back.REASON) -> list[Block]:
    """The decision in full; nothing while there is none.

    What others had proposed has reasons of at most `most` characters.
    """
    decision = room.decision
    if decision is None:
        return []
    by = f"since {BY_ITSELF.get(decision.by, '')}"
    if decision.by not in BY_ITSELF:
        role = f" ({decision.role})" if decision.role else ""
        by = f"by {called(room, decision.by)}{role}"
        if decision.agreed:
            by += f"; {several(room, decision.agreed)} had proposed to allow it"
    label = "*Justification*" if decision.outcome is Outcome.OVERRIDDEN else "*Reason*"
    ended = room.exception_ended_at
    told = Verdict.BLOCK if ended else decision.verdict
    terms = [f"Verdict for pipelines: {told}"]
    if decision.category:
        terms.append(f"Category: {CATEGORIES.get(decision.category, decision.category)}")
    if decision.owner:
        terms.append(f"Owner: {called(room, decision.owner)}")
    if decision.valid_until:
        valid = "Was valid" if ended else "Valid"
        terms.append(f"{valid} until {date(ended or decision.valid_until)}")
    if decision.scope:
        terms.append(f"Holds for: {outside(scope.label(decision.scope), 100)}")
    over = [section(f"*{over_since(room, ended)}*\n{_AGAIN}. {NEXT_RUN}")] if ended else []
    means = "" if ended else f"\n{verdict(decision)}"
    return [
        *over,
        section(f"*{outcome(decision)}* {by}, {date(decision.at)}{means}"),
        *(quoted(label, decision.reason) if decision.reason.strip() else []),
        *held_back.decided(room, most),
        context(" · ".join(terms)),
        context(
            f"Policy {outside(policy.id, 100)}, {outside(decision.policy_place, 200)}, "
            f"`{short(decision.policy_digest)}`"
        ),
    ]


def outcome(decision: Decision) -> str:
    """The outcome in words."""
    return OUTCOMES.get(decision.outcome, decision.outcome)


def headline(decision: Decision, room: WarRoom) -> str:
    """What holds and why, with its mark: `Allowed: overridden`, or that an exception is over."""
    sign = mark(decision, room)
    if room.exception_ended_at:
        return f"{sign} Blocked again: exception {_how_it_ended(room)}"
    holds, why = _HOLDS.get(decision.verdict), outcome(decision)
    return f"{sign} {f'{holds}: {why[:1].lower()}{why[1:]}' if holds else why}"


def mark(decision: Decision, room: WarRoom) -> str:
    """The sign for the verdict that holds."""
    if room.exception_ended_at:
        return MARKS[Verdict.BLOCK]
    return MARKS.get(decision.verdict, UNKNOWN_VERDICT)


def verdict(decision: Decision) -> str:
    """What it means for the change, in a sentence."""
    end = decision.valid_until
    until = f" until {date(end)}, and *blocked* again from then on" if end else ""
    meaning = VERDICTS.get(decision.verdict, f"The verdict is *{decision.verdict}*")
    if decision.by == TIMEOUT:
        return f"The policy's default holds. {meaning}."
    if decision.by == NEW_COMMIT:
        return f"{meaning}; the newer commit has an answer of its own."
    return f"{meaning}{until}."


def in_a_line(decision: Decision, room: WarRoom) -> str:
    """The decision for where Slack formats nothing: a topic, a notification."""
    if ended := room.exception_ended_at:
        return f"exception {_how_it_ended(room)} on {utc(ended)}: {Verdict.BLOCK}"
    by = BY_ITSELF.get(decision.by, f"by the {decision.role}")
    until = f" until {utc(decision.valid_until)}" if decision.valid_until else ""
    return f"{outcome(decision)} ({by}) on {utc(decision.at)}: {decision.verdict}{until}"


def over_since(room: WarRoom, ended: datetime) -> str:
    """Since when the exception is over, and by whom if somebody has revoked it."""
    if room.revoked_by:
        return f"{called(room, room.revoked_by)} revoked the exception {date(ended)}"
    return f"The exception ended {date(ended)}"


def _how_it_ended(room: WarRoom) -> str:
    by = room.revoked_by
    return f"revoked by {name_of(room.person(by))}" if by else "ended"


def short(digest: str) -> str:
    """A digest's beginning, enough to compare by eye."""
    return outside(digest[:SHORT_DIGEST], SHORT_DIGEST)
