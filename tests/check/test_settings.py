"""Files of settings: their values, with places, of YAML, JSON and TOML."""

import os
from pathlib import Path

import pytest

from bot.check.configs import SettingsFiles, settings_in
from bot.check.opening import UnreadableError
from bot.check.uses import Span


@pytest.mark.parametrize(
    ("name", "text", "span"),
    [
        ("a.yaml", "data:\n  name: acme/tickets\n", Span(2, 9, 2, 21)),
        ("a.json", '{"data": {\n  "name": "acme/tickets"}}', Span(2, 11, 2, 25)),
        ("a.toml", '[data]\nname = "acme/tickets"\n', Span(2, 8, 2, 22)),
    ],
)
def test_a_value_is_told_with_its_place(name: str, text: str, span: Span) -> None:
    setting = settings_in(name, text).get("data.name")
    assert setting is not None
    assert (setting.value, setting.span, setting.file) == ("acme/tickets", span, name)


def test_lists_merged_keys_and_tags_are_taken_as_they_come() -> None:
    text = """\
base: &base {model: acme/base, lr: 1}
run:
  <<: *base
  lr: 2
  files: [a.csv, !path b.csv]
"""
    file = settings_in("a.yaml", text)
    assert {key: setting.value for key, setting in file.settings.items() if "run" in key} == {
        "run.model": "acme/base",
        "run.lr": 2,
        "run.files.0": "a.csv",
        "run.files.1": "b.csv",
    }


def test_a_reference_is_what_it_names_and_stands_where_that_does() -> None:
    text = "name: acme\nto: ${name}\nbelow: /out/${name}\nfrom: ${oc.env:X}\nneeded: ???\n"
    file = settings_in("a.yaml", text)
    values = {key: setting.value for key in file.settings if (setting := file.get(key))}
    assert values == {
        "name": "acme",
        "to": "acme",
        "below": "/out/acme",
        "from": None,
        "needed": None,
    }
    to = file.get("to")
    assert to is not None
    assert to.span.line == 1


def test_references_in_a_circle_are_not_known() -> None:
    file = settings_in("a.yaml", "a: x${b}${b}\nb: y${a}${a}\n")
    setting = file.get("a")
    assert setting is not None
    assert setting.value is None


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.yaml", "[" * 1_000_000),
        ("a.yaml", "- " * 1_000_000),
        ("a.json", "[" * 1_000_000),
        ("a.json", '{"a":' * 1_000_000),
        ("a.toml", "a = " + "[" * 1_000_000),
        ("a.yaml", "a: [b"),
        ("a.yaml", "a: \t- b"),
        ("a.json", "{'a': 1}"),
        ("a.toml", "a = "),
        ("a.yaml", "a: &a [x]\n" + "".join(f"b{n}: &b{n} [*a, *a]\n" for n in range(1))
         + "c: &c [" + "*a, " * 60_000 + "*a]"),
    ],
)  # fmt: skip
def test_what_is_no_settings_says_why_and_where(name: str, text: str) -> None:
    with pytest.raises(UnreadableError) as refused:
        settings_in(name, text)
    assert refused.value.unreadable.span.line >= 1
    assert refused.value.unreadable.why.startswith("found")


def _tree(root: Path, **files: str) -> SettingsFiles:
    for name, text in files.items():
        path = root / name.replace("__", "/").replace("_yaml", ".yaml")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return SettingsFiles(root)


def test_a_file_is_found_beside_the_script_and_above_it(tmp_path: Path) -> None:
    files = _tree(tmp_path, conf__a_yaml="x: 1", src__near_yaml="x: 2")
    above = files.find("conf/a.yaml", "src/train.py")
    beside = files.find("near", "src/train.py")
    assert above is not None
    assert beside is not None
    assert (above.path, beside.path) == ("conf/a.yaml", "src/near.yaml")
    assert files.find("none.yaml", "src/train.py") is None


def test_nothing_is_opened_outside_of_the_folder(tmp_path: Path) -> None:
    inside = tmp_path / "in"
    files = _tree(inside, a_yaml="x: 1")
    (tmp_path / "secret.yaml").write_text("x: 1")
    (inside / "link.yaml").symlink_to(tmp_path / "secret.yaml")
    os.mkfifo(inside / "pipe.yaml")
    for name in ("../secret.yaml", str(tmp_path / "secret.yaml"), "link.yaml", "pipe.yaml"):
        assert files.find(name, "train.py") is None


def test_a_settings_file_that_cant_be_read_says_so(tmp_path: Path) -> None:
    file = _tree(tmp_path, a_yaml="a: [").find("a.yaml", "train.py")
    assert file is not None
    assert file.unreadable is not None
    assert file.get("a") is None


def test_the_choices_of_a_defaults_list_stand_under_their_group(tmp_path: Path) -> None:
    files = _tree(
        tmp_path,
        conf__main_yaml="defaults:\n  - _self_\n  - data: tickets\n  - main\nmodel: acme/base\n",
        conf__data__tickets_yaml="name: acme/tickets\n",
    )
    file = files.find("conf/main", "train.py")
    assert file is not None
    name = file.get("data.name")
    assert name is not None
    assert (name.value, name.file) == ("acme/tickets", "conf/data/tickets.yaml")
