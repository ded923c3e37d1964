"""`warroom policy suggest`: what could be approved beforehand, as people have always decided it."""

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import groupby
from pathlib import Path
from statistics import median
from typing import Any

import click

from bot.cli.since import recorded
from bot.domain import duration
from bot.domain.count import counted
from bot.engine.precedents import Precedents
from bot.integrations.extension import Extension
from bot.integrations.registry import with_built_in
from bot.measures.safe_text import columns, plain
from bot.policies.load import load
from bot.policies.suggest import Suggestion
from bot.settings import load_settings

REASON_MOST = 80


@click.command(short_help="Propose approvals beforehand, from past decisions.")
@click.option("--since", default="90d", show_default=True, help="2026-11-01, 30d, 2 weeks.")
@click.option(
    "--least",
    type=click.IntRange(min=2),
    default=5,
    show_default=True,
    metavar="N",
    help="How many decisions have to be alike.",
)
@click.option(
    "--config",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="The folder of the configuration; WARROOM_CONFIG unless given.",
)
@click.option("--json", "as_json", is_flag=True, help="For scripts.")
@click.pass_obj
def suggest(
    extensions: Sequence[Extension],
    *,
    since: str,
    least: int,
    folder: Path | None,
    as_json: bool,
) -> None:
    """Propose approvals beforehand where all decisions of one kind were alike; apply none.

    Alike are approvals and dismissals of one policy with the same source, kind of subject,
    environment and facts. Each proposal is an `auto_clear` for that policy, as narrow as they were,
    with an end and a sample, and with the decisions that speak for it. None holds for a violation
    of that policy that was rejected, overridden, withdrawn or not decided in time, whose approval
    was revoked, or that is open.
    """
    settings, now = load_settings(), datetime.now(UTC)
    config = load(folder or settings.warroom_config, with_built_in(extensions).sections)
    precedents = Precedents(config)
    count = 0
    for each in recorded(settings, since, now, "Reading what was decided"):
        precedents.add(each)
        count += 1
    found = list(precedents.suggestions(now, least))
    if as_json:
        shown = {"suggestions": [_as_json(each) for each in found]}
        click.echo(json.dumps(shown, indent=2, ensure_ascii=False))
        return
    for _, of_policy in groupby(found, key=lambda each: each.policy.id):
        for line in _text(list(of_policy)):
            click.echo(line)
    click.echo(f"{counted(len(found), 'suggestion')}, from {counted(count, 'violation')}.")


def _text(found: Sequence[Suggestion]) -> Iterator[str]:
    policy = found[0].policy
    begin = "    # below the auto_clear that is there" if policy.auto_clear else "    auto_clear:"
    yield from (f"# {policy.place}, at {policy.id}", begin)
    for each in found:
        yield from (f"    {line}" for line in _yaml(each))
    for each in found:
        saved = _saved(each)
        yield ""
        yield (
            f"{each.rule.id} would have saved {counted(saved['rooms'], 'room')} that asked "
            f"{counted(saved['people'], 'person', 'people')}, and a median wait of "
            f"{duration.words(timedelta(seconds=saved['median_seconds']))}."
        )
        rows = [
            ["", one["room"], one["outcome"], one["at"], one["by"], one["reason"]]
            for one in _evidence(each)
        ]
        yield from columns(rows)
    yield ""


def _yaml(suggestion: Suggestion) -> Iterator[str]:
    """The item of an `auto_clear`, with what its author has to know as comments."""
    rule, alike = suggestion.rule, suggestion.alike
    first, *rest = rule.when.text.split("\n")
    yield f"  - id: {rule.id}"
    yield "    when: >-"
    yield from (f"      {line}" for line in (first, *rest))
    yield f"    reason: {json.dumps(rule.reason)}"
    yield f"    owner: {json.dumps(rule.owner, ensure_ascii=False)}"
    yield f"    until: {(rule.until - timedelta(days=1)).date()}"
    yield f"    review_sample: {rule.review_sample:.0%}"
    if alike.declare:
        types = ", ".join(
            f"{json.dumps(name, ensure_ascii=False)}: {kind}"
            for name, kind in alike.declare.items()
        )
        yield f"    # to be declared at the policy: facts: {{{plain(types, 300)}}}"
    if alike.differing:
        yield f"    # differed, and may be anything: {plain(', '.join(alike.differing), 300)}"


def _saved(suggestion: Suggestion) -> dict[str, Any]:
    evidence = suggestion.evidence
    waits = [(each.at - each.opened_at).total_seconds() for each in evidence if each.at]
    return {
        "rooms": len(evidence),
        "people": sum(each.asked for each in evidence),
        "median_seconds": round(median(waits)),
    }


def _evidence(suggestion: Suggestion) -> Iterator[dict[str, str]]:
    for each in suggestion.evidence:
        yield {
            "room": each.room,
            "outcome": str(each.outcome),
            "at": f"{each.at:%Y-%m-%dT%H:%M:%SZ}" if each.at else "",
            "by": plain(each.by),
            "reason": plain(each.reason, REASON_MOST),
        }


def _as_json(suggestion: Suggestion) -> dict[str, Any]:
    rule, policy = suggestion.rule, suggestion.policy
    return {
        "policy": policy.id,
        "file": policy.file,
        "line": policy.line,
        "rule": {
            "id": rule.id,
            "when": rule.when.text,
            "reason": rule.reason,
            "owner": rule.owner,
            "until": f"{(rule.until - timedelta(days=1)).date()}",
            "review_sample": rule.review_sample,
        },
        "yaml": "\n".join(("auto_clear:", *_yaml(suggestion), "")),
        "declare": dict(suggestion.alike.declare),
        "differing": list(suggestion.alike.differing),
        "evidence": list(_evidence(suggestion)),
        "saved": _saved(suggestion),
    }
