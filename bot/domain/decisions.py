"""The decisions: what settles a room, by whom, with which words.

Rules
- Whoever decides settles what they were shown: what has joined since is looked at first.
- Nothing is allowed while Slack is being asked whose change it is; where that stays unknown, one
  person alone doesn't allow it (see `separation`).
- A withdrawal says by itself that the check has succeeded since.
- What allows has a reason, where its policy doesn't say otherwise; letters and digits in it count.
- An approval and an override hold for a scope and until an end; a dismissal needs neither.
"""

from datetime import timedelta
from typing import TypeVar

from bot.domain import commands as c
from bot.domain import duration, proposals, separation, storm
from bot.domain import events as e
from bot.domain import scope as scopes
from bot.domain.ask import Answer, Ask, C, misfit, outside_review
from bot.domain.policy import OfferedScope, OnExpiry
from bot.domain.refusal import Refusal, Why
from bot.domain.scope import COMMIT_SHOWN
from bot.domain.superseding import Supersede
from bot.domain.war_room import Category, Decision, Outcome, Proposal, Verdict, WarRoom

A = TypeVar("A", c.Approve, c.Override)


def approve(ask: Ask[c.Approve]) -> Answer:
    """The change is within policy; with a reason where the policy needs one."""
    reason = ask.command.reason.strip()
    least = ask.rules.policy.least_for_approval(ask.room.severity)
    refused = misfit("reason", reason, least) or _unseen(ask.room, ask.command)
    return refused or _allowed(ask, Outcome.APPROVED, reason)


def override(ask: Ask[c.Override]) -> Answer:
    """A documented exception: long enough a justification, short enough a validity."""
    command, rule = ask.command, ask.rules.policy.override
    justification = " ".join(command.justification.split())
    if refused := misfit("justification", justification, rule.min_justification):
        return refused
    if not timedelta(0) < command.validity <= rule.max_validity:
        message = (
            f"Found {duration.words(command.validity)}, this policy allows at most "
            f"{duration.words(rule.max_validity)}."
        )
        return Refusal(Why.INVALID, message, "validity")
    if refused := outside_review(command.review_at, ask.now, ask.now + command.validity):
        return refused
    return _unseen(ask.room, command) or _allowed(
        ask,
        Outcome.OVERRIDDEN,
        command.justification.strip(),
        category=command.category,
        validity=command.validity,
    )


def reject(ask: Ask[c.Reject]) -> Answer:
    """With a reason."""
    reason = ask.command.reason.strip()
    refused = misfit("reason", reason) or _unseen(ask.room, ask.command)
    return refused or _decided(ask, Outcome.REJECTED, reason)


def dismiss(ask: Ask[c.Dismiss]) -> Answer:
    """It was no violation; with a reason where the policy needs one."""
    reason = ask.command.reason.strip()
    least = ask.rules.policy.reasons.least_for_dismissal()
    refused = misfit("reason", reason, least) or _unseen(ask.room, ask.command)
    return refused or _decided(ask, Outcome.DISMISSED, reason)


def withdraw(ask: Ask[c.Withdraw]) -> Answer:
    """By an initiator; in a room of several violations it takes all of them."""
    if ask.room.is_storm and not storm.all_by(ask.room, ask.actor):
        message = (
            f"War room {ask.room.id} holds changes of others too, and a withdrawal takes all. "
            "Ask the validator to settle yours apart; you can withdraw it there."
        )
        return Refusal(Why.NOT_ALLOWED, message)
    note = ask.command.note.strip()
    return misfit("note", note, 0) or _decided(ask, Outcome.WITHDRAWN, note or _fixed(ask.room))


def expire(ask: Ask[c.Expire]) -> Answer:
    """The policy's default, once the window has ended."""
    if ask.now < ask.room.expires_at:
        return Refusal(Why.NOTHING_TO_DO, "The window has not ended.")
    window = duration.words(ask.room.expires_at - ask.room.opened_at)
    reason = (
        f"Nobody decided within {window}; the policy's default is {ask.rules.policy.on_expiry}."
    )
    return _decided(ask, Outcome.EXPIRED, reason)


def supersede(ask: Ask[Supersede]) -> Answer:
    """By a newer commit, which has its own answer; the room is about others of its pull request."""
    about = ask.room.contents.pull_request
    if about is None or ask.command.commit in about.commits:
        return Refusal(Why.NOTHING_TO_DO, "What this war room is about is no older commit.")
    reason = f"Commit {ask.command.commit[:COMMIT_SHOWN]} of {about.name} has taken its place."
    return _decided(ask, Outcome.SUPERSEDED, reason)


def _allowed(
    ask: Ask[A],
    outcome: Outcome,
    reason: str,
    category: Category | None = None,
    validity: timedelta | None = None,
) -> Answer:
    """What holds for a scope: the one that was chosen, or the narrowest that there is."""
    wanted, report = ask.command.scope, ask.room.violation.report
    offered = scopes.offered(ask.rules.policy, report, ask.command.holding)
    there = {scopes.name_of(each): each for each in offered}
    if wanted and wanted not in there:
        need = ", ".join(there) or "nothing besides what is in this war room"
        return Refusal(Why.INVALID, f"Found {wanted!r}, this can be allowed for: {need}.", "scope")
    scope = there[wanted] if wanted else next(iter(offered), None)
    return _decided(ask, outcome, reason, category=category, validity=validity, scope=scope)


def _decided(
    ask: Ask[C],
    outcome: Outcome,
    reason: str,
    *,
    category: Category | None = None,
    validity: timedelta | None = None,
    scope: OfferedScope | None = None,
) -> Answer:
    verdict, others = outcome.verdict, tuple[str, ...]()
    if outcome is Outcome.EXPIRED and ask.rules.policy.on_expiry is OnExpiry.ALLOW:
        verdict = Verdict.ALLOW
    elif verdict is Verdict.ALLOW:
        ask = separation.in_its_role(ask)
        others = separation.agreed(ask, validity, scope)
        if refusal := _unidentified(ask.room) or separation.refused(ask, reason):
            return refusal
        if separation.takes_second(ask, others):
            proposal = Proposal(
                by=ask.actor,
                role=ask.role,
                at=ask.now,
                outcome=outcome,
                reason=reason,
                category=category,
                validity=validity,
                scope=scope,
            )
            return _proposed(ask, proposal)
    holds = ask.rules.policy.holds if outcome is Outcome.APPROVED else validity
    decision = Decision(
        outcome=outcome,
        verdict=verdict,
        by=ask.actor,
        account=ask.account,
        role=ask.acting_role,
        at=ask.now,
        reason=reason,
        category=category,
        owner=ask.actor if outcome is Outcome.OVERRIDDEN else None,
        valid_until=ask.now + holds if holds else None,
        policy_digest=ask.room.policy_digest,
        policy_place=ask.rules.policy.place,
        configuration=ask.rules.configuration,
        agreed=others,
        scope=scope,
        review_at=ask.command.review_at if isinstance(ask.command, c.Override) else None,
    )
    return (e.Decided(decision=decision),)


def _proposed(ask: Ask[C], proposal: Proposal) -> Answer:
    before = proposals.by(ask.room, ask.actor)
    if before and before.but(at=ask.now, told=()) == proposal:
        message = "You have proposed this already: a second person has to allow it too."
        field = "justification" if proposal.validity else "reason"
        return Refusal(Why.INVALID, message, field)
    # Who was told of what they proposed before reads there what they propose now.
    told = before.told if before else ()
    called = (name for name in proposals.to_call(ask.room, proposal) if name not in told)
    return (e.Proposed(proposal=proposal, notify=tuple(called)),)


def _unidentified(room: WarRoom) -> Refusal | None:
    """The refusal of an allow while Slack is being asked whose change it is."""
    if not room.awaited:
        return None
    return Refusal(
        Why.UNIDENTIFIED,
        "Slack is being asked who made this change, and whoever it was can't decide on it. "
        "Please try again in a moment.",
    )


def _fixed(room: WarRoom) -> str:
    """Why a change is withdrawn whose check has succeeded since; nothing where it hasn't."""
    success = room.fixed
    if success is None:
        return ""
    commit = " on the same commit" if room.violation.report.origin.commit else ""
    attempt = f", attempt {success.attempt}" if success.attempt else ""
    run = f": {success.run_url}" if success.run_url else ""
    return f"fixed: the same check succeeded{commit}{attempt}{run}"


def _unseen(room: WarRoom, command: c.Deciding) -> Refusal | None:
    """The refusal of a decision that would settle what whoever decides was not shown."""
    count = storm.unseen(room, command.shown_count)
    if not count:
        return None
    more = "1 more violation" if count == 1 else f"{count} more violations"
    message = f"{more} came in since you were shown this. Look again, then decide."
    return Refusal(Why.GROWN, message)
