"""How a verdict looks from outside: the one JSON that the gate and the callbacks give."""

import re
from datetime import UTC, datetime
from typing import Any

from bot.domain import answers as answering
from bot.domain.access import roles_of
from bot.domain.answers import Answered, Answers, gravest_room
from bot.domain.clean_text import clean
from bot.domain.clearance import Clearance
from bot.domain.exception import PolicyException
from bot.domain.person import SLACK, account
from bot.domain.war_room import WarRoom

ANY_WORKSPACE = "https://slack.com"  # its address of a channel, whichever workspace that is in
AUTO_CLEARED, WAIVED = "auto_cleared", "waived"  # the outcomes of what nobody was asked about

_MENTION = re.compile(r"<@(?P<id>[A-Za-z0-9]+)(?:\|[^<>]*)?>")
_CALL = re.compile(r"<(?=[@!])")  # as Slack's own begin: <@U0ADA>, <!channel>


def stamp(when: datetime) -> str:
    """ISO 8601 in UTC, with a Z."""
    return when.astimezone(UTC).isoformat().replace("+00:00", "Z")


def room_url(channel: str | None, workspace: str) -> str | None:
    """Where a room's channel opens; by Slack's own address, where the reader is signed in."""
    return f"{workspace}/app_redirect?channel={channel}" if channel else None


def named(reason: str, known: WarRoom | PolicyException) -> str:
    """A reason that is fit to be read, and calls nobody wherever it is put.

    Whom it mentions has the name that the room or exception has for them, or that of their account.
    """
    people = {each: who.name for who in known.people.values() for each in who.accounts}

    def name(mention: re.Match[str]) -> str:
        mentioned = account(SLACK, mention["id"])
        return clean(people.get(mentioned, mentioned))

    return _CALL.sub("", _MENTION.sub(name, clean(reason)))


def verdict(
    violation_id: str, answers: Answers, now: datetime, workspace: str = ANY_WORKSPACE
) -> dict[str, Any]:
    """The verdict on one violation as it holds at `now`: of all policies that it breaks together.

    What it says of a decision is of the answer that gives the verdict its word, the gravest of
    several; `room_id` is the gravest room's. `decided_by` is a person's name, as people.yaml has
    it; whom it doesn't name has that of their account, `slack:U0EVE`, the clock is `system:timeout`
    and a rule `rule:internal-copies`. `decided_by_account` is with which account they did.

    Past the validity of an override it is `block` again: an exception is one until its end. What
    only a newer version can read allows nothing. Rooms are at the address of the `workspace`.
    """
    telling, room = answering.telling(answers, now), gravest_room(answers)
    return {
        "violation_id": violation_id,
        "room_id": room and room.id,
        "policy": telling and telling.policy_id,
        "verdict": answering.verdict(answers, now),
        **_said(telling),
        "expires_at": room and stamp(room.expires_at),
        "room_url": room and room_url(room.channel, workspace),
        "answers": [listed(answer, now) for answer in answers],
        **_asked(answers),
    }


def _asked(answers: Answers) -> dict[str, Any]:
    """Since when people are asked, who was paged, and when they have seen it."""
    rooms = [each.room for each in answers if each.room]
    paged = {
        (clean(name), role): seen and stamp(seen)
        for room in rooms
        for name in room.pages
        for role in roles_of(room, name)
        for seen in (room.acknowledged.get(name),)
    }
    return {
        "opened_at": stamp(min(room.opened_at for room in rooms)) if rooms else None,
        "paged": [
            {"person": person, "role": role, "seen_at": seen}
            for (person, role), seen in paged.items()
        ],
    }


_UNDECIDED: dict[str, Any] = {
    **dict.fromkeys(("policy_digest", "outcome", "reason")),
    **dict.fromkeys(("decided_by", "decided_by_account", "decided_at", "valid_until")),
}


def _said(answer: Answered | None) -> dict[str, Any]:
    """What an answer says of the decision that it is, or rests on."""
    if answer and answer.clearance:
        return _UNDECIDED | _cleared(answer.clearance)
    if answer and answer.exception:
        return _UNDECIDED | _waived(answer.exception)
    if answer and answer.room:
        return _UNDECIDED | {"policy_digest": answer.room.policy_digest} | _decided(answer.room)
    return _UNDECIDED


def _decided(room: WarRoom) -> dict[str, Any]:
    decision = room.decision
    if decision is None:
        return {}
    until = room.exception_ended_at or decision.valid_until
    return {
        "outcome": decision.outcome,
        "reason": _revoked(room) or named(decision.reason, room),
        "decided_by": clean(decision.by),
        "decided_by_account": decision.account and clean(decision.account),
        "decided_at": stamp(decision.at),
        "valid_until": until and stamp(until),
    }


def _cleared(clearance: Clearance) -> dict[str, Any]:
    return {
        "policy_digest": clearance.rule.digest,
        "outcome": AUTO_CLEARED,
        "reason": clean(clearance.reason),
        "decided_by": f"rule:{clearance.rule.id}",
        "decided_at": stamp(clearance.at),
        "rule": clearance.rule.model_dump(include={"id", "file", "line", "digest"}),
    }


def _waived(exception: PolicyException) -> dict[str, Any]:
    until = exception.revoked_at or exception.until
    allowed_by = clean(exception.allowed_by)
    return {
        "policy_digest": exception.policy_digest,
        "outcome": WAIVED,
        "reason": _revoked(exception) or named(exception.reason, exception),
        "decided_by": allowed_by,
        "decided_by_account": exception.account and clean(exception.account),
        "decided_at": stamp(exception.allowed_at),
        "valid_until": stamp(until),
        "exception": {"id": exception.id, "until": stamp(until), "allowed_by": allowed_by},
    }


def _revoked(known: WarRoom | PolicyException) -> str:
    """Why what was allowed is so no more, where somebody has revoked it."""
    if known.revoked_by is None:
        return ""
    return f"revoked by {clean(known.revoked_by)}: {named(known.revoked_for or '', known)}"


def listed(answer: Answered, now: datetime) -> dict[str, Any]:
    """One policy's answer, as it stands among those of a violation."""
    return {
        "policy": answer.policy_id,
        "answer": answer.kind,
        "verdict": answer.verdict(now),
        "room_id": answer.room and answer.room.id,
    }
