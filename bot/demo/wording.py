"""The panel's sentences: what became of a violation that was sent, and whom to be next."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus

from bot.demo.sending import Answer
from bot.demo.watch import Sent
from bot.domain.channel_names import channel_name
from bot.domain.war_room import Verdict, WarRoom


def answered(answer: Answer, room: WarRoom | None, limit: str) -> str:
    """The bot's answer in a line; `room` settles what it took, `limit` what it opens alone."""
    said = f"{answer.status} {HTTPStatus(answer.status).phrase}"
    head = f"The bot answered {said}"
    if answer.status != HTTPStatus.ACCEPTED:
        return f"The bot took nothing: {said}"
    if answer.body.get("status") == "succeeded":
        return f"{head}: war room {answer.body['room_id']} is told of it"
    if room is None:
        return f"{head}: ignored, {answer.body['reason']}"
    name = f"#{channel_name(room)}"
    if answer.body["duplicate"]:
        return f"{head}: a duplicate of what {name} has"
    if room.is_storm:
        return f"{head}: {room.policy_id} opened {limit}, so it gathers with others in {name}"
    opened = room.violation.id == answer.violation
    return f"{head}: {'opened' if opened else 'joined the open room'} {name}"


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
