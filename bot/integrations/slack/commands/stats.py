"""`/warroom stats`: the decision half-life and the measures beside it."""

import asyncio
import shlex

from bot.domain import duration
from bot.engine.cases import cases
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

USAGE = "stats [--policy X] [--team Y] [--since 30d]: decision half-life and shares"
OPTIONS = ("policy", "team", "since")


async def handle(invocation: Invocation) -> Reply:
    """Compute the figures."""
    given = options(invocation.words)
    policy = given.get("policy")
    if policy and policy not in invocation.config.policies:
        raise not_understood(policy, invocation.config.policies, USAGE)
    now = invocation.engine.now()
    try:
        since = duration.since(given["since"], now) if "since" in given else None
    except (ValueError, OverflowError) as error:
        found = outside(given["since"], 40)
        need = "a duration such as 30d or 2 weeks, or a day such as 2026-11-01"
        raise CannotError(f"`--since`: found `{found}`, need {need}.") from error

    def compute() -> Figures:
        recent = cases(invocation.engine.store, now, since, policy, given.get("team"))
        return figures(recent, SECONDS, invocation.measures)

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
