"""Clicks on buttons, and choices in menus, of messages and views.

Rules
- The element has to be there, in something the person sees; without a timestamp the newest
  message that has it is meant.
- An element of an input block reaches the bot only if the block has `dispatch_action`.
"""

from bot.local_slack.acting.act_context import ActContext, answered
from bot.local_slack.delivery.exchange import Delivery
from bot.local_slack.delivery.payloads import action_of
from bot.local_slack.slack_errors import RefusedError
from bot.local_slack.state.entered import NotOfferedError, entry, starting_values
from bot.local_slack.state.identified import find_element
from bot.local_slack.state.records import Channel, Json, Message, Values, View

_BUTTONS = frozenset({"button", "workflow_button", "icon_button"})


async def click_message(
    context: ActContext,
    user: str,
    channel: str,
    action_id: str,
    *,
    ts: str | None = None,
    block_id: str | None = None,
    value: object = None,
) -> Json:
    """Click an element of a message. Raises RefusedError."""
    place = context.channel(user, channel)
    message, block, element = _in_messages(context, place, user, action_id, ts, block_id)
    values = message.entered.setdefault(user, starting_values(message.all_blocks))
    chosen = _choose(block, element, value, values)
    action = action_of(context.workspace.core, block, element, chosen)
    payload = context.payloads.message_action(user, place, message, action)
    answer = await context.line.deliver(Delivery("interactive", "block_actions", payload))
    return {"ts": message.ts, "channel": place.id, **answered(answer)}


async def click_view(
    context: ActContext,
    user: str,
    view_id: str,
    action_id: str,
    *,
    block_id: str | None = None,
    value: object = None,
) -> Json:
    """Click an element of an open modal or of the home tab. Raises RefusedError."""
    view = view_of(context, user, view_id)
    try:
        block, element = find_element(view.blocks, action_id, block_id)
    except KeyError as error:
        raise _no_such(action_id, f"view {view_id}") from error
    chosen = _choose(block, element, value, view.entered)
    if block["type"] == "input" and not block.get("dispatch_action"):
        return {"view_id": view.id, **answered(None)}
    action = action_of(context.workspace.core, block, element, chosen)
    payload = context.payloads.view_action(user, view, action)
    answer = await context.line.deliver(Delivery("interactive", "block_actions", payload))
    return {"view_id": view.id, **answered(answer)}


def view_of(context: ActContext, user: str, view_id: str) -> View:
    """A view the person has in front of them: an open modal, or the home tab."""
    context.person(user)
    home = context.workspace.views.home(user)
    for view in [*context.workspace.views.stack(user), *([home] if home else [])]:
        if view.id == view_id:
            return view
    raise RefusedError("view_not_found", f"{user} has no view {view_id} open")


def _in_messages(
    context: ActContext,
    channel: Channel,
    user: str,
    action_id: str,
    ts: str | None,
    block_id: str | None,
) -> tuple[Message, Json, Json]:
    for message in reversed(context.workspace.messages.seen_by(channel, user)):
        if ts not in (None, message.ts):
            continue
        try:
            return message, *find_element(message.all_blocks, action_id, block_id)
        except KeyError:
            continue
    raise _no_such(action_id, f"channel {channel.id}" + (f" at {ts}" if ts else ""))


def _choose(block: Json, element: Json, value: object, values: Values) -> Json | None:
    """Note what was chosen; None for a button, which has its own value."""
    if element["type"] in _BUTTONS:
        return None
    try:
        chosen = entry(element, value)
    except NotOfferedError as error:
        raise RefusedError("no_such_option", str(error)) from error
    if element["type"] != "overflow":
        values.setdefault(block["block_id"], {})[element["action_id"]] = chosen
    return chosen


def _no_such(action_id: str, where: str) -> RefusedError:
    return RefusedError("no_such_action", f"no element {action_id} in {where}")
