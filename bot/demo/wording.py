"""The panel's sentences: what became of a violation that was sent, and whom to be next."""

import re
import shlex
import sys
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Any

from markupsafe import Markup, escape

from bot.demo.sending import Answer
from bot.demo.watch import Sent
from bot.domain.channel_names import channel_name
from bot.domain.war_room import Verdict, WarRoom

_CHANNEL = re.compile(r"https?://[\w.:\[\]-]+/app_redirect\?channel=\w+")


def answered(answer: Answer, room: WarRoom | None, limit: str) -> str:
    """The bot's answer in a line; `room` settles what it took, `limit` what it opens alone.

    What has no room was cleared by a rule or a band, or is waived under an exception.
    """
    said = f"{answer.status} {HTTPStatus(answer.status).phrase}"
    if answer.status != HTTPStatus.ACCEPTED:
        return f"The bot took nothing: {said}"
    return f"The bot answered {said}: {_became(answer, room, limit)}"


def _became(answer: Answer, room: WarRoom | None, limit: str) -> str:
    if answer.body.get("status") == "succeeded":
        return f"war room {answer.body['room_id']} is told of it"
    if answer.violation is None:
        return f"ignored, {answer.body['reason']}"
    if room is None:
        return f"{allowed(answer.body)}, so nobody is asked"
    name = f"#{channel_name(room)}"
    if answer.body["duplicate"]:
        return f"a duplicate of what {name} has"
    if room.is_storm:
        return f"{room.policy_id} opened {limit}, so it gathers with others in {name}"
    opened = room.violation.id == answer.violation
    return f"{'opened' if opened else 'joined the open room'} {name}"


def allowed(verdict: Mapping[str, Any]) -> str:
    """By what it is allowed without a room: a rule, with its place, or an exception."""
    if rule := verdict.get("rule"):
        return f"allow, cleared by {rule['id']} ({rule['file']}:{rule['line']})"
    if waiver := verdict.get("exception"):
        until = f"{datetime.fromisoformat(waiver['until']):%Y-%m-%d %H:%M} UTC"
        return f"allow, waived until {until} under exception {waiver['id']}"
    return str(verdict["verdict"])


def explain(violation_id: str, now: datetime, ahead: timedelta) -> str:
    """The command that says why a violation is answered so at the demo's time, to be pasted."""
    command = f"{warroom()} policy explain {violation_id}"
    return f"{command} --now {now:%Y-%m-%dT%H:%M:%SZ}" if ahead else command


def warroom() -> str:
    """What starts `warroom` in a shell here: it stands beside Python, which need not be on PATH."""
    place, here = Path(sys.executable).parent / "warroom", Path.cwd()
    return shlex.quote(str(place.relative_to(here) if place.is_relative_to(here) else place))


def refused(answer: Answer) -> list[dict[str, str]]:
    """Why it was not taken: the path of each field with what it needs, or one reason for all."""
    if answer.status == HTTPStatus.ACCEPTED:
        return []
    if not isinstance(answer.body, dict):
        return [{"path": "", "message": str(answer.body)}]
    fields = answer.body.get("detail") or [{"path": "", "message": answer.body["message"]}]
    return [{"path": field["path"], "message": field["message"]} for field in fields]


def waiting(sent: Sequence[Sent]) -> Sent | None:
    """The newest that waits for a decision."""
    return next((each for each in sent if each.gate["verdict"] == Verdict.PENDING), None)


def names(users: Sequence[str], people: Mapping[str, str]) -> str:
    """First names: `Ada, Val and Jude`."""
    first = [people.get(user, user).partition(" ")[0] for user in users]
    return " and ".join(filter(None, [", ".join(first[:-1]), *first[-1:]]))


def linked(text: str) -> Markup:
    """What a command wrote, with a link where it names a room's channel."""
    links = _CHANNEL.sub(lambda found: f'<a href="{found[0]}">{found[0]}</a>', escape(text))
    return Markup(links)  # noqa: S704 - escaped, and an address without quotes
