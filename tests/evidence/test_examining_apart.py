"""What several processes examine is found as if one had examined it."""

import io
import multiprocessing
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from bot.evidence import examining_apart, export
from bot.evidence.errors import ExaminationEndedError
from bot.evidence.export import Numbered
from bot.evidence.verifying import verify
from tests.evidence.exporting import Written, lines_of, rewritten, verified
from tests.evidence.test_replaying import FORGED
from tests.evidence.test_verifying import ERASED


@pytest.mark.parametrize("forge", [None, *FORGED], ids=lambda each: each and each.__name__)
def test_it_finds_what_one_process_finds(
    record: Written, forge: Callable[[Written], Written] | None
) -> None:
    data = (forge(record) if forge else record).data()
    assert verified(data, processes=3, apart_from=0) == verified(data)


def test_what_is_found_in_both_stands_in_the_lines_order(record: Written) -> None:
    forged = next(iter(FORGED))(record)
    last = forged.entries[-1]
    wrong = {
        path: (each[0], f"{each[1]} ")
        for path, each in last.personal.items()
        if not isinstance(each, str)
    }
    both = (rewritten(forged.entries[0], seq=7), *forged.entries[1:-1], rewritten(last, wrong))
    result = verified(replace(forged, entries=both).data(), processes=2, apart_from=0)
    positions = [each.position for each in result.findings]
    assert len({each.kind for each in result.findings}) > 1
    assert positions == sorted(positions)
    assert result.count == len(positions)


def test_after_an_erasure_it_finds_as_much(record: Written) -> None:
    forged = next(iter(FORGED))(record)
    entries = tuple(
        rewritten(each, {"erased": ERASED} if each.personal else {}) for each in forged.entries
    )
    data = replace(forged, entries=entries).data()
    assert verified(data, processes=3, apart_from=0) == verified(data)


def test_more_leaves_than_one_round_has_are_put_together_in_their_order(
    record: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(examining_apart, "AT_ONCE", 3)
    broken = lines_of(record.data())
    broken[-4] = broken[-4].replace(b'"log":1', b'"log":2')
    for data in (record.data(), b"".join(broken)):
        assert verified(data, processes=2, apart_from=0) == verified(data)


def test_nothing_is_called_sound_where_it_has_ended_before(record: Written) -> None:
    def lines() -> Iterator[Numbered]:
        for each in export.read(io.BytesIO(record.data())):
            yield each
            for process in multiprocessing.active_children():
                process.kill()

    with pytest.raises(ExaminationEndedError):
        verify(lines(), processes=2, apart_from=0)
    assert not multiprocessing.active_children()


def test_a_small_export_needs_none(record: Written) -> None:
    def lines() -> Iterator[Numbered]:
        for each in export.read(io.BytesIO(record.data())):
            yield each
            assert not multiprocessing.active_children()

    assert verify(lines(), processes=2, apart_from=1_000).sound
