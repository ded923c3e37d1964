"""Checkpoints: signed when the log has grown, kept, recorded, and appended to a file."""

from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import func, select

from bot.engine.engine import Engine
from bot.errors import UsageError
from bot.evidence import sequencer
from bot.evidence.checkpointing import EVERY, Checkpoints, append
from bot.evidence.checkpoints import SignedCheckpoint
from bot.evidence.keys import SigningKey
from bot.evidence.log_check import wrong
from bot.evidence.log_keys import log_keys
from bot.evidence.stored_tree import StoredTree
from bot.settings import Settings
from bot.storage import log_checkpoints
from bot.storage import tables as t
from bot.storage.log_tables import checkpoints as kept
from tests.build import report
from tests.conftest import HandClock

ORIGIN = "warroom.example.com/log"
KEY = SigningKey(ORIGIN, bytes(range(32)))
NEWER = SigningKey(ORIGIN, bytes(range(1, 33)))


async def _grow(engine: Engine, delivery: str) -> None:
    await engine.report(report(dedup_key=delivery), "violations", delivery)
    await sequencer.look(engine)


def _sizes(engine: Engine) -> list[int]:
    question = select(kept.c.size).order_by(kept.c.size)
    return engine.store.ask(lambda connection: list(connection.execute(question).scalars()))


def _newest(engine: Engine) -> log_checkpoints.Checkpoint:
    newest = engine.store.ask(log_checkpoints.newest_checkpoint)
    assert newest
    return newest


async def test_a_checkpoint_is_signed_over_what_is_in_the_log_and_is_an_event_itself(
    engine: Engine,
) -> None:
    await _grow(engine, "d1")
    tree = engine.store.ask(lambda connection: StoredTree(connection).frontier)
    await Checkpoints(engine, [KEY]).look()
    signed = SignedCheckpoint.open(_newest(engine).whole.encode(), [KEY.verifier])
    assert signed.checkpoint.origin == ORIGIN
    assert (signed.checkpoint.size, signed.checkpoint.root) == (tree.size, tree.root)
    assert await sequencer.look(engine) == 1
    assert engine.store.ask(lambda connection: list(wrong(connection))) == []
    question = select(func.count()).where(t.events.c.stream_kind == "checkpoint")
    assert engine.store.ask(lambda connection: connection.execute(question).scalar()) == 1


async def test_none_is_made_where_nothing_but_checkpoints_came(
    engine: Engine, clock: HandClock
) -> None:
    checkpoints = Checkpoints(engine, [KEY])
    await _grow(engine, "d1")
    for _ in range(3):
        await checkpoints.look()
        await sequencer.look(engine)
        clock.move(EVERY)
    assert len(_sizes(engine)) == 1


async def test_they_are_ten_minutes_apart_and_each_continues_the_one_before(
    engine: Engine, clock: HandClock
) -> None:
    checkpoints = Checkpoints(engine, [KEY])
    for number, minutes in enumerate((0, 9, 1, 10)):
        clock.move(timedelta(minutes=minutes))
        await _grow(engine, f"d{number}")
        await checkpoints.look()
    sizes = _sizes(engine)
    assert len(sizes) == 3
    assert sizes == sorted(sizes)


async def test_two_processes_make_one(engine: Engine) -> None:
    await _grow(engine, "d1")
    await Checkpoints(engine, [KEY]).look()
    await _grow(engine, "d2")
    await Checkpoints(engine, [KEY]).look()
    assert len(_sizes(engine)) == 1


async def test_while_a_key_is_replaced_either_key_verifies(engine: Engine) -> None:
    await _grow(engine, "d1")
    await Checkpoints(engine, [NEWER, KEY]).look()
    for key in (KEY, NEWER):
        note = _newest(engine).whole.encode()
        assert SignedCheckpoint.open(note, [key.verifier]).signed_by == {key.verifier}


async def test_each_is_appended_to_the_file_once_and_nothing_before_it_is_touched(
    engine: Engine, clock: HandClock, tmp_path: Path
) -> None:
    file = tmp_path / "checkpoints"
    first = Checkpoints(engine, [KEY], file)
    await _grow(engine, "d1")
    await first.look()
    await first.look()
    before = file.read_text()
    assert before == _newest(engine).note + "\n"
    await Checkpoints(engine, [KEY], file).look()  # as after a restart
    assert file.read_text() == before
    clock.move(EVERY)
    await _grow(engine, "d2")
    await first.look()
    assert file.read_text() == f"{before}{_newest(engine).note}\n"


async def test_a_file_that_cant_be_written_stops_no_checkpoint_and_is_tried_again(
    engine: Engine, tmp_path: Path
) -> None:
    file = tmp_path / "none" / "checkpoints"
    checkpoints = Checkpoints(engine, [KEY], file)
    await _grow(engine, "d1")
    await checkpoints.look()
    assert _sizes(engine)
    file.parent.mkdir()
    await checkpoints.look()
    assert file.read_text() == _newest(engine).note + "\n"


def test_what_stands_within_the_file_is_appended_again(tmp_path: Path) -> None:
    file = tmp_path / "checkpoints"
    for note in ("one\n", "two\n", "two\n", "one\n"):
        append(file, note)
    assert file.read_text() == "one\n\ntwo\n\none\n\n"


def _settings(key: str, origin: str = ORIGIN) -> Settings:
    return Settings(warroom_log_key=SecretStr(key), warroom_log_origin=origin)


def test_a_key_in_a_file_is_taken_where_nobody_else_can_read_it(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text(f"{KEY.written} {NEWER.written}\n")
    file.chmod(0o600)
    assert log_keys(_settings(str(file))) == (KEY, NEWER)
    for mode in (0o640, 0o604):
        file.chmod(mode)
        with pytest.raises(UsageError, match="others can read"):
            log_keys(_settings(str(file)))


@pytest.mark.parametrize(
    ("key", "origin", "why"),
    [
        ("", ORIGIN, "found no WARROOM_LOG_KEY"),
        (KEY.written, "", "WARROOM_LOG_ORIGIN"),
        (KEY.written, "another", "WARROOM_LOG_ORIGIN"),
        (KEY.written[:-4], ORIGIN, "WARROOM_LOG_KEY"),
        ("no/such/file", ORIGIN, "no file"),
    ],
)
def test_a_key_that_cant_be_used_is_refused_and_never_repeated(
    key: str, origin: str, why: str
) -> None:
    with pytest.raises(UsageError, match=why) as refused:
        log_keys(_settings(key, origin))
    assert KEY.written[-20:-4] not in str(refused.value)
