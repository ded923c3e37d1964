"""How a verdict looks from outside: the one JSON that the gate and the callbacks give."""

import re
from datetime import UTC, datetime
from typing import Any

from bot.domain import answers as answering
from bot.domain.answers import Answered, Answers, gravest_room
from bot.domain.clean_text import clean
from bot.domain.person import SLACK, account
from bot.domain.war_room import WarRoom

AUTO_CLEARED = "auto_cleared"  # the outcome of what a rule allows

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


def verdict(violation_id: str, answers: Answers, now: datetime) -> dict[str, Any]:
    """The verdict on one violation as it holds at `now`: of all policies that it breaks together.

    What it says of a decision is of the answer that gives the verdict its word, the gravest of
    several; `room_id` is the gravest room's. `decided_by` is a person's name, as people.yaml has
    it; whom it doesn't name has that of their account, `slack:U0EVE`, the clock is `system:timeout`
    and a rule `rule:internal-copies`. `decided_by_account` is with which account they did.

    Past the validity of an override it is `block` again: an exception is one until its end. What
    only a newer version can read allows nothing.
    """
    telling, room = answering.telling(answers, now), gravest_room(answers)
    told = telling.room if telling else None
    decision = told.decision if told else None
    cleared = telling.clearance if telling else None
    return {
        "violation_id": violation_id,
        "room_id": room and room.id,
        "policy": telling and telling.policy_id,
        "policy_digest": told.policy_digest if told else cleared and cleared.rule.digest,
        "verdict": answering.verdict(answers, now),
        "outcome": decision.outcome if decision else cleared and AUTO_CLEARED,
        "reason": named(decision.reason, told) if decision and told else cleared and cleared.reason,
        "decided_by": clean(decision.by) if decision else cleared and f"rule:{cleared.rule.id}",
        "decided_by_account": clean(decision.account) if decision and decision.account else None,
        "decided_at": stamp(decision.at) if decision else cleared and stamp(cleared.at),
        "valid_until": stamp(decision.valid_until) if decision and decision.valid_until else None,
        "expires_at": room and stamp(room.expires_at),
        "room_url": room and room_url(room.channel),
        **resting_on(telling),
        "answers": [listed(answer, now) for answer in answers],
    }


def listed(answer: Answered, now: datetime) -> dict[str, Any]:
    """One policy's answer, as it stands among those of a violation."""
    return {
        "policy": answer.policy_id,
        "answer": answer.kind,
        "verdict": answer.verdict(now),
        "room_id": answer.room and answer.room.id,
    }


def resting_on(answer: Answered | None) -> dict[str, Any]:
    """The rule by which an answer allows something; nothing where people decide."""
    if answer is None or answer.clearance is None:
        return {}
    return {"rule": answer.clearance.rule.model_dump(include={"id", "file", "line", "digest"})}
