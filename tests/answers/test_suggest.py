"""`warroom policy suggest`: approvals that could be given beforehand, as people decided."""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from textwrap import indent
from typing import Any

import pytest
from click.testing import CliRunner, Result
from freezegun import freeze_time

from bot.cli.main import main
from bot.domain.exception import Revoke
from bot.domain.lifecycle import WAR_ROOM
from bot.storage.transaction import Stream
from tests.answers.asking import sent, settle
from tests.answers.conftest import HEAD, Started, policy
from tests.build import START, acting, jude
from tests.conftest import HandClock
from tests.sources.conftest import Pipeline

WHEN = """\
facts: {action: string, to: string, rows: int}
when: facts.?action.orValue("") == "export"
"""
EXPORT = policy("export", WHEN)
INTERNAL: dict[str, Any] = {"action": "export", "to": "internal", "dataset": {"pii": "none"}}
SUBJECT = {"kind": "model", "name": "ranker"}

Suggested = Callable[..., Result]


@pytest.fixture
def suggested(folder: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Suggested:
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("WARROOM_CONFIG", str(folder))
    CliRunner().invoke(main, ["policy", "suggest", "--help"])  # loads it before time stands still

    def run(*options: str) -> Result:
        with freeze_time(START + timedelta(days=1)):
            done = CliRunner().invoke(main, ["policy", "suggest", *options])
        assert done.exit_code == 0, done.output
        return done

    return run


def found(done: Result) -> list[dict[str, Any]]:
    return list(json.loads(done.stdout)["suggestions"])


async def decide(
    pipeline: Pipeline,
    clock: HandClock,
    how: str | None,
    times: int = 1,
    **facts: Any,  # noqa: ANN401
) -> None:
    """Violations with these facts, each in a room of its own, and settled so."""
    for _ in range(times):
        name = f"{clock.move(timedelta(minutes=10)):%H-%M}"
        stored = await sent(
            pipeline, name, facts=facts, subject=SUBJECT, dedup_key=name, origin={"commit": name}
        )
        if how == "expire":
            clock.move(timedelta(hours=4))
            await pipeline.engine.tick(Stream(WAR_ROOM.kind, stored["room_id"]))
        elif how == "revoke":
            await settle(pipeline, stored["room_id"], "approve")
            order = Revoke(reason="It was misused.")
            exceptions = pipeline.engine.exceptions
            await exceptions.handle(stored["room_id"], order, acting(jude.name))
        elif how:
            await settle(pipeline, stored["room_id"], how)


async def test_what_was_always_approved_is_proposed_as_narrow_as_it_was_and_loads(
    started: Started, suggested: Suggested, clock: HandClock
) -> None:
    async with started(EXPORT) as pipeline:
        for rows in (10, 20, 30, 15, 25):
            await decide(pipeline, clock, "approve", rows=rows, run=f"r{rows}", **INTERNAL)
        await decide(pipeline, clock, "reject", rows=20, **(INTERNAL | {"to": "partner"}))
    (one,) = found(suggested("--json"))
    assert one["policy"] == "export"
    assert one["rule"] == {
        "id": "violations-model-export-none-internal",
        "when": "\n&& ".join(
            (
                'source == "violations"',
                'subject.?kind.orValue("") == "model"',
                "!origin.?environment.hasValue()",
                'facts.?action.orValue("") == "export"',
                'facts.?dataset.?pii.orValue("") == "none"',
                "facts.?rows.hasValue()",
                "facts.?rows.orValue(10) >= 10",
                "facts.?rows.orValue(30) <= 30",
                'facts.?to.orValue("") == "internal"',
            )
        ),
        "reason": "All 5 decisions on these allowed them, from 2026-11-20 to 2026-11-20.",
        "owner": "jude",
        "until": "2027-02-19",
        "review_sample": 0.1,
    }
    assert (one["declare"], one["differing"]) == ({"dataset": "map"}, ["facts.run"])
    assert one["saved"] == {"rooms": 5, "people": 10, "median_seconds": 0}
    assert {each["by"] for each in one["evidence"]} == {"jude"}
    assert {each["reason"] for each in one["evidence"]} == {"Within policy."}
    said = suggested().output
    assert "would have saved 5 rooms that asked 10 people" in said
    assert one["evidence"][0]["room"] in said

    declared = EXPORT.replace("rows: int", "rows: int, dataset: map")
    pasted = declared + indent(one["yaml"], "    ")
    clears = {**INTERNAL, "rows": 12, "run": "another"}
    others = (
        {**clears, "to": "partner"},
        {**clears, "rows": 31},
        {**clears, "rows": "12"},
        {**clears, "dataset": {}},
        {key: value for key, value in clears.items() if key != "to"},
    )
    async with started(pasted) as pipeline:
        answer = await sent(pipeline, "n1", facts=clears, subject=SUBJECT)
        assert answer["verdict"] == "allow"
        assert answer["rule"]["id"] == one["rule"]["id"]
        for number, facts in enumerate(others):
            answer = await sent(pipeline, f"o{number}", facts=facts, subject=SUBJECT)
            assert answer["verdict"] == "pending", facts
        answer = await sent(pipeline, "p", facts=clears, subject={"kind": "data"})
        assert answer["verdict"] == "pending"
    assert found(suggested("--json")) == []  # by now a rule clears them


@pytest.mark.parametrize("other", ["reject", "override", "expire", "revoke", None])
async def test_nothing_is_proposed_that_holds_for_what_was_not_allowed_or_is_open(
    started: Started, suggested: Suggested, clock: HandClock, other: str | None
) -> None:
    async with started(EXPORT) as pipeline:
        await decide(pipeline, clock, "approve", 5, **INTERNAL)
        assert found(suggested("--json"))
        await decide(pipeline, clock, other, **INTERNAL)
    assert found(suggested("--json")) == []


async def test_what_never_clears_is_no_evidence(
    started: Started, suggested: Suggested, clock: HandClock
) -> None:
    never = policy("export", WHEN, 'never_clear: facts.?dataset.?pii.orValue("") == "none"')
    async with started(never) as pipeline:
        await decide(pipeline, clock, "approve", 5, **INTERNAL)
        assert found(suggested("--json")) == []
        await decide(pipeline, clock, "approve", 5, **(INTERNAL | {"dataset": {"pii": "few"}}))
    (one,) = found(suggested("--json"))
    assert '== "few"' in one["rule"]["when"]


async def test_it_takes_so_many_decisions_and_many_violations_in_one_room_are_one(
    started: Started, suggested: Suggested, clock: HandClock
) -> None:
    async with started(EXPORT) as pipeline:
        await decide(pipeline, clock, "approve", 3, **INTERNAL)
        for number in range(3):
            stored = await sent(
                pipeline, f"j{number}", facts=INTERNAL, subject=SUBJECT, dedup_key="same"
            )
        await settle(pipeline, stored["room_id"], "dismiss")
    assert found(suggested("--json")) == []
    (one,) = found(suggested("--json", "--least", "4"))
    assert len(one["evidence"]) == 4


async def test_decisions_before_that_time_do_not_count(
    started: Started, suggested: Suggested, clock: HandClock
) -> None:
    async with started(EXPORT) as pipeline:
        await decide(pipeline, clock, "approve", 5, **INTERNAL)
    assert found(suggested("--json", "--since", "1d"))
    assert found(suggested("--json", "--since", "1h")) == []


async def test_the_text_is_ready_to_be_pasted_into_the_file(
    started: Started, suggested: Suggested, clock: HandClock, folder: Path
) -> None:
    async with started(EXPORT) as pipeline:
        await decide(pipeline, clock, "approve", 5, **INTERNAL)
        await decide(pipeline, clock, "approve", 5, **(INTERNAL | {"to": 'it\'s "quoted" ü'}))
    said = suggested().output
    lines = said.splitlines()
    assert lines[0] == "# policies.yaml:3, at export"
    pasted = "\n".join(lines[1 : lines.index("")])
    (folder / "policies.yaml").write_text(HEAD + EXPORT + pasted + "\n")
    assert "0 suggestions" in suggested().output
    assert "2 suggestions, from 10 violations." in said
