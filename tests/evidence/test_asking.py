"""Witnesses cosign what the log has become, over HTTP; a refusal is an alarm."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from aiohttp import ClientSession, web
from click.testing import CliRunner
from pydantic import SecretStr
from sqlalchemy import Update, delete, update
from structlog.testing import capture_logs

from bot.cli.doctor_log import log_findings
from bot.cli.main import main
from bot.domain.checkpoint import CHECKPOINT, WitnessRefused
from bot.engine.engine import Engine
from bot.engine.observer import NullObserver
from bot.errors import UsageError
from bot.evidence import sequencer
from bot.evidence.asking import FIRST, REFUSED_AGAIN, Asking, session
from bot.evidence.checkpointing import EVERY, Checkpoints
from bot.evidence.checkpoints import SignedCheckpoint
from bot.evidence.keeping import keep_log
from bot.evidence.keys import SigningKey, VerifierKey
from bot.evidence.posting import Posting
from bot.evidence.witnesses import Witness as Named
from bot.evidence.witnesses import log_witnesses
from bot.integrations.finding import Level
from bot.settings import Settings
from bot.storage import log_checkpoints
from bot.storage import tables as t
from bot.storage.log_tables import checkpoints, log_head, log_leaves, log_nodes
from tests.build import report
from tests.conftest import HandClock
from tests.evidence.exporting import run_verifier
from tests.evidence.witness import Seen, Witness
from tests.serving import serving

ORIGIN = "warroom.example.com/log"
KEY = SigningKey(ORIGIN, bytes(range(32)))
TIME = 1_795_000_000


class Counted(NullObserver):
    """Keeps what witnesses answered."""

    def __init__(self) -> None:
        self.answers: list[str] = []

    def witnessed(self, witness: str, result: str) -> None:
        self.answers.append(result)


@dataclass
class Asked:
    """A log in a database, and a witness that it asks over HTTP."""

    engine: Engine
    clock: HandClock
    witness: Witness
    address: str
    http: ClientSession
    asking: Asking
    status: int = 0  # what is answered in the witness's place; 0: the witness itself answers
    counted: Counted = field(default_factory=Counted)

    async def grow(self, delivery: str) -> log_checkpoints.Checkpoint:
        """One violation more, and a checkpoint of it."""
        self.clock.move(EVERY)
        await self.engine.report(report(dedup_key=delivery), "violations", delivery)
        await sequencer.look(self.engine)
        await Checkpoints(self.engine, [KEY]).look()
        return self.newest()

    async def look(self) -> log_checkpoints.Checkpoint:
        await self.asking.look(self.http)
        return self.newest()

    def newest(self) -> log_checkpoints.Checkpoint:
        newest = self.engine.store.ask(log_checkpoints.newest_checkpoint)
        assert newest
        return newest

    def refusals(self) -> list[WitnessRefused]:
        """Those on record for the newest checkpoint."""
        record = self.engine.store.stream(CHECKPOINT, str(self.newest().size))
        return [each.event for each in record if isinstance(each.event, WitnessRefused)]


@pytest.fixture
async def asked(engine: Engine, clock: HandClock) -> AsyncIterator[Asked]:
    witness = Witness("witness.test/w1", {ORIGIN: [KEY.verifier.public]}, TIME)

    @web.middleware
    async def instead(request: web.Request, handler: object) -> web.StreamResponse:
        if given.status:
            return web.Response(status=given.status)
        answer: web.StreamResponse = await handler(request)  # type: ignore[operator] # aiohttp's
        return answer

    app = witness.app
    app.middlewares.append(instead)
    async with serving(app) as address, session() as http:
        named = Named(address, (VerifierKey.read(witness.vkey),))
        asking = Asking(engine, named, "C0LOG")
        given = Asked(engine, clock, witness, address, http, asking)
        engine.observer = given.counted
        yield given


def _cosigned(asked: Asked) -> set[VerifierKey]:
    key = VerifierKey.read(asked.witness.vkey)
    note = asked.newest().whole.encode()
    return set(SignedCheckpoint.open(note, [KEY.verifier], [key]).cosigned)


async def test_each_checkpoint_is_cosigned_once_and_the_cosignature_is_kept(asked: Asked) -> None:
    for delivery in ("d1", "d2", "d3"):
        made = await asked.grow(delivery)
        for _ in range(2):
            await asked.look()
        assert _cosigned(asked) == {VerifierKey.read(asked.witness.vkey)}
        assert asked.witness.seen[ORIGIN].size == made.size
    assert asked.counted.answers == ["cosigned"] * 3


async def test_after_a_restart_it_is_asked_from_the_size_that_it_names(asked: Asked) -> None:
    await asked.grow("d1")
    await asked.look()
    await asked.grow("d2")
    asked.asking = Asking(asked.engine, asked.asking.witness)
    await asked.look()
    assert _cosigned(asked)


async def test_what_passes_is_tried_again_later_and_is_no_alarm(asked: Asked) -> None:
    await asked.grow("d1")
    for asked.status in (503, 429):
        await asked.look()
        await asked.look()  # too early
        asked.clock.move(FIRST * 4)
    assert asked.counted.answers == ["failed", "failed"]
    asked.status = 0
    await asked.look()
    assert (bool(_cosigned(asked)), asked.refusals()) == (True, [])


async def test_a_witness_that_is_not_there_is_tried_again(asked: Asked) -> None:
    await asked.grow("d1")
    keys = asked.asking.witness.keys
    away = Asking(asked.engine, Named("http://127.0.0.1:1", keys))
    await away.look(asked.http)
    assert (asked.counted.answers, asked.refusals()) == (["failed"], [])


async def test_a_rewritten_history_is_refused_which_is_on_record_and_told_once(
    asked: Asked,
) -> None:
    await asked.grow("d1")
    await asked.look()
    _rewrite(asked.engine)
    for delivery, told in (("d2", "C0LOG"), ("d3", "")):
        await asked.grow(delivery)
        for _ in range(2):
            await asked.look()
        (refused,) = asked.refusals()
        assert refused.why.startswith("the proof doesn't show")
        assert (refused.witness, refused.channel) == ("witness.test/w1", told)
        assert not asked.newest().cosignatures
    assert asked.counted.answers == ["cosigned", "refused", "refused"]
    asked.clock.move(REFUSED_AGAIN)
    await asked.look()
    assert (asked.counted.answers.count("refused"), len(asked.refusals())) == (3, 1)


def _rewrite(engine: Engine) -> None:
    """Somebody changes the first event, and has the log made anew."""
    with engine.store.database.write.begin() as connection:
        for table in (log_leaves, log_nodes, log_head, checkpoints):
            connection.execute(delete(table))
        first = update(t.events).where(t.events.c.position == 1)
        connection.execute(first.values(actor="system:another"))


@pytest.mark.parametrize("status", [400, 403, 404, 422, 302])
async def test_each_refusal_is_an_alarm(asked: Asked, status: int) -> None:
    await asked.grow("d1")
    asked.status = status
    await asked.look()
    assert asked.counted.answers == ["refused"]
    assert len(asked.refusals()) == 1
    asked.status = 0
    await asked.grow("d2")
    await asked.look()
    assert _cosigned(asked)


@pytest.mark.parametrize("hash_", [None, "zz"])
async def test_a_stored_tree_that_is_damaged_is_an_alarm(asked: Asked, hash_: str | None) -> None:
    await asked.grow("d1")
    await asked.look()
    await asked.grow("d2")
    with asked.engine.store.database.write.begin() as connection:
        damage = update(log_nodes).values(hash=hash_) if hash_ else delete(log_nodes)
        connection.execute(damage)
    with capture_logs() as lines:
        await asked.look()
    assert [line["log_level"] for line in lines if line["event"] == "log.damaged"] == ["error"]
    (refused,) = asked.refusals()
    assert "the log's stored tree is damaged" in refused.why
    assert asked.counted.answers == ["cosigned", "refused"]


@pytest.mark.parametrize(
    ("damage", "by"),
    [
        (update(log_head).values(frontier="00"), {"sequencer", "checkpoints"}),
        (update(log_head).values(writers="{"), {"sequencer", "checkpoints"}),
        (update(log_head).values(size=0, frontier=""), {"sequencer"}),
        (update(checkpoints).values(cosignatures="none"), {"witness"}),
    ],
)
async def test_what_is_wrong_in_the_logs_tables_is_told_and_nothing_stops(
    asked: Asked, damage: Update, by: set[str]
) -> None:
    await asked.grow("d1")
    await asked.engine.report(report(dedup_key="grown"), "violations", "grown")
    await sequencer.look(asked.engine)
    with asked.engine.store.database.write.begin() as connection:
        connection.execute(damage)
    if "checkpoints" in by:  # the next one is due
        asked.clock.move(EVERY)
    settings = _settings(f"{asked.address} {asked.witness.vkey}", ORIGIN)
    with capture_logs() as lines:
        kept = asyncio.create_task(keep_log(asked.engine, settings))
        await asked.engine.report(report(dedup_key="d2"), "violations", "d2")
        async with asyncio.timeout(20):
            while not by <= {line.get("at") for line in lines} and not kept.done():
                await asked.engine.wakeups.room_changed("any", 0.05)
    assert not kept.done()
    kept.cancel()


@pytest.mark.parametrize("damage", [{"frontier": "00"}, {"writers": "{"}])
async def test_doctor_says_that_the_logs_tables_are_damaged(
    asked: Asked, damage: dict[str, str]
) -> None:
    await asked.grow("d1")
    with asked.engine.store.database.write.begin() as connection:
        connection.execute(update(log_head).values(damage))
    settings, now = _settings("", ORIGIN), asked.clock()
    (told,) = asked.engine.store.ask(lambda rows: list(log_findings(settings, rows, now)))
    assert (told.level, "its tables are damaged" in told.message) == (Level.ERROR, True)


async def test_a_cosignature_by_another_key_is_an_alarm_and_is_not_kept(asked: Asked) -> None:
    await asked.grow("d1")
    other = Witness("witness.test/w1", {}, TIME)
    named = Named(asked.address, (VerifierKey.read(other.vkey),))
    asked.asking = Asking(asked.engine, named)
    newest = await asked.look()
    (refused,) = asked.refusals()
    assert (refused.why.startswith("its answer can't be used"), newest.cosignatures) == (True, "")


async def test_a_witness_that_saw_more_than_there_is_refuses(asked: Asked) -> None:
    asked.witness.seen[ORIGIN] = Seen(1000, bytes(32))
    await asked.grow("d1")
    await asked.look()
    (refused,) = asked.refusals()
    assert "it has seen 1000 leaves" in refused.why


async def test_an_export_has_cosignatures_and_their_keys_and_verify_counts_them(
    asked: Asked, tmp_path: Path
) -> None:
    await asked.grow("d1")
    await asked.look()
    second = Witness("witness.test/w2", asked.witness.logs, TIME)
    async with serving(second.app) as address:
        await Asking(asked.engine, Named(address, (VerifierKey.read(second.vkey),))).look(
            asked.http
        )
        both = f"{asked.address} {asked.witness.vkey}\n{address} {second.vkey}"
    file = tmp_path / "audit.jsonl"
    for configured, is_asked in ((both, True), (f"{asked.address} {asked.witness.vkey}", False)):
        run = _audit(asked, configured)
        done = run.invoke(main, ["audit", "export", str(file)])
        assert done.exit_code == 0, done.output
        for wanted, code in ((2, 0), (3, 1)):
            keys = [f"--key={vkey}" for vkey in (asked.witness.vkey, second.vkey)]
            named = ["audit", "verify", str(file), *keys, "--witnesses", str(wanted)]
            verified = run.invoke(main, named)
            assert verified.exit_code == code, verified.output
        assert run_verifier(file)[0] == 0
        inside = [json.loads(line).get("key") for line in file.read_text().splitlines()]
        assert (second.vkey in inside) == is_asked


def _audit(asked: Asked, witnesses: str) -> CliRunner:
    """The command line beside the bot."""
    database = asked.engine.store.database.url
    return CliRunner(
        env={
            "DATABASE_URL": database.render_as_string(hide_password=False),
            "WARROOM_LOG_KEY": KEY.written,
            "WARROOM_LOG_ORIGIN": ORIGIN,
            "WARROOM_LOG_WITNESSES": witnesses,
        }
    )


async def test_refusals_and_posts_are_in_the_log_and_an_export_of_them_is_sound(
    asked: Asked, tmp_path: Path
) -> None:
    await asked.grow("d1")
    asked.status = 403
    await asked.look()
    await Posting(asked.engine, "C0LOG").look()
    await asked.grow("d2")
    run, file = _audit(asked, ""), tmp_path / "audit.jsonl"
    assert run.invoke(main, ["audit", "export", str(file)]).exit_code == 0
    written = file.read_text(encoding="utf-8")
    assert '"witness_refused"' in written
    assert '"checkpoint_posted"' in written
    verified = run.invoke(main, ["audit", "verify", str(file)])
    assert verified.exit_code == 0, verified.output
    assert run_verifier(file)[0] == 0


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("witness.test+00000000+AA", "first"),
        ("https://witness.test", "no key behind https://witness.test"),
        ("ftp://witness.test KEY", "ftp://witness.test"),
        ("https:// KEY", "https://"),
        ("https://witness.test KEY+1", "KEY"),
        (f"https://witness.test {KEY.verifier}", "of type 01"),
    ],
)
def test_what_is_no_witness_stops_the_start_and_is_named(written: str, why: str) -> None:
    with pytest.raises(UsageError, match="WARROOM_LOG_WITNESSES") as refused:
        log_witnesses(_settings(written))
    assert why in str(refused.value)


def test_witnesses_are_addresses_each_with_its_keys() -> None:
    one, two, other = (Witness(name, {}, TIME).vkey for name in ("w.test", "w.test", "o.test"))
    found = log_witnesses(_settings(f"http://10.0.0.1:8/w/ {one} {two}\n https://o.test {other}"))
    assert [(each.name, each.address, len(each.keys)) for each in found] == [
        ("w.test", "http://10.0.0.1:8/w", 2),
        ("o.test", "https://o.test", 1),
    ]
    with pytest.raises(UsageError, match="two witnesses called"):
        log_witnesses(_settings(f"http://a.test {one} http://b.test {two}"))


def _settings(witnesses: str, origin: str = "") -> Settings:
    return Settings(
        warroom_log_key=SecretStr(KEY.written),
        warroom_log_witnesses=witnesses,
        warroom_log_origin=origin,
    )
