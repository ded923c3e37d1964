"""Exceptions as people see them: what one allows, until when, how often it waived, what to do.

Rules
- Only what is active offers anything: what has ended or was revoked says so.
- A message for all offers both buttons, one for a person what that person may do. Whoever clicks is
  checked then. A button's value is the exception's id.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from bot.domain import access
from bot.domain.count import counted
from bot.domain.exception import PolicyException
from bot.domain.exception_life import ALLOWS, REVOKES
from bot.domain.person import Person
from bot.domain.policy import Policy
from bot.domain.war_room import Outcome, WarRoom
from bot.integrations.slack.show import links, scope
from bot.integrations.slack.show.blocks import (
    Detail,
    actions,
    context,
    divider,
    quoted,
    section,
    sections,
    words,
)
from bot.integrations.slack.show.inputs import modal, reason, review, validity
from bot.integrations.slack.show.text import Block, View, date, outside, person

RENEW, REVOKE = "exception_renew", "exception_revoke"
RENEW_MODAL, REVOKE_MODAL = "renew_modal", "revoke_modal"
ACTIONS, MODALS = (RENEW, REVOKE), (RENEW_MODAL, REVOKE_MODAL)
LISTED = 5  # where other things stand beside them
_LABELS: Mapping[str, str] = {RENEW: "Renew…", REVOKE: "Revoke…"}
_TITLE, _WORDS, _SCOPE, _REASON = 200, 1000, 75, 1000


def in_its_room(
    exception: PolicyException | None, now: datetime, detail: Detail, name: str | None = None
) -> list[Block]:
    """What a decision allows besides what it was taken on, and what became of that since.

    On the page of somebody by `name` it is counted only for those who answer for it.
    """
    if exception is None:
        return []
    answers = name in (None, exception.allowed_by, exception.owner)
    told = [
        allowed(exception, now, min(_WORDS, 2 * detail.quote)),
        _review(exception, now),
        waived(exception) if answers else "",
    ]
    since: list[Block] = []
    if exception.renewals:
        head = f"*Renewed* by {_who(exception, exception.allowed_by)}, {date(exception.allowed_at)}"
        since += quoted(head, exception.reason, min(detail.quote, _REASON))
    if exception.revoked_by and exception.revoked_at:
        head = f"*Revoked* by {_who(exception, exception.revoked_by)}, {date(exception.revoked_at)}"
        since += quoted(head, exception.revoked_for or "", min(detail.quote, _REASON))
    return [*sections(filter(None, told)), *since]


def allowed(exception: PolicyException, now: datetime, most: int) -> str:
    """What it allows besides what was decided on, and until when; in the past once it is over."""
    holds = exception.is_active(now)
    if exception.scope is None:
        return f"It {'allows' if holds else 'allowed'} nothing besides what was decided on."
    label = outside(scope.label(exception.scope), _SCOPE)
    end = date(exception.until if exception.revoked_at is None else exception.revoked_at)
    what = outside(exception.allows, most)
    return f"*{'Also allows' if holds else 'Also allowed'}*, for {label}, until {end}: {what}"


def waived(exception: PolicyException) -> str:
    """How often it has allowed what was found again, and when last; nothing where it never has."""
    if not exception.newest:
        return ""
    last = exception.newest[-1]
    run_url = last.report.origin.run_url
    by = f" by {links.run(run_url)}" if run_url else ""
    times = counted(exception.waived, "time")
    return f"*Violated and waived since*: {times}, last {date(last.received_at)}{by}"


def for_all(exception: PolicyException, now: datetime) -> list[Block]:
    """Both buttons while it is active."""
    return buttons(exception, ACTIONS) if exception.is_active(now) else []


def for_person(
    exception: PolicyException | None, room: WarRoom, name: str, now: datetime
) -> list[Block]:
    """What somebody, called by their name in its room, may do with it while it is active."""
    if exception is None or not exception.is_active(now) or name in room.initiators:
        return []
    roles = set(access.roles_of(room, name))
    may = [RENEW] if roles & ALLOWS.get(exception.outcome, frozenset()) else []
    may += [REVOKE] if roles & REVOKES or name == exception.owner else []
    return buttons(exception, may)


def buttons(exception: PolicyException, action_ids: Sequence[str]) -> list[Block]:
    """What can be done with an exception."""
    return actions([button(action_id, exception.id) for action_id in action_ids])


def button(action_id: str, exception_id: str) -> Block:
    """One of the buttons."""
    return {
        "type": "button",
        "action_id": action_id,
        "text": words(_LABELS[action_id]),
        "value": exception_id,
    }


def line(exception: PolicyException, now: datetime, most: int) -> str:
    """An exception in a list: what it is on, what it allows, who allowed it, how often it did."""
    policy, team = outside(exception.policy_id, _SCOPE), exception.team
    about = [
        f"allowed by {_who(exception, exception.allowed_by)} ({exception.role})",
        f"owner {_who(exception, exception.owner)}",
        policy,
        *([f"team {outside(team, _SCOPE)}"] if team else []),
        _review(exception, now),
    ]
    return "\n".join(
        filter(
            None,
            (
                f"`{exception.id}` *{outside(exception.title, _TITLE)}*",
                allowed(exception, now, most),
                " · ".join(filter(None, about)),
                waived(exception),
            ),
        )
    )


def listed(
    shown: Sequence[tuple[PolicyException, WarRoom]],
    who: Person,
    now: datetime,
    most: int,
    left: int = 0,
) -> list[Block]:
    """Exceptions with what somebody may do with each; `left` are not shown."""
    blocks: list[Block] = []
    for exception, room in shown:
        offered = for_person(exception, room, room.name_of(who), now)
        blocks += [divider(), section(line(exception, now, most)), *offered]
    if left > 0:
        blocks.append(context(f"… and {counted(left, 'more exception')}"))
    return blocks


def renew_modal(exception: PolicyException, policy: Policy, now: datetime, metadata: str) -> View:
    """Asks why it is to go on, and for how long."""
    overrides = exception.outcome is Outcome.OVERRIDDEN
    least = (
        policy.override.min_justification
        if overrides
        else policy.least_for_approval(exception.severity)
    )
    most = policy.override.max_validity if overrides else policy.holds
    blocks = [
        *_named(exception, now),
        reason("Why is it to go on? It needs another reason than before.", max(1, least)),
        validity("How long does it hold from now on?", most, longer_than=exception.until - now),
        review(),
    ]
    return modal(RENEW_MODAL, "Renew the exception", "Renew", metadata, blocks)


def revoke_modal(exception: PolicyException, policy: Policy, now: datetime, metadata: str) -> View:
    """Asks why it is to end now."""
    del policy
    told = "It allows nothing any more from then on, and pipelines that wait are told at once."
    blocks = [*_named(exception, now), section(told), reason("Why? The record keeps this.")]
    return modal(REVOKE_MODAL, "Revoke the exception", "Revoke", metadata, blocks)


def _review(exception: PolicyException, now: datetime) -> str:
    """When it is looked at again, while it holds."""
    if exception.review_at is None or not exception.is_active(now):
        return ""
    return (
        f"Review {'was due' if now >= exception.review_at else 'due'} {date(exception.review_at)}"
    )


def _named(exception: PolicyException, now: datetime) -> list[Block]:
    said = (f"*{outside(exception.title, _TITLE)}*", allowed(exception, now, _WORDS))
    told = quoted("*It was given because*", exception.reason, _REASON) if exception.reason else []
    return [section("\n".join(said)), *told, context(f"Exception `{exception.id}`")]


def _who(exception: PolicyException, name: str) -> str:
    return person(exception.person(name))
