"""Shortcuts of the app, on a message or from anywhere.

Rules
- Who takes one on a message sees that message; the bot need not be in its channel.
- There is none on what Slack itself has written, and none on what one person alone sees.
"""

from bot.local_slack.acting.act_context import ActContext, answered
from bot.local_slack.delivery.exchange import Delivery
from bot.local_slack.slack_errors import RefusedError
from bot.local_slack.state.records import Json


async def take(
    context: ActContext, user: str, callback_id: str, channel: str | None, ts: str | None
) -> Json:
    """Take a shortcut: a global one, or one on the message at `ts`. Raises RefusedError."""
    context.person(user)
    kind = "global" if ts is None else "message"
    known = {(one.callback_id, one.type) for one in context.workspace.config.shortcuts}
    if (callback_id, kind) not in known:
        raise RefusedError("no_such_shortcut", f"the app has no {kind} shortcut {callback_id}")
    if ts is None:
        payload = context.payloads.shortcut(user, callback_id)
    else:
        place = context.channel(user, channel or "")
        message = context.workspace.messages.find(place, ts, user)
        if message.subtype is not None or message.only_for is not None:
            raise RefusedError("no_such_shortcut", "there are no shortcuts on this message")
        payload = context.payloads.message_shortcut(user, callback_id, place, message)
    answer = await context.line.deliver(Delivery("interactive", payload["type"], payload))
    return answered(answer)
