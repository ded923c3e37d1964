"""An export is read as it was written, line by line, and in no other form."""

import io
from datetime import UTC, datetime

import pytest

from bot.evidence import export
from bot.evidence.errors import MalformedError
from bot.evidence.export import LeafLine
from bot.evidence.export_lines import Checkpoint, Document, End, Entry, Head, Key, read_line
from bot.evidence.keys import SigningKey
from bot.evidence.leaf import Leaf
from bot.evidence.tree import EMPTY_ROOT, leaf_hash

KEY = SigningKey("acme.test/log", bytes(32))
AT = datetime(2026, 11, 27, 12, 0, 0, 1, tzinfo=UTC)
HEAD = Head(KEY.name, 1, EMPTY_ROOT, AT)
LEAF = Leaf("war_room", "R1", 1, AT, "opened", 2, "system:warroom", '{"x":1.50}', "0f" * 16)
LINES = (
    Key(KEY.verifier),
    Document("sha256:00", "policy", "pii", "{}"),
    Entry.of(
        LEAF, {"event.reason": ("00", '"Größe 1.50"'), "erased": "2026-11-28T00:00:00.000000Z"}
    ),
    Entry.of(LEAF, {}),
    Checkpoint("note\n", ("— a b",)),
)


def _written() -> bytes:
    out = io.BytesIO()
    assert export.write(out, HEAD, LINES, [KEY]) == len(LINES) + 2
    return out.getvalue()


def test_what_is_read_is_what_was_written() -> None:
    *lines, end = [each.line for each in export.read(io.BytesIO(_written()))]
    read = [read_line(each.data) if isinstance(each, LeafLine) else each for each in lines]
    assert (read, type(end)) == ([HEAD, *LINES], End)


def test_a_leaf_has_the_bytes_that_stand_in_its_line() -> None:
    line = _written().splitlines()[4]
    assert line == b'{"leaf":' + LEAF.data + b"}"
    entry = read_line(line + b"\n")
    assert isinstance(entry, Entry)
    assert leaf_hash(entry.data) == leaf_hash(LEAF.data)


def test_a_number_in_an_event_is_never_written_anew() -> None:
    assert b'{\\"x\\":1.50}' in LEAF.data


@pytest.mark.parametrize(
    "line",
    [
        b'{"key": "x"}\n',
        b"[]\n",
        b"{}\n",
        b'{"other":1}\n',
        b'{"end":"x"}',
        b'{"end":"x"}\r\n',
        b'{"end":"x","end":"x"}\n',
        b'{"end":"\\u0078"}\n',
        b'{"end":"x","more":1}\n',
        b'{"end":1}\n',
        b'{"end":"\\ud800"}\n',
        b'{"leaf":' + LEAF.data.replace(b'"seq":1', b'"seq":1.0') + b"}\n",
        b'{"leaf":' + LEAF.data.replace(b'"seq":1', b'"seq":0') + b"}\n",
        b'{"leaf":' + LEAF.data.replace(b'"log":1', b'"log":true') + b"}\n",
        b'{"leaf":' + LEAF.data.replace(b"0f0f", b"0F0f") + b"}\n",
        b'{"leaf":' + LEAF.data.replace(b".000001Z", b"Z") + b"}\n",
        b'{"leaf":' + LEAF.data + b',"personal":{}}\n',
        b'{"leaf":' + LEAF.data + b',"personal":{"a":["00"]}}\n',
        b'{"leaf":' + LEAF.data + b',"personal":{"erased":"yesterday"}}\n',
        b'{"leaf":' + LEAF.data + b',"personal":{"a":"2026-11-28T00:00:00.000000Z"}}\n',
        b'{"cosignatures":[1],"checkpoint":"x"}\n',
    ],
)
def test_a_line_in_any_other_form_is_refused(line: bytes) -> None:
    with pytest.raises(MalformedError):
        read_line(line)


def test_another_logs_key_signs_no_export() -> None:
    with pytest.raises(ValueError, match="signed by keys of"):
        export.write(io.BytesIO(), HEAD, LINES, [SigningKey("other", bytes(32))])
