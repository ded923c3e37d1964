"""`/warroom help`: what there is, and the nearest to a word that there isn't."""

from difflib import get_close_matches

from bot.integrations.slack.commands.ask import Ask, Reply
from bot.integrations.slack.show.blocks import context, section
from bot.integrations.slack.show.text import Rendered, outside

USAGE = "help: this list"
PURPOSE = "One policy violation, one room, three people and a clock: what nobody decides, expires."


async def handle(ask: Ask) -> Reply:
    """Say what there is; `words` is what was asked for instead, if anything."""
    lines = [f"• `/warroom {_bold(usage)}" for usage in ask.usages.values()]
    known = f"{_unknown(ask)}\n{PURPOSE}"
    blocks = [section(known.strip()), section("\n".join(lines))]
    where = "In a war room's channel these mean that room; elsewhere add its id."
    return Rendered(known.strip(), [*blocks, context(where)])


def _unknown(ask: Ask) -> str:
    word = ask.words.split(" ")[0]
    if not word or word.lower() in ask.usages:
        return ""
    near = get_close_matches(word.lower(), ask.usages, n=1)
    meant = f" Did you mean `/warroom {near[0]}`?" if near else ""
    return f"There is no `/warroom {outside(word, 40)}`.{meant}"


def _bold(usage: str) -> str:
    words, _, meaning = usage.partition(":")
    return f"{words}`:{meaning}"
