"""`/warroom stats`: the decision half-life and the measures beside it."""

import asyncio
import shlex

from bot.domain import duration
from bot.engine.cases import cases, decided_beforehand
from bot.integrations.slack.commands.invocation import (
    CannotError,
    Invocation,
    Reply,
    not_understood,
    straight,
)
from bot.integrations.slack.commands.subcommand import Subcommand
from bot.integrations.slack.show.text import outside
from bot.measures.figures import Figures, figures
from bot.measures.part import SECONDS
from bot.measures.report import slack_text

USAGE = "stats [--policy X] [--team Y] [--risk Z] [--since 30d]: decision half-life and shares"
OPTIONS = ("policy", "team", "risk", "since")


async def handle(invocation: Invocation) -> Reply:
    """Compute the figures."""
    given, config = options(invocation.words), invocation.config
    policies: frozenset[str] | None = None
    for option, known in (
        ("policy", {each: frozenset({each}) for each in config.policies}),
        ("risk", config.by_risk),
    ):
        if (word := given.get(option)) and word not in known:
            raise not_understood(word, known, USAGE)
        if word:
            policies = known[word] if policies is None else policies & known[word]
    now = invocation.engine.now()
    try:
        since = duration.since(given["since"], now) if "since" in given else None
    except (ValueError, OverflowError) as error:
        found = outside(given["since"], 40)
        need = "a duration such as 30d or 2 weeks, or a day such as 2026-11-01"
        raise CannotError(f"`--since`: found `{found}`, need {need}.") from error

    def compute() -> Figures:
        asked = (since, policies, given.get("team"))
        recent = cases(invocation.engine.store, now, *asked)
        beforehand = decided_beforehand(invocation.engine.store, *asked)
        classes = config.risk_classes
        return figures(recent, SECONDS, invocation.measures, beforehand, classes)

    return slack_text(await asyncio.to_thread(compute))


def options(words: str) -> dict[str, str]:
    """`--name value` and `--name=value` by name. CannotError for anything else."""
    try:
        left = shlex.split(straight(words))
    except ValueError as error:
        raise CannotError("A quotation mark has no end.") from error
    given: dict[str, str] = {}
    while left:
        name, has_value, value = left.pop(0).partition("=")
        if not has_value and left and name.startswith("--"):
            value = left.pop(0)
        key = name.removeprefix("--")
        if key not in OPTIONS:
            raise not_understood(name, [f"--{option}" for option in OPTIONS], USAGE)
        if not name.startswith("--") or not value:
            raise CannotError(f"`--{key}` needs a value. `/warroom {USAGE}`")
        given[key] = value
    return given


STATS = Subcommand(USAGE, handle)
