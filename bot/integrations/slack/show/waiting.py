"""Which pipelines wait at the gate for a room, and which went on with its decision."""

import json
from collections.abc import Sequence

from bot.domain.violation import Violation
from bot.domain.war_room import Verdict
from bot.engine.waiting import MOST
from bot.integrations.slack.show import links
from bot.integrations.slack.show.blocks import MESSAGE_SIZE, sections
from bot.integrations.slack.show.text import Rendered, outside

_WORDS = {
    Verdict.PENDING: "Waits at the gate",
    Verdict.ALLOW: "Went on",
    Verdict.BLOCK: "Was stopped",
}
_WORD = 100
_ADDRESS = 300

Pipelines = Sequence[tuple[Violation, Verdict]]


def with_pipelines(message: Rendered, pipelines: Pipelines) -> Rendered:
    """`message` with what they do by now under it, where Slack takes as much in one."""
    blocks = [*message.blocks, *sections(_lines(pipelines))]
    fits = len(json.dumps(blocks, ensure_ascii=False)) <= MESSAGE_SIZE
    return Rendered(message.text, blocks) if fits else message


def _lines(pipelines: Pipelines) -> list[str]:
    found = []
    for verdict, words in _WORDS.items():
        named = [_named(each) for each, told in pipelines[:MOST] if told is verdict]
        if named:
            found.append(f"*{words}*: {', '.join(dict.fromkeys(named))}")
    return [*found, *(["… and more"] if len(pipelines) > MOST else [])]


def _named(violation: Violation) -> str:
    origin = violation.report.origin
    address = origin.run_url or ""
    run = links.run(address) if 0 < len(address) <= _ADDRESS else ""
    parts = [
        outside(origin.repository or violation.report.title, _WORD),
        outside(origin.job, _WORD) if origin.job else "",
        f"run {outside(origin.run_id, _WORD)}" if origin.run_id else "",
        f"({run})" if run else "",
    ]
    return " ".join(filter(None, parts))
