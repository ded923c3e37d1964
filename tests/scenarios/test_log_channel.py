"""The channel of the log in Slack: what of the log is told there."""

from datetime import timedelta
from functools import partial

import pytest

from bot.evidence import sequencer
from bot.evidence.asking import Asking, session
from bot.evidence.checkpointing import EVERY, Checkpoints
from bot.evidence.checkpoints import SignedCheckpoint
from bot.evidence.keys import SigningKey, VerifierKey
from bot.evidence.posting import Posting
from bot.evidence.witnesses import Witness as Named
from bot.local_slack import SlackMessage, SlackState
from bot.storage import log_checkpoints
from tests.evidence.witness import Seen, Witness
from tests.serving import serving
from tests.staging.stage import Stage

ORIGIN = "warroom.example.com/log"
KEY = SigningKey(ORIGIN, bytes(range(32)))
CHANNEL = "evidence"


@pytest.fixture
async def channel(stage: Stage) -> str:
    """The id of the channel, in which the bot is."""
    made = await stage.app.client.conversations_create(name=CHANNEL)
    return str(made["channel"]["id"])


async def _checkpoint(stage: Stage) -> None:
    """One violation more, and a checkpoint of it."""
    await stage.send(dedup_key=f"d{stage.clock()}")
    await sequencer.look(stage.app.engine)
    await Checkpoints(stage.app.engine, [KEY]).look()


def _said(state: SlackState) -> tuple[SlackMessage, ...]:
    found = state.channel(CHANNEL)
    return found.messages if found else ()


async def test_a_history_that_a_witness_has_not_seen_is_an_alarm_in_slack(
    stage: Stage, channel: str
) -> None:
    witness = Witness("witness.test/w1", {ORIGIN: [KEY.verifier.public]}, 1_795_000_000)
    witness.seen[ORIGIN] = Seen(2, bytes(32))  # of the history that was rewritten
    async with serving(witness.app) as address, session() as http:
        named = Named(address, (VerifierKey.read(witness.vkey),))
        asking = Asking(stage.app.engine, named, channel)
        for _ in range(2):
            await _checkpoint(stage)
            await asking.look(http)
            stage.move(EVERY)
    state = await stage.people.wait_for(_said)
    await stage.app.engine.wakeups.room_changed("any", 0.2)
    (alarm,) = _said(state)
    assert "witness.test/w1" in alarm.text
    assert "doesn't show that the checkpoint continues" in alarm.text
    figures = stage.app.meters.exposed().decode()
    assert 'warroom_log_witness_answers_total{result="refused",witness="witness.test/w1"} 2' in (
        figures
    )


def _has_said(count: int, state: SlackState) -> bool:
    return len(_said(state)) >= count


def _note(message: SlackMessage) -> bytes:
    """The checkpoint in a message, as somebody copies it."""
    preformatted = message.blocks[-1]["elements"][0]
    assert preformatted["type"] == "rich_text_preformatted"
    return str(preformatted["elements"][0]["text"]).encode()


async def test_the_newest_checkpoint_is_posted_once_a_day_and_once(
    stage: Stage, channel: str
) -> None:
    for day in range(1, 3):
        await _checkpoint(stage)
        for _ in range(2):
            await Posting(stage.app.engine, channel).look()  # as after a restart
        state = await stage.people.wait_for(partial(_has_said, day))
        newest = stage.app.engine.store.ask(log_checkpoints.newest_checkpoint)
        assert newest
        assert _note(_said(state)[-1]).decode() == newest.note
        stage.move(EVERY)
        await _checkpoint(stage)  # one that the day is too young for
        await Posting(stage.app.engine, channel).look()
        stage.move(timedelta(days=1))
    for message, day in zip(_said(await stage.people.state()), range(1, 3), strict=True):
        signed = SignedCheckpoint.open(_note(message), [KEY.verifier])
        assert f"{signed.checkpoint.size} events" in message.text, day
        assert "audit verify" in str(message.blocks)


async def test_where_nothing_came_nothing_is_posted(stage: Stage, channel: str) -> None:
    posting = Posting(stage.app.engine, channel)
    await posting.look()  # there is no checkpoint yet
    await _checkpoint(stage)
    for _ in range(3):
        await posting.look()
        stage.move(timedelta(days=2))
    state = await stage.people.wait_for(_said)
    assert len(_said(state)) == 1
