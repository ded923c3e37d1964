"""What several processes examine is found as if one had examined it."""

import io
import json
import multiprocessing
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from bot.domain.policy import digest_of
from bot.evidence import examining_apart, export
from bot.evidence.errors import ExaminationEndedError
from bot.evidence.export import Numbered
from bot.evidence.verifying import verify
from bot.storage.tables import SOURCES
from tests.evidence.exporting import Written, erasure, lines_of, rewritten, verified
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


def _unreadable_policy(record: Written) -> Written:
    policy = next(each for each in record.documents if each.kind != SOURCES)
    changed = replace(policy, digest=digest_of('{"x":1}'), document='{"x":1}')
    return replace(record, documents=(*record.documents, changed))


def _erasures_below_none(record: Written) -> Written:
    """One of five events, and one of three less than none, at one time in two streams."""
    five, less = erasure(5, ERASED), erasure(-3, ERASED)
    return record.adding(rewritten(five, stream_id="aa")).adding(rewritten(less, stream_id="bb"))


def _endless_number(record: Written) -> Written:
    entry = record.entries[-1]
    return record.but(
        len(record.entries) - 1, rewritten(entry, {f"event.makers.{'0' * 5000}": ("0" * 32, '"x"')})
    )


def _nested(record: Written) -> Written:
    entry = record.entries[-1]
    payload = {**json.loads(entry.leaf.payload), "x": "N"}
    deep = json.dumps(payload).replace('"N"', "[" * 983 + "]" * 983)
    return record.but(len(record.entries) - 1, rewritten(entry, payload=deep))


@pytest.mark.parametrize(
    "forge", [_unreadable_policy, _erasures_below_none, _endless_number, _nested]
)
def test_what_is_odd_is_found_alike_by_one_and_by_several(
    record: Written, forge: Callable[[Written], Written]
) -> None:
    data = forge(record).data()
    for processes in (2, 3):
        assert verified(data, processes=processes, apart_from=0) == verified(data)


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
