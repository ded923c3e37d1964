"""The log over HTTP: proofs without a token and without content, and a clear answer otherwise."""

import base64
from typing import Any

import httpx
import pytest
from sqlalchemy import Connection, delete, select

from bot.evidence import sequencer
from bot.evidence.checkpointing import Checkpoints
from bot.evidence.checkpoints import SignedCheckpoint
from bot.evidence.keys import SigningKey
from bot.evidence.proof_checks import check_consistency, check_inclusion
from bot.evidence.sequencer import leaf_of
from bot.evidence.stored_tree import StoredTree
from bot.evidence.tree import leaf_hash
from bot.storage import log, log_tables, tables
from tests.staging.stage import Stage

pytestmark = pytest.mark.either_database


async def _get(stage: Stage, path: str, **asked: Any) -> httpx.Response:  # noqa: ANN401 - a query
    async with httpx.AsyncClient() as web:
        return await web.get(f"{stage.here.url}/log/{path}", params=asked)


async def _logged(stage: Stage) -> str:
    """A room whose first event is in the log."""
    sent = await stage.send()
    await sequencer.look(stage.app.engine)
    return f"war_room/{sent['room_id']}/1"


def _bytes(answer: dict[str, Any]) -> tuple[list[bytes], bytes]:
    return list(map(base64.b64decode, answer["proof"])), base64.b64decode(answer["root"])


async def test_a_proof_leads_from_an_events_leaf_to_the_root(stage: Stage) -> None:
    event = await _logged(stage)
    answer = (await _get(stage, "proof", event=event)).json()
    kind, stream_id, seq = event.split("/")

    def hashed(connection: Connection) -> bytes:
        position = log.position_of(connection, kind, stream_id, int(seq))
        question = select(tables.events).where(tables.events.c.position == position)
        leaf = log.leaf_of(connection, position or 0)
        assert leaf
        return leaf_hash(leaf_of(connection.execute(question).one(), leaf.salt).data)

    leaf, (proof, root) = stage.app.engine.store.ask(hashed), _bytes(answer)
    check_inclusion(leaf, answer["index"], answer["size"], proof, root)
    assert answer.keys() == {"index", "size", "root", "proof"}


async def test_a_proof_of_consistency_leads_from_an_older_tree_to_a_newer_one(
    stage: Stage,
) -> None:
    await _logged(stage)
    store = stage.app.engine.store
    old = store.ask(lambda connection: StoredTree(connection).frontier)
    await stage.send(dedup_key="another")
    await sequencer.look(stage.app.engine)
    answer = (await _get(stage, "consistency", **{"from": old.size})).json()
    proof, root = _bytes(answer)
    assert answer["size"] > old.size
    check_consistency(old.size, old.root, answer["size"], root, proof)
    same = (await _get(stage, "consistency", **{"from": old.size, "size": old.size})).json()
    assert same["proof"] == []
    assert base64.b64decode(same["root"]) == old.root


@pytest.mark.parametrize(
    ("path", "asked", "status", "words"),
    [
        ("checkpoint", {}, 404, "no checkpoint yet"),
        ("proof", {}, 400, "KIND/ID/SEQ"),
        ("proof", {"event": "room000001"}, 400, "KIND/ID/SEQ"),
        ("proof", {"event": "war_room/room000001/0"}, 400, "KIND/ID/SEQ"),
        ("proof", {"event": "war_room/none/1"}, 404, "no event"),
        ("proof", {"event": "999999"}, 404, "no event"),
        ("proof", {"event": "1", "size": "0"}, 409, "leaf 0"),
        ("proof", {"event": "1", "size": "100000"}, 409, "the log has"),
        ("proof", {"event": "1", "size": "-1"}, 400, "size"),
        ("consistency", {}, 400, "from"),
        ("consistency", {"from": "1e3"}, 400, "from"),
        ("consistency", {"from": "100000"}, 409, "doesn't continue"),
        ("consistency", {"from": "0", "size": "100000"}, 409, "the log has"),
    ],
)
async def test_what_cant_be_proved_is_answered_with_what_is_wrong(
    stage: Stage, path: str, asked: dict[str, str], status: int, words: str
) -> None:
    await _logged(stage)
    answer = await _get(stage, path, **asked)
    assert answer.status_code == status
    assert words in answer.json()["message"]


async def test_the_newest_checkpoint_is_served_as_it_was_signed_and_proofs_lead_to_it(
    stage: Stage,
) -> None:
    event = await _logged(stage)
    key = SigningKey.generate("warroom.example.com/log")
    await Checkpoints(stage.app.engine, [key]).look()
    await sequencer.look(stage.app.engine)
    served = await _get(stage, "checkpoint")
    assert served.headers["content-type"].startswith("text/plain")
    signed = SignedCheckpoint.open(served.content, [key.verifier]).checkpoint
    answer = (await _get(stage, "proof", event=event)).json()
    assert (answer["size"], _bytes(answer)[1]) == (signed.size, signed.root)


async def test_a_tree_of_which_nodes_are_gone_is_said_to_be_damaged(stage: Stage) -> None:
    event = await _logged(stage)
    with stage.app.engine.store.database.write.begin() as connection:
        connection.execute(delete(log_tables.log_nodes))
    for path, asked in (("proof", {"event": event}), ("consistency", {"from": "1"})):
        answer = await _get(stage, path, **asked)
        assert (answer.status_code, answer.json()["error"]) == (503, "damaged")
