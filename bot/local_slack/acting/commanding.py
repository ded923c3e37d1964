"""Slash commands.

Rules
- The text reaches the bot escaped: `@name`, `#channel` and `@group` become mentions with their
  ids, `&`, `<` and `>` become entities.
- What the bot answers in its acknowledgement is shown to the person alone, or to the channel.
- `/invite` is Slack's own: no app hears of it.
"""

from bot.local_slack.acting.act_context import ActContext, answered
from bot.local_slack.acting.escaping import escaped
from bot.local_slack.acting.inviting import INVITE, invite_named
from bot.local_slack.delivery.exchange import Answer, Delivery
from bot.local_slack.delivery.response_urls import say
from bot.local_slack.slack_errors import RefusedError, SlackError
from bot.local_slack.state.records import Channel, Json
from bot.local_slack.state.tickets import ResponseUrl


async def command(context: ActContext, user: str, channel: str, text: str) -> Json:
    """Type a command, such as `/status all`, into a channel. Raises RefusedError."""
    place = context.channel(user, channel)
    name, _, rest = text.strip().partition(" ")
    if name == INVITE:
        invite_named(context, user, place, rest)
        return {"channel": place.id, **answered(Answer(acked=True)), "ts": None}
    known = context.workspace.config.commands
    foreign = known is not None and name not in {one.command for one in known}
    if not name.startswith("/") or foreign:
        raise RefusedError("no_such_command", f"{name} is not a valid command")
    if user not in place.members or place.archived:
        raise RefusedError("not_in_channel", f"{user} can't write in {place.id}")
    payload = context.payloads.command(user, place, name, escaped(context, user, rest.strip()))
    answer = await context.line.deliver(Delivery("slash_commands", "command", payload))
    return {"channel": place.id, **answered(answer), **_shown(context, user, place, answer)}


def _shown(context: ActContext, user: str, channel: Channel, answer: Answer) -> Json:
    """What of the acknowledgement is shown as a message."""
    if not answer.acked or answer.body in (None, "", {}):
        return {"ts": None}
    place = ResponseUrl(user, channel.id, None, 0.0)
    try:
        said = say(context.workspace, place, answer.body)
    except SlackError as error:
        return {"ts": None, "refused": error.answer()}
    return {"ts": said.ts if said is not None else None}
