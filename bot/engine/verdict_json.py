"""How a room looks from outside: the one JSON that the gate and the callbacks give."""

import re
from datetime import UTC, datetime
from typing import Any

from bot.domain.clean_text import clean
from bot.domain.person import SLACK, account
from bot.domain.war_room import Verdict, WarRoom

_MENTION = re.compile(r"<@(?P<id>[A-Za-z0-9]+)(?:\|[^<>]*)?>")
_CALL = re.compile(r"<(?=[@!])")  # as Slack's own begin: <@U0ADA>, <!channel>


def stamp(when: datetime) -> str:
    """ISO 8601 in UTC, with a Z."""
    return when.astimezone(UTC).isoformat().replace("+00:00", "Z")


def room_url(channel: str | None) -> str | None:
    """Where a room's channel opens, in whichever workspace the reader is."""
    return f"https://slack.com/app_redirect?channel={channel}" if channel else None


def named(reason: str, room: WarRoom) -> str:
    """A reason that is fit to be read, and calls nobody wherever it is put.

    Whom it mentions has the name that the room has for them, or else that of their account.
    """
    people = {known: who.name for who in room.people.values() for known in who.accounts}

    def name(mention: re.Match[str]) -> str:
        mentioned = account(SLACK, mention["id"])
        return clean(people.get(mentioned, mentioned))

    return _CALL.sub("", _MENTION.sub(name, clean(reason)))


def verdict(violation_id: str, room: WarRoom | None, now: datetime) -> dict[str, Any]:
    """The verdict on one violation of a room as it holds at `now`, with its reason.

    `decided_by` is a person's name, as people.yaml has it; whom it doesn't name has that of their
    account, `slack:U0EVE`, and the clock is `system:timeout`. `decided_by_account` is with which
    account they did.

    Past the validity of an override it is `block` again: an exception is one until its end.
    Without a room only a newer version can give the answer, and nothing is allowed yet.
    """
    decision = room and room.decision
    return {
        "violation_id": violation_id,
        "room_id": room and room.id,
        "policy": room and room.policy_id,
        "policy_digest": room and room.policy_digest,
        "verdict": decision.verdict_at(now) if decision else Verdict.PENDING,
        "outcome": decision and decision.outcome,
        "reason": named(decision.reason, room) if room and decision else None,
        "decided_by": decision and clean(decision.by),
        "decided_by_account": decision and decision.account and clean(decision.account),
        "decided_at": stamp(decision.at) if decision else None,
        "valid_until": stamp(decision.valid_until) if decision and decision.valid_until else None,
        "expires_at": room and stamp(room.expires_at),
        "room_url": room and room_url(room.channel),
    }
