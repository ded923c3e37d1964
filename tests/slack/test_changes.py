"""The change behind a violation: told in the room, drawn nowhere, kept within bounds."""

import json
from typing import Any

import pytest

from bot.domain.lifecycle import open_room
from bot.domain.violation import LINES_SHOWN, Code, Origin
from bot.domain.war_room import WarRoom
from bot.integrations.slack.show import cards, details
from bot.integrations.slack.show.about import About
from bot.integrations.slack.verbs.registry import VERBS
from bot.policies.cel import CelError, compiled
from tests.build import POLICY, START, ada, made_by, rules, violation

HOSTILE = "*bold* ~no~ `x` ```<!channel> <@U0VAL> <https://evil.test|ok>\u202e:white_check_mark:"
CODE = Code(path="train/*run*.py", line=41, excerpt=("import datasets", f"\tload({HOSTILE!r})"))
ORIGIN = Origin(
    repository="acme/ranker",
    commit="8c1f2a7d" * 5,
    environment="production",
    run_url="https://ci.acme.test/218",
    run_id="218",
    job="train <!here>",
    author="Ada *Lovelace* <ada@acme.test>",
    commit_message=f"Train on all customers\n\n{HOSTILE}",
    changed_files=tuple(f"train/{number}.py" for number in range(300)),
    code=CODE,
)
FACTS = {"finding": {"rule": "dataset-mismatch", "message": "found customers_eu, declared none"}}


def _room(origin: Origin = ORIGIN) -> WarRoom:
    reported = violation(origin=origin, facts=FACTS)
    return open_room("room000001", reported, made_by(ada), rules(), START).after


def _about(room: WarRoom, **more: Any) -> About:  # noqa: ANN401 - what it is made of
    return About(room, POLICY, FACTS, START, **more)


def _typed(blocks: Any, kind: str) -> list[dict[str, Any]]:  # noqa: ANN401 - JSON
    if isinstance(blocks, list):
        return [found for each in blocks for found in _typed(each, kind)]
    if not isinstance(blocks, dict):
        return []
    own = [blocks] if blocks.get("type") == kind else []
    return own + [found for each in blocks.values() for found in _typed(each, kind)]


def test_the_card_has_finding_code_commit_author_files_job_and_environment() -> None:
    blocks = cards.card(_about(_room()), VERBS).blocks
    (code,) = _typed(blocks, "rich_text_preformatted")
    (element,) = code["elements"]
    first, second = element["text"].split("\n")
    assert element["type"] == "text"
    assert "style" not in element
    assert first == "   41  import datasets"
    assert second.startswith("   42      load(")
    assert "<!channel> <@U0VAL> <https://evil.test|ok>" in second  # as typed, in a text
    assert "\u202e" not in second
    text = json.dumps(blocks, ensure_ascii=False)
    for told in (
        "train/*run*.py:41",
        "dataset-mismatch",
        "found customers_eu, declared none",
        "Train on all customers",
        "Ada *Lovelace* <ada@acme.test>",
        "train/0.py, train/1.py, train/2.py, train/3.py, train/4.py, …",
        "job train <!here>, run 218",
        "production",
    ):
        assert told in text, told
    assert "train/6.py" not in text
    assert _typed(blocks, "user") == _typed(
        cards.card(_about(_room(Origin())), VERBS).blocks, "user"
    )


def test_of_several_findings_the_card_says_how_many_by_which_rules_and_the_first() -> None:
    told = [
        {"rule": rule, "path": f"train_{number}.py", "message": f"Learns from {number}. {HOSTILE}"}
        for number, rule in enumerate(("use-case", "dataset-class", "use-case", "syntax"))
    ]
    facts: dict[str, Any] = {"findings": told, "count": 140, "digest": "0"}
    room = _room()
    text = json.dumps(cards.card(About(room, POLICY, facts, START), VERBS).blocks)
    assert "140 findings: 2 x use-case, 1 x dataset-class, 1 x syntax" in text
    assert "train_2.py: Learns from 2." in text
    assert "Learns from 3." not in text
    odds: tuple[Any, ...] = ("x", [1], [{}], {"rule": 1})
    for odd in odds:
        cards.card(About(room, POLICY, {"findings": odd, "count": "x"}, START), VERBS)


def test_the_details_have_the_message_and_every_file() -> None:
    room = _room()
    whole = violation(origin=ORIGIN, facts=FACTS)
    text = json.dumps(details.view(_about(room, whole=whole)), ensure_ascii=False)
    assert ":white_check_mark:" in text
    assert "train/200.py" in text


def test_a_room_holds_no_more_of_it_than_it_shows() -> None:
    lines = tuple("x" * 500 for _ in range(40))
    large = ORIGIN.but(code=CODE.but(excerpt=lines), commit_message="y" * 4000)
    held = _room(large).violation.report.origin
    assert held.code
    assert len(held.code.excerpt) == LINES_SHOWN
    assert len(_room(large).model_dump_json()) < 12_000
    assert violation(origin=large).brief.report.origin.code == CODE.but(excerpt=())
    blocks = cards.card(_about(_room(large)), VERBS).blocks
    assert len(json.dumps(blocks)) <= 13_000


@pytest.mark.parametrize("name", ["author", "commit_message", "changed_files", "code"])
def test_no_condition_reads_what_whoever_made_the_change_has_written(name: str) -> None:
    with pytest.raises(CelError):
        compiled(f'origin.?{name}.orValue("") == "x"', {})
    compiled('origin.?job.orValue("") == "train"', {})
