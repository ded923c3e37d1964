"""What a menu offers, and a choice in it: a verb that has no button of its own."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from bot.local_slack import Clicked, People, SlackMessage, SlackView, Submitted

Shown = SlackMessage | SlackView


@dataclass(frozen=True)
class Choice:
    """An option of a menu: a verb, or the details, of a room."""

    verb: str
    room_id: str
    label: str
    value: str
    block_id: str


def choices(shown: Shown) -> tuple[str, ...]:
    """What the menus of a message or view offer, in order: verbs, and the details."""
    return tuple(choice.verb for choice in in_menus(shown.blocks))


def is_settled(shown: Shown) -> bool:
    """Whether nothing is left to decide; what was allowed may still be renewed or revoked."""
    return set(shown.action_ids) <= {"exception_renew", "exception_revoke"}


def offered(shown: Shown) -> tuple[str, ...]:
    """What a message or view offers, by a button or in a menu."""
    return tuple(one for one in shown.action_ids if one != "more") + choices(shown)


def in_menus(blocks: list[dict[str, Any]]) -> Iterator[Choice]:
    """All that the menus of some blocks offer."""
    for block in blocks:
        for element in block.get("elements", []):
            if element.get("action_id") == "more":
                for option in element["options"]:
                    verb, _, room_id = option["value"].partition(":")
                    label = option["text"]["text"]
                    block_id = block.get("block_id", "")
                    yield Choice(verb, room_id, label, option["value"], block_id)


async def choose(
    people: People,
    *,
    user: str,
    verb: str,
    channel: str | None = None,
    ts: str | None = None,
    view_id: str | None = None,
    room_id: str | None = None,
) -> Clicked:
    """Choose a verb in a menu that `user` sees: of the newest message, or of a view.

    Given `ts`, in that message; given `room_id`, for that room, where a view shows several.
    """
    for shown in await _seen(people, user, channel, view_id):
        if ts is not None and isinstance(shown, SlackMessage) and shown.ts != ts:
            continue
        for choice in in_menus(shown.blocks):
            if choice.verb == verb and room_id in (None, choice.room_id):
                return await people.click(
                    user=user,
                    action_id="more",
                    channel=channel,
                    ts=shown.ts if isinstance(shown, SlackMessage) else None,
                    view_id=view_id,
                    block_id=choice.block_id,
                    value=choice.value,
                )
    raise AssertionError(f"{user} sees no menu with {verb} in {channel or view_id}")


async def withdraw(people: People, *, user: str, channel: str | None) -> Submitted:
    """Withdraw the change: chosen in the menu, and its form sent in, which asks nothing."""
    await choose(people, user=user, channel=channel, verb="withdraw")
    form = await people.wait_for_modal(user=user, callback_id="withdraw_modal")
    return await people.submit(user=user, view_id=form.id)


async def _seen(
    people: People, user: str, channel: str | None, view_id: str | None
) -> tuple[Shown, ...]:
    """The messages of a channel, newest first; or the view."""
    if channel is not None:
        return tuple(reversed(await people.messages(user, channel)))
    home = await people.home(user)
    views = (*await people.views(user), *([home] if home else []))
    return tuple(view for view in views if view.id == view_id)
