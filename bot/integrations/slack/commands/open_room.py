"""`/warroom open`: report a violation by hand."""

import asyncio

from bot.integrations.slack.commands.invocation import CannotError, Invocation, Reply
from bot.integrations.slack.commands.subcommand import Subcommand
from bot.integrations.slack.deliver.failures import SlackFailure, error_name
from bot.integrations.slack.hear.answers import PATIENCE
from bot.integrations.slack.show.modals import open_modal
from bot.integrations.slack.show.text import outside

USAGE = "open: report a violation that no pipeline has seen"


async def handle(invocation: Invocation) -> Reply:
    """Open the form."""
    view = open_modal(invocation.config.policies)
    try:
        async with asyncio.timeout(PATIENCE):
            await invocation.client.views_open(trigger_id=invocation.trigger_id, view=view)
    except SlackFailure as error:
        name = outside(error_name(error), 100)
        raise CannotError(f"Slack didn't open the form ({name}). Please try again.") from error
    return None


OPEN = Subcommand(USAGE, handle)
