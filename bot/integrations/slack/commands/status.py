"""`/warroom status`: one room as it stands, with the buttons that the person may use."""

from bot.integrations.slack.commands.ask import Ask, CannotError, Reply
from bot.integrations.slack.hear.answers import unknown
from bot.integrations.slack.show import cards

USAGE = "status [room]: what it is about, who is needed, until when"


async def handle(ask: Ask) -> Reply:
    """Show a room."""
    room, left = await ask.room()
    if left:
        raise CannotError(f"{unknown(left)} `/warroom list` has those that are open.")
    return cards.status(room, await ask.policy(room), ask.user)
