"""The card is what the passport says, and what people wrote; nothing of either is lost."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from bot.cli.main import main
from bot.passport.card import BEGIN, END, card
from bot.passport.keys import PrivateKey
from bot.passport.model_card import front_matter, of_card
from tests.passport import files

PREDICATE: dict[str, Any] = {
    "name": "ranker",
    "version": "7",
    "baseModels": [{"name": "acme/encoder-base"}],
    "datasets": [
        {
            "name": "acme/clicks",
            "classification": "internal",
            "covenant": {"id": "C-7", "until": "2026-12-31T23:59:59Z"},
        }
    ],
    "evaluation": [
        {"metric": "auc", "value": 0.81, "n": 900},
        {"metric": "auc", "group": "north", "value": 0.79, "low": 0.7, "high": 0.85},
    ],
    "limits": ["Not for *medical* use."],
    "licence": "apache-2.0",
    "decisions": [
        {
            "id": "room000001",
            "outcome": "overridden",
            "until": "2026-12-04T09:00:00Z",
            "log": {"origin": "acme.test/log", "index": 7},
        }
    ],
    "files": [],
    "madeAt": "2026-11-28T12:00:00Z",
    "from": {},
    "missing": ["owner", "team"],
}
THEIRS = """\
---
# for the hub
license: mit   # to be changed
tags:
  - ranking   # ours
datasets: [acme/old]
pipeline_tag: text-ranking
---
# Ranker

What people wrote.
"""


def test_what_a_passport_says_stands_in_the_card() -> None:
    text = card("", PREDICATE)
    for words in (
        "# ranker",
        "| acme/clicks |  | internal |  | C-7 until 2026-12-31T23:59:59Z |",
        "| auc | north | 0.79 | 0.7 to 0.85 |  |",
        "| auc | all | 0.81 |  | 900 |",
        "- Not for \\*medical\\* use.",
        "| room000001 | overridden |  | 2026-12-04T09:00:00Z | leaf 7 of acme.test/log |",
        "Nothing was found of: owner, team.",
    ):
        assert words in text, text
    assert PREDICATE["madeAt"] not in text


def test_what_people_wrote_stays_letter_by_letter() -> None:
    text = card(THEIRS, PREDICATE)
    for theirs in ("# for the hub\n", "tags:\n  - ranking   # ours\n", "\nWhat people wrote.\n"):
        assert theirs in text
    front = front_matter("README.md", text)
    assert front is not None
    assert front.data["license"] == "apache-2.0"
    assert front.data["datasets"] == ["acme/clicks"]
    assert front.data["pipeline_tag"] == "text-ranking"
    behind = f"{text}\nMore of theirs.\n"
    again = card(behind.replace("What people wrote.", "What they wrote."), PREDICATE)
    assert "\nMore of theirs.\n" in again
    assert "What they wrote." in again


def test_it_is_the_same_however_often_it_is_written() -> None:
    for existing in ("", THEIRS, "No front matter.\n", "---\ntags: [a]\n---\n"):
        once = card(existing, PREDICATE)
        assert card(once, PREDICATE) == once
        changed = card(once, {**PREDICATE, "version": "8"})
        assert card(changed, PREDICATE) == once


def test_the_front_matter_says_what_a_passport_is_made_from() -> None:
    said = of_card("README.md", card("", PREDICATE))
    assert said["licence"].value == "apache-2.0"
    assert said["datasets"].value == [{"name": "acme/clicks"}]
    assert said["baseModels"].value == [{"name": "acme/encoder-base"}]
    assert said["evaluation"].value == [{"metric": "auc", "value": 0.81}]


BOTH = f"{BEGIN}\n{END}"


@pytest.mark.parametrize("marks", [BEGIN, END, f"{END}\n{BEGIN}", f"{BOTH}\n{BOTH}"])
def test_marks_that_cant_be_told_are_refused(tmp_path: Path, marks: str) -> None:
    path = files.write(tmp_path, "m.gguf", files.gguf({}))
    _run("make", path)
    there = files.write(tmp_path, "m.gguf.md", f"Theirs.\n{marks}\n".encode())
    done = _run("card", path)
    assert (done.exit_code, "need one begin mark" in done.output) == (2, True), done.output
    assert there.read_text() == f"Theirs.\n{marks}\n"


@given(st.text(max_size=40), st.text(min_size=1, max_size=40))
def test_no_text_of_a_passport_is_markup_or_another_mark(name: str, limit: str) -> None:
    text = card("", {**PREDICATE, "name": name, "limits": [limit]})
    assert (text.count(BEGIN), text.count(END)) == (1, 1)
    body = text[text.index(BEGIN) :]
    kinds = {each.type for each in MarkdownIt("commonmark", {"html": True}).parse(body)}
    assert kinds <= {
        *("html_block", "heading_open", "heading_close", "inline"),
        *("bullet_list_open", "bullet_list_close", "list_item_open", "list_item_close"),
        *("paragraph_open", "paragraph_close"),
    }
    yaml.safe_load(text.split("---\n")[1])


def _run(*arguments: object) -> Result:
    environment = {"WARROOM_STATEMENT_KEY": PrivateKey.generate().written}
    return CliRunner(env=environment).invoke(main, ["passport", *map(str, arguments)])


def test_a_stale_card_fails_a_check_and_nothing_is_written(tmp_path: Path) -> None:
    path = files.write(tmp_path, "m.gguf", files.gguf({"general.name": "ranker"}))
    assert _run("make", path).exit_code == 0
    card_file = tmp_path / "m.gguf.md"
    assert _run("card", path, "--check").exit_code == 1
    assert not card_file.exists()
    assert _run("card", path).exit_code == 0
    assert _run("card", path, "--check").exit_code == 0
    assert _run("make", path, "--model-version", "8").exit_code == 0
    done = _run("card", path, "--check")
    assert (done.exit_code, "is stale" in done.output) == (1, True)


def test_in_a_folder_the_card_is_one_of_its_files_and_written_first(tmp_path: Path) -> None:
    folder = tmp_path / "ranker"
    files.write(folder, "model.safetensors", files.safetensors())
    files.write(folder, "README.md", THEIRS.encode())
    key = PrivateKey.generate().written
    environment = {"WARROOM_STATEMENT_KEY": key}

    def run(*arguments: str) -> Result:
        return CliRunner(env=environment).invoke(main, ["passport", *arguments])

    for command in ("make", "card", "make"):
        assert run(command, str(folder)).exit_code == 0
    assert run("card", str(folder), "--check").exit_code == 0
    assert run("verify", str(folder)).exit_code == 0
    said = json.loads(run("read", str(folder), "--json").output)
    assert said["licence"] == "mit"
