"""A leaf's bytes are canonical JSON of its documented form, whatever stands in its event."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.evidence import canonical
from bot.evidence.errors import MalformedError
from bot.evidence.leaf import Leaf

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
LEAVES = st.builds(
    Leaf,
    stream_kind=TEXT,
    stream_id=TEXT,
    seq=st.integers(1, canonical.MOST_SAFE),
    at=st.datetimes(timezones=st.just(UTC)),
    kind=TEXT,
    schema=st.integers(1, canonical.MOST_SAFE),
    actor=TEXT,
    payload=TEXT,
    salt=st.binary(min_size=16, max_size=16).map(bytes.hex),
)
LEAF = Leaf(
    stream_kind="war_room",
    stream_id="room000001",
    seq=1,
    at=datetime(2026, 11, 27, 12, tzinfo=UTC),
    kind="opened",
    schema=2,
    actor="p1",
    payload='{"state":"open"}',
    salt="00" * 16,
)


def test_the_bytes_are_those_that_the_documentation_shows() -> None:
    assert LEAF.data == (
        b'{"actor":"p1","at":"2026-11-27T12:00:00.000000Z","kind":"opened","log":1,'
        b'"payload":"{\\"state\\":\\"open\\"}","salt":"00000000000000000000000000000000",'
        b'"schema":2,"seq":1,"stream":{"id":"room000001","kind":"war_room"}}'
    )


@given(LEAVES)
def test_the_bytes_are_canonical_json_and_are_read_back(leaf: Leaf) -> None:
    assert leaf.data == canonical.encode(leaf.content)
    assert Leaf.read(canonical.decode(leaf.data)) == leaf


@pytest.mark.parametrize(
    "change", [{"payload": "\ud800"}, {"seq": canonical.MOST_SAFE + 1}, {"schema": 2**60}]
)
def test_what_has_no_canonical_form_is_refused(change: dict[str, Any]) -> None:
    leaf = replace(LEAF, **change)
    with pytest.raises(MalformedError):
        _ = leaf.data


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"log": 2}, "form"),
        ({"salt": "0" * 31}, "salt"),
        ({"seq": 0}, "count from 1"),
        ({"seq": True}, "seq"),
        ({"at": "2026-11-27T12:00:00Z"}, "at"),
        ({"at": "2026-11-27T13:00:00.000000+01:00"}, "at"),
        ({"more": 1}, "fields"),
        ({"stream": {"kind": "war_room"}}, "fields"),
    ],
)
def test_another_form_is_refused(change: dict[str, object], why: str) -> None:
    with pytest.raises(MalformedError, match=why):
        Leaf.read(LEAF.content | change)
