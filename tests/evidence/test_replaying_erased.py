"""A mark of an erasure lets nothing pass of which no value is missing."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.evidence.exporting import Written, erasure, kinds, rewritten
from tests.evidence.test_replaying import _not_matching, _role_written_in, _too_short
from tests.evidence.test_verifying import ERASED


def _marked(record: Written, number: int) -> Written:
    """Said to be erased, and on record as that, though each value is there."""
    entry = record.entries[number]
    marked = replace(entry, personal={**entry.personal, "erased": ERASED})
    return record.but(number, marked).adding(erasure(1, ERASED))


@pytest.mark.parametrize("forge", [_not_matching, _role_written_in, _too_short])
def test_a_mark_that_erases_nothing_hides_nothing(
    record: Written, forge: Callable[[Written], Written]
) -> None:
    """Not what breaks a rule by the values that are there, and not the mark itself."""
    forged = forge(record)
    number = next(n for n, each in enumerate(forged.entries) if each != record.entries[n])
    stream = forged.entries[number].leaf.stream_id
    first = next(n for n, each in enumerate(forged.entries) if each.leaf.stream_id == stream)
    found = kinds(forged.data())
    assert found
    beside = kinds(_marked(forged, first).data())
    assert beside == ({"commitment"} if first == number else {"commitment", *found})


def test_a_mark_of_an_event_that_lacks_nothing_is_found(record: Written) -> None:
    assert kinds(_marked(record, record.number("opened")).data()) == {"commitment"}


def test_an_erasure_of_less_than_nothing_is_found_and_takes_nothing_from_another(
    record: Written,
) -> None:
    number = record.number("auto_cleared")
    erased = rewritten(record.entries[number], {"erased": ERASED})
    honest = record.but(number, erased).adding(erasure(1, ERASED))
    less = erasure(-1, ERASED)
    payload = less.leaf.payload.replace("erasure001", "erasure002")
    forged = honest.adding(rewritten(less, stream_id="erasure002", payload=payload))
    assert kinds(honest.data()) == set()
    for processes in (1, 2, 3):
        assert kinds(forged.data(), processes=processes, apart_from=0) == {"transition"}
