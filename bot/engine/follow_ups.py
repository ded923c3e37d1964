"""Follow-ups: raised in the transaction of what led to them.

Rules
- Which violations that a rule clears are looked at afterwards, their ids say (see `sampled`).
- A sample is owed by the validator on duty: the first of the roster, in the order of duty, who made
  no part of the change. Where every validator made it, the adjudicator on duty owes it instead;
  where nobody is left there either, there is nobody to ask, and nothing is owed.
- Whoever is behind the change is an initiator, also by an account that is nobody's yet.
- What is owed for a rule's end is settled by the load that moves or removes that.
"""

import hashlib
from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from bot.domain.assignments import assigned
from bot.domain.exception import PolicyException
from bot.domain.follow_up import SAMPLE_TIME, CloseFollowUp, FollowUpKind, Owe, sampled
from bot.domain.follow_up_lifecycle import FOLLOW_UP, FollowUpStep
from bot.domain.makers import Attributed
from bot.domain.person import BY_SYSTEM, Person, name_in, unlisted
from bot.domain.policy import DECIDERS, ClearRule, Policy, Rules
from bot.domain.refusal import Refusal
from bot.domain.violation import Violation, graver
from bot.engine.ids import new_id
from bot.engine.streams import Streams
from bot.storage.follow_ups import stored_about
from bot.storage.transaction import Transaction

FOLLOW_UP_ID = 10


def owe(transaction: Transaction, streams: Streams, command: Owe) -> FollowUpStep | Refusal:
    """Have something owed from now on, with all that follows."""
    return streams.apply(transaction, FOLLOW_UP, command.id, command, BY_SYSTEM)


def open_about(transaction: Transaction, about: str) -> set[str]:
    """The ids of what is owed about something, with what the transaction itself has changed.

    `about` is as a follow-up has it: `exception:…`.
    """
    changed = transaction.changed(FOLLOW_UP)
    raised = {each.id for each in changed if each.about == about and each.closure is None}
    settled = {each.id for each in changed if each.closure}
    return (raised | set(stored_about(transaction.connection, about))) - settled


def settle(transaction: Transaction, streams: Streams, about: str, reason: str) -> None:
    """Close what is owed about something, since it was settled: renewed, say, or revoked."""
    done = CloseFollowUp(reason=reason)
    for follow_up_id in sorted(open_about(transaction, about)):
        streams.apply(transaction, FOLLOW_UP, follow_up_id, done, BY_SYSTEM)


class Ending(NamedTuple):
    """The end of a rule, of which its owner owes a renewal."""

    policy: Policy
    rule: ClearRule

    @property
    def id(self) -> str:
        """The follow-up's id: one for each end of each rule."""
        named = f"{self.policy.id}/{self.rule.id}/{self.rule.until.isoformat()}"
        return hashlib.sha256(named.encode()).hexdigest()[:FOLLOW_UP_ID]


def settle_moved_ends(
    transaction: Transaction, streams: Streams, policies: Iterable[Policy], load: int
) -> None:
    """Close what is owed for ends of rules that a load with this number doesn't have any more."""
    there = {Ending(policy, rule).id for policy in policies for rule in policy.auto_clear}
    done = CloseFollowUp(reason=f"Load {load} of the configuration doesn't have this end any more.")
    # What is owed for a rule's end is about nothing that came in.
    for follow_up_id in sorted(open_about(transaction, "") - there):
        streams.apply(transaction, FOLLOW_UP, follow_up_id, done, BY_SYSTEM)


def draw(
    transaction: Transaction,
    streams: Streams,
    violation: Violation,
    makers: tuple[Attributed, ...],
    rules: Rules,
    rule: ClearRule,
) -> FollowUpStep | Refusal | None:
    """Have what a rule has cleared looked at, where it is in the sample that the rule asks for.

    None where it isn't, or nobody could look at it.
    """
    if not sampled(violation.id, rule.review_sample):
        return None
    command = sample(violation, makers, rules, rule, transaction.now)
    return owe(transaction, streams, command) if command else None


def renewal(exception: PolicyException, others: tuple[Person, ...]) -> Owe:
    """What the owner of an exception owes before its end, or one of `others` in their place."""
    return Owe(
        id=new_id(FOLLOW_UP_ID),
        kind=FollowUpKind.RENEWAL,
        owner=exception.person(exception.owner),
        others=others,
        initiators=tuple(map(exception.person, exception.initiators)),
        room_id=exception.id,
        exception_id=exception.id,
        policy_id=exception.policy_id,
        severity=exception.severity,
        team=exception.team,
        title=exception.title,
        because=f"the exception {exception.id}, which was given because: {exception.reason}",
        until=exception.until,
    )


def sample(
    violation: Violation,
    makers: tuple[Attributed, ...],
    rules: Rules,
    rule: ClearRule,
    now: datetime,
) -> Owe | None:
    """What is owed for a violation that was drawn; None where nobody could owe it."""
    policy, report = rules.policy, violation.report
    made = {person.name: person for each in makers for person in each.persons}
    made |= {each: unlisted(each) for maker in makers for each in maker.accounts}
    rosters = [policy.roster(role) for role in DECIDERS]
    members = {
        name: rules.people.get(name) or unlisted(name)
        for roster in rosters
        for name in (*roster.members, *roster.backups)
    }
    initiators = {name_in(members, person) for person in made.values()}
    for each in assigned(policy, initiators):
        group = each.unknown_group or each.unknown_backup_group
        if each.on_duty is None and group is None:
            continue
        others = [name for name in each.holders if name != each.on_duty]
        return Owe(
            id=new_id(FOLLOW_UP_ID),
            kind=FollowUpKind.SAMPLE,
            owner=members[each.on_duty] if each.on_duty else None,
            others=tuple(map(members.__getitem__, others)),
            group=group,
            initiators=tuple(made.values()),
            violation_id=violation.id,
            policy_id=policy.id,
            severity=graver(report.severity or policy.severity, policy.severity),
            team=report.team,
            title=report.title,
            because=f"the rule {rule.id} ({policy.file}:{rule.line}): {rule.reason}",
            until=now + SAMPLE_TIME,
        )
    return None
