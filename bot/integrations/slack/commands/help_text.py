"""`/warroom help`: what there is, and the nearest to a word that there isn't."""

from difflib import get_close_matches

from bot.integrations.slack.commands.invocation import Invocation, Reply
from bot.integrations.slack.commands.subcommand import Subcommand
from bot.integrations.slack.show.blocks import context, section
from bot.integrations.slack.show.text import Rendered, outside

USAGE = "help [word]: this list"
PURPOSE = "One policy violation, one room, three people and a clock: what nobody decides, expires."


async def handle(invocation: Invocation) -> Reply:
    """Say what there is; `words` is what was asked for instead, if anything."""
    usages = (usage.partition(":") for usage in invocation.usages.values())
    lines = [f"• `/warroom {words}`:{meaning}" for words, _, meaning in usages]
    purpose = PURPOSE
    word = invocation.words.split(" ")[0]
    if word and word.lower() not in invocation.usages:
        near = get_close_matches(word.lower(), invocation.usages, n=1)
        meant = f" Did you mean `/warroom {near[0]}`?" if near else ""
        purpose = f"There is no `/warroom {outside(word, 40)}`.{meant}\n{PURPOSE}"
    where = "In a war room's channel these mean that room; elsewhere add its #channel or its id."
    return Rendered(purpose, [section(purpose), section("\n".join(lines)), context(where)])


HELP = Subcommand(USAGE, handle)
