"""YAML means one thing to every reader, and whatever doesn't is refused with its place."""

from math import inf, isnan
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.yaml.problems import ConfigError
from bot.yaml.reader import read
from bot.yaml.scalars import scalar


def refusal(folder: Path, raw: str | bytes) -> str:
    path = folder / "a.yaml"
    path.write_bytes(raw.encode() if isinstance(raw, str) else raw)
    with pytest.raises(ConfigError) as error:
        read(path)
    return str(error.value)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("NO", "NO"),
        ("yes", "yes"),
        ("on", "on"),
        ("12:30:00", "12:30:00"),
        ("2026-11-20", "2026-11-20"),
        ("1_000", "1_000"),
        ("0b11", "0b11"),
        ("010", 10),
        ("0o17", 15),
        ("0x1F", 31),
        ("-3", -3),
        ("1.5", 1.5),
        (".5e1", 5.0),
        ("-.inf", -inf),
        ("True", True),
        ("false", False),
        ("~", None),
        ("", None),
        ("9" * 5000, "9" * 5000),
    ],
)
def test_plain_scalars_are_read_as_yaml_1_2_does(text: str, value: object) -> None:
    found = scalar(text)
    assert (type(found), found) == (type(value), value)


def test_not_a_number_is_one() -> None:
    found = scalar(".nan")
    assert isinstance(found, float)
    assert isnan(found)


@given(st.text())
def test_no_text_ends_the_reading_of_a_scalar(text: str) -> None:
    scalar(text)


@pytest.mark.parametrize(
    ("raw", "place", "said"),
    [
        ("", "a.yaml", "the file is empty"),
        ("# nothing\n", "a.yaml", "the file is empty"),
        ("a: 1\nb: 2\na: 3\n", "a.yaml:3:1", "found 'a' a second time, need it once: it stands in"),
        ('a: 1\n"a": 2\n', "a.yaml:2:1", "found 'a' a second time"),
        ("a: {b: 1, b: 2}\n", "a.yaml:1:11", "found 'b' a second time"),
        ("a: &x 1\n", "a.yaml:1:4", "found an anchor"),
        ("a: *x\n", "a.yaml:1:4", "found an alias"),
        ("<<: *x\n", "a.yaml:1:5", "found an alias"),
        ("a: !!int 1\n", "a.yaml:1:4", "found the tag tag:yaml.org,2002:int"),
        ("a: ! b\n", "a.yaml:1:4", "found the tag !"),
        ("a: !!python/object/apply:os.getcwd []\n", "a.yaml:1:4", "found the tag"),
        ("a: 1\n---\nb: 2\n", "a.yaml:2:1", "found a second document"),
        ("a:\n\tb: 1\n", "a.yaml:2:1", "found a tab, need spaces"),
        ("a: b: c\n", "a.yaml:1:5", "found no valid YAML: mapping values are not allowed"),
        ("a: [1\nb: 2\n", "a.yaml:2:2", "found no valid YAML while parsing a flow sequence"),
        ("a: 'open\n", "a.yaml:2:1", "found no valid YAML while scanning a quoted scalar"),
        ("[a]: 1\n", "a.yaml:1:1", "found a list as a key"),
        ('a: {"": 1}\n', "a.yaml:1:5", "found '' as a key"),
        ("[" * 3000, "a.yaml:1:21", "found more than 20 levels"),
        (b"a: 1\nb: x\xe9\n", "a.yaml:2:5", "found the byte 0xe9, need a file saved as UTF-8"),
        ("a: 1\n".encode("utf-16"), "a.yaml:1:1", "need a file saved as UTF-8"),
        ("a: 1\nb: \x07\n", "a.yaml:2:4", "found the character U+0007"),
    ],
)
def test_what_could_be_read_in_two_ways_is_refused_with_its_place(
    tmp_path: Path, raw: str | bytes, place: str, said: str
) -> None:
    found = refusal(tmp_path, raw)
    assert found.startswith(f"{place}: ")
    assert said in found


def test_all_refusals_of_a_file_are_said_at_once(tmp_path: Path) -> None:
    found = refusal(tmp_path, "a: &x 1\nb: *x\nc: !!str 2\n")
    assert [line.split(": ")[0] for line in found.splitlines() if "found" in line] == [
        "a.yaml:1:4",
        "a.yaml:2:4",
        "a.yaml:3:4",
    ]


def test_the_caret_stands_under_the_column(tmp_path: Path) -> None:
    line, caret = refusal(tmp_path, "a: 1\nbb: {cc: &x 1}\n").splitlines()[1:]
    assert line == "    bb: {cc: &x 1}"
    assert caret.index("^") == line.index("&")


def test_the_caret_of_a_long_line_stands_under_the_column_too(tmp_path: Path) -> None:
    line, caret = refusal(tmp_path, f"a: {{b: {'x' * 500}, c: &y 1, d: {'z' * 500}}}\n").split(
        "\n"
    )[1:]
    assert len(line) < 200
    assert caret.index("^") == line.index("&")


def test_no_control_character_reaches_a_terminal(tmp_path: Path) -> None:
    assert "    b: ?[31m" in refusal(tmp_path, "a: 1\nb: \x1b[31m\n")


def test_a_byte_order_mark_and_windows_line_ends_move_no_column(tmp_path: Path) -> None:
    assert refusal(tmp_path, b"\xef\xbb\xbfa: 1\r\nb: &x 1\r\n").startswith("a.yaml:2:4: ")


def test_quoted_scalars_and_blocks_are_words_whatever_they_look_like(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text("a: '1'\nb: \"true\"\nc: |-\n  ~\n1: on\n")
    source = read(path)
    assert source.data == {"a": "1", "b": "true", "c": "~", "1": "on"}
    assert str(source.place(("c",))) == "a.yaml:3:4"


def test_what_stands_nowhere_is_placed_at_the_nearest_thing_around_it(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text("a:\n  - b: 1\n")
    assert str(read(path).place(("a", 0, "c", "d"))) == "a.yaml:2:5"


def test_a_folder_in_the_place_of_a_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"can't be read .*, need a readable file"):
        read(tmp_path)
