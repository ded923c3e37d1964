"""What is read and written of an export by a fast path is what the plain one reads and writes."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.evidence import canonical
from bot.evidence.errors import MalformedError
from bot.evidence.export_lines import ERASED, Entry, read_line, write_line
from bot.evidence.parsing import parsed
from tests.evidence.test_leaf import LEAF, LEAVES, TEXT

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inside: st.lists(inside) | st.dictionaries(st.text(), inside),
)
PERSONAL = st.dictionaries(TEXT.filter(lambda path: path != ERASED), st.tuples(TEXT, TEXT))


def _by_json(text: str) -> str:
    try:
        return repr(json.loads(text))
    except (ValueError, RecursionError):
        return "refused"


def _by_us(text: str | bytes) -> str:
    try:
        return repr(parsed(text))
    except (ValueError, RecursionError):
        return "refused"


@given(JSON, st.booleans())
def test_json_is_read_as_the_standard_library_reads_it(value: object, ascii_alone: bool) -> None:
    text = json.dumps(value, ensure_ascii=ascii_alone)
    assert _by_us(text) == _by_json(text)


@given(JSON, st.floats(0, 1), st.sampled_from('{}[]",:\\eE+-.0179 \x00\x1f\ufeffnulé'))
def test_what_is_broken_is_refused_as_there(value: object, at: float, put: str) -> None:
    text = json.dumps(value)
    place = int(at * len(text))
    for broken in (text[:place], text[:place] + put + text[place:], put + text, text + put):
        assert _by_us(broken) == _by_json(broken)
        assert _by_us(broken.encode()) == _by_json(broken)


def test_surrogates_and_what_else_json_takes_are_no_reason_to_refuse() -> None:
    for text in ("[" * 150 + "]" * 150, '"\\ud800"', '{"a":1,"a":2}', "NaN", "1" * 40):
        assert _by_us(text) == _by_json(text) != "refused"


@pytest.mark.parametrize("depth", [300, 980, 100_000])
def test_what_is_nested_too_deeply_is_refused_whoever_asks(depth: int) -> None:
    assert _by_us("[" * depth + "]" * depth) == "refused"


@given(LEAVES.map(lambda leaf: Entry.of(leaf, {})), PERSONAL, st.booleans())
def test_a_leafs_line_is_canonical_json_and_is_read_back(
    entry: Entry, personal: dict[str, tuple[str, str]], erased: bool
) -> None:
    gone = {ERASED: "2026-11-28T00:00:00.000000Z"} if erased else {}
    entry = Entry.of(entry.leaf, {**personal, **gone})
    line = write_line(entry)
    assert line == canonical.encode(entry.content) + b"\n"
    assert read_line(line) == entry


@given(PERSONAL.filter(lambda personal: len(personal) > 1))
def test_values_in_another_order_are_refused(personal: dict[str, tuple[str, str]]) -> None:
    paths = canonical.in_order(personal)[::-1]
    beside = json.dumps(
        {path: personal[path] for path in paths}, ensure_ascii=False, separators=(",", ":")
    )
    line = b'{"leaf":%b,"personal":%b}\n' % (LEAF.data, beside.encode())
    try:
        read_line(line)
    except MalformedError:
        return
    raise AssertionError("it was read")
