"""`warroom policy explain`: why a violation is answered as it is, or would be."""

import json
import re
import sqlite3
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import update

from bot.cli.main import main
from bot.domain import commands as c
from bot.domain.aggregate import Step
from bot.domain.configuration import ImportPeople
from bot.domain.exception import Revoke
from bot.domain.exception_life import EXCEPTION
from bot.policies.load import load
from bot.storage import migrations
from bot.storage import tables as t
from bot.storage.database import Database
from bot.storage.transaction import Stream
from tests.answers.asking import sent, settle
from tests.answers.conftest import HEAD, Started, policy
from tests.build import START, acting, jude, val
from tests.conftest import HandClock
from tests.staging.environment import SECRET

pytestmark = pytest.mark.either_database

EXPORT = policy(
    "export",
    """\
window: 2h
when: facts.?action.orValue("") == "export"
never_clear: facts.?pii.orValue("unknown") != "none"
auto_clear:
  - {id: internal, when: 'facts.?to.orValue("") == "internal"', reason: Stays in the house.,
     owner: jude, until: 2026-12-21}
bands:
  - {id: sure, when: facts.confidence >= 0.9, then: allow, reason: The model is sure.}
  - {id: middle, when: facts.confidence >= 0.6, decide: [validator], window: 8h}
  - {id: low}
""",
)
PII = policy("pii", "severity: critical", 'when: facts.?pii.orValue("") == "present"')
CLEAN = {"action": "export", "pii": "none"}
SUBJECT = {"subject": {"kind": "model", "name": "ranker", "version": "7"}}
KEYS = {
    *("policy", "matched", "band", "outcome", "verdict", "rule", "exception"),
    *("roles", "conditions", "defaults"),
}
NOW = f"{START:%Y-%m-%dT%H:%M:%SZ}"


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, database_url: str, folder: Path) -> None:
    monkeypatch.chdir(folder.parent)
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("WARROOM_CONFIG", str(folder))
    (folder / "policies.yaml").write_text(HEAD + EXPORT + PII)


def explain(*arguments: str, body: str | None = None) -> Result:
    return CliRunner().invoke(main, ["policy", "explain", *arguments], input=body)


def foreseen(*options: str, **fields: Any) -> Result:  # noqa: ANN401 - a body's fields
    report = {"title": "ranker", "initiator": {"email": "ada@acme.test"}, **fields}
    return explain("--file", "-", "--now", NOW, *options, body=json.dumps(report))


def first_line(done: Result) -> str:
    assert done.exit_code == 0, done.output
    return done.output.splitlines()[0]


def defaults(said: dict[str, Any]) -> dict[str, tuple[str, str]]:
    return {each["key"]: (each["value"], each["place"]) for each in said["defaults"]}


def test_a_violation_that_a_rule_would_clear() -> None:
    facts = {**CLEAN, "to": "internal"}
    line = first_line(foreseen(facts=facts))
    assert "Would be allowed at once: rule internal of export clears it" in line
    assert "jude answers until 2026-12-22 00:00 UTC: Stays in the house." in line
    said = json.loads(foreseen("--json", facts=facts).stdout)
    assert set(said) == KEYS
    assert (said["policy"], said["matched"]) == ("export", ["export"])
    assert (said["verdict"], said["outcome"], said["exception"]) == ("allow", "auto_cleared", None)
    assert (said["rule"]["id"], said["rule"]["line"]) == ("internal", 13)
    assert said["roles"] == {"validator": [], "adjudicator": []}
    assert {
        "place": "policies.yaml:11:18",
        "text": 'facts.?pii.orValue("unknown") != "none"',
        "value": "no",
        "why": None,
    } in said["conditions"]


def test_a_band_says_who_is_asked_and_from_where_each_value_comes() -> None:
    said = json.loads(foreseen("--json", facts={**CLEAN, "confidence": 0.7}).stdout)
    assert (said["band"], said["verdict"], said["outcome"]) == ("middle", "pending", None)
    assert said["roles"] == {"validator": ["val"], "adjudicator": []}
    known = defaults(said)
    assert known["window"] == ("8h", "policies.yaml:17:82")
    assert known["severity"] == ("medium", "policies.yaml:1:34")
    assert known["on_expiry"] == ("block", "built in")
    assert known["override.max_validity"] == ("30d", "built in")
    assert known["reasons.approve"][0] == "required where the severity is high or critical"
    assert known["ladder"][0].startswith("[{at: 25%, do: remind}, ")


def test_an_initiator_is_asked_in_no_role() -> None:
    made_by_val = {"email": "val@acme.test"}
    facts = {**CLEAN, "confidence": 0.7}
    said = json.loads(foreseen("--json", facts=facts, initiator=made_by_val).stdout)
    assert said["roles"]["validator"] == ["viv"]


def test_what_is_not_known_is_told_with_why() -> None:
    done = foreseen(facts=CLEAN)
    assert "since it falls into band middle" in first_line(done)
    assert "unknown" in done.output
    assert "facts.confidence is missing" in done.output
    done = foreseen(facts={"action": "export"})
    assert 'since `facts.?pii.orValue("unknown") != "none"`' in first_line(done)
    assert "is yes, and never clears" in first_line(done)


def test_whose_own_a_rule_may_be_is_told_with_what_would_tell(folder: Path) -> None:
    people = folder / "people.yaml"
    people.write_text(people.read_text().replace(", github: jude}", "}"))
    body: dict[str, Any] = {"facts": {**CLEAN, "to": "internal"}, "initiator": {"github": "judith"}}
    told = (
        "Rule internal doesn't clear this, since jude may have made the change: "
        "list jude's github in people.yaml."
    )
    assert foreseen(**body).output.splitlines()[1] == told
    said = json.loads(foreseen("--json", **body).stdout)
    assert (said["verdict"], said["doubts"]) == ("pending", [told])


def test_of_several_policies_the_gravest_comes_first_and_each_is_told() -> None:
    facts = {"action": "export", "pii": "present", "confidence": 0.2}
    said = json.loads(foreseen("--json", facts=facts).stdout)
    assert set(said) == {*KEYS, "answers"}
    assert (said["policy"], said["matched"]) == ("pii", ["export", "pii"])
    assert [each["policy"] for each in said["answers"]] == ["pii", "export"]
    assert foreseen(facts=facts).output.count("Would wait for people") == 2


@pytest.mark.parametrize("wrapped", [False, True])
def test_a_body_is_taken_as_the_webhook_takes_it(wrapped: bool) -> None:
    report = {"titel": "x", "initiator": {"email": "ada@acme.test"}}
    event = {"specversion": "1.0", "id": "1", "source": "ci", "type": "t", "data": report}
    done = explain("--file", "-", body=json.dumps(event if wrapped else report))
    assert done.exit_code == 2
    prefix = "data." if wrapped else ""
    assert f"--file: {prefix}titel: unknown field. Did you mean 'title'?" in done.stderr
    assert f"--file: {prefix}title: is needed" in done.stderr


def test_nobodys_own_rule_clears_and_that_is_told() -> None:
    by_jude = {"email": "jude@acme.test"}
    facts = {**CLEAN, "confidence": 0.7}
    why = "whoever answers for this rule made the change, and nobody's own rule clears that"
    own = {"facts": {**facts, "to": "internal"}, "initiator": by_jude}
    said = json.loads(foreseen("--json", **own).stdout)
    (told,) = (each for each in said["conditions"] if each["why"] == why)
    assert (told["text"], told["value"]) == ('facts.?to.orValue("") == "internal"', "yes")
    asks = "asks val as validator within 8 h"
    because = f"since `{told['text']}` ({told['place']}) is yes, but {why};"
    assert f"{asks}, {because}" in first_line(foreseen(**own))
    # What it wouldn't have cleared anyway is no reason.
    assert why not in foreseen(facts=facts, initiator=by_jude).output


def test_values_that_are_written_nowhere_are_told_when_asked_for() -> None:
    facts = {**CLEAN, "confidence": 0.7}
    written = foreseen(facts=facts).stdout.partition("values\n")[2]
    assert [line.split()[0] for line in written.splitlines()] == ["window", "severity"]
    every = foreseen("--all", facts=facts).stdout.partition("values\n")[2]
    assert "on_expiry" in every
    assert "built in" in every


def test_nothing_matched_is_a_finding_with_the_nearest() -> None:
    done = foreseen("--json", facts={"action": "import"})
    assert (done.exit_code, done.stdout) == (1, "")
    assert "Nearest is that of 'export', 0 of 1 parts" in done.stderr


def test_the_secret_that_signed_and_the_time_can_be_supposed(folder: Path) -> None:
    rule = "{id: ci, when: 'source == \"ci\"', reason: R, owner: jude, until: 2026-11-21}"
    (folder / "policies.yaml").write_text(HEAD + policy("p", f"auto_clear:\n  - {rule}"))
    for options, verdict in (
        ((), "pending"),
        (("--source", "ci"), "allow"),
        (("--source", "ci", "--now", "2026-11-22T00:00:00Z"), "pending"),
    ):
        said = json.loads(foreseen("--json", *options, policy="p").stdout)
        assert said["verdict"] == verdict, options


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "need the ID"),
        (("x", "--file", "-"), "need the ID"),
        (("x", "--source", "ci"), "--source goes with it"),
        (
            ("--file", "-", "--source", "cj"),
            "'cj', need one of: ci, ci-2, gate, github, ",
        ),
        (("--file", "-", "--source", "CI-3"), "unknown source 'CI-3', did you mean 'ci-2'?"),
        (("x",), "there is no violation and no war room x"),
        (("x", "--now", "2026-11-20"), "need a time with its zone"),
        (("x", "--now", "noon"), "need a time with its zone"),
        (("x", "--now", "9999-12-31T23:59:59-14:00"), "need a time with its zone"),
    ],
)
def test_a_wrong_question_says_what_is_needed(
    arguments: tuple[str, ...], said: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rule = "{id: ci, when: 'source == \"ci\"', reason: R, owner: jude, until: 2026-11-21}"
    (folder / "policies.yaml").write_text(HEAD + policy("p", f"auto_clear:\n  - {rule}"))
    monkeypatch.setenv("WARROOM_WEBHOOK_SECRET", f"ci-2={SECRET}")
    done = explain(*arguments, body="{}")
    assert done.exit_code == 2, done.output
    assert said in done.stderr


async def test_what_has_come_is_told_from_the_record_and_not_judged_anew(
    started: Started, clock: HandClock, folder: Path
) -> None:
    async with started(EXPORT) as pipeline:
        cleared = await sent(pipeline, "m1", facts={**CLEAN, "to": "internal"})
        asked = await sent(pipeline, "m2", facts={**CLEAN, "confidence": 0.3})
        digest = pipeline.engine.config.policies["export"].digest
        assert "Not decided yet: war room" in first_line(explain(asked["violation_id"]))
        clock.move(timedelta(minutes=5))
        await settle(pipeline, asked["room_id"], "approve")
    then = ("--now", f"{clock():%Y-%m-%dT%H:%M:%SZ}")
    before = explain(asked["violation_id"], *then)
    assert "Allowed: approved by jude as adjudicator on 2026-11-20" in first_line(before)
    assert "Within policy." in first_line(before)
    assert re.search(r"configuration +\d+, loaded 2026-11-20 09:00 UTC by tests\n", before.output)
    later = HEAD + EXPORT.replace("internal", "external").replace("low", "none")
    (folder / "policies.yaml").write_text(later.replace("window: 2h", "window: 9h"))
    line = first_line(explain(cleared["violation_id"]))
    assert line.startswith("Allowed at once on 2026-11-20 ")
    assert "internal of export clears it, for which jude answers: Stays in the house." in line
    said = json.loads(explain("--json", cleared["violation_id"]).stdout)
    assert (said["verdict"], said["outcome"]) == ("allow", "auto_cleared")
    assert said["rule"] == cleared["rule"]
    assert said["rule"]["digest"] == digest
    values = {each["text"]: each["value"] for each in said["conditions"]}
    assert values['facts.?to.orValue("") == "internal"'] == "yes"
    # What the file says by now is no place of what held then.
    assert defaults(said)["window"] == ("2h", "policies.yaml:3")
    assert defaults(said)["on_expiry"] == ("block", "policies.yaml:3")
    for which in (asked["violation_id"], asked["room_id"]):
        said = json.loads(explain("--json", which, *then).stdout)
        assert (said["policy"], said["band"]) == ("export", "low")
        assert (said["verdict"], said["outcome"]) == ("allow", "approved")
        assert said["roles"]["adjudicator"] == ["jude"]


async def test_what_an_exception_waives_names_it_and_its_end_is_told(
    started: Started, folder: Path
) -> None:
    commit = {"repository": "acme/ranker", "commit": "c1"}
    async with started(EXPORT) as pipeline:
        asked = await sent(pipeline, "m1", facts={**CLEAN, "confidence": 0.3}, origin=commit)
        await settle(pipeline, asked["room_id"], "approve")
        waived = await sent(pipeline, "m2", facts={**CLEAN, "confidence": 0.3}, origin=commit)
    (folder / "policies.yaml").write_text("policies: [")
    line = first_line(explain(waived["violation_id"], "--now", NOW))
    assert line.startswith(f"Allowed: waived by exception {asked['room_id']}, which jude as ")
    assert "allowed on 2026-11-20 09:00 UTC, until 2026-11-27 09:00 UTC: Within policy." in line
    said = json.loads(explain("--json", waived["violation_id"], "--now", NOW).stdout)
    assert (said["verdict"], said["outcome"], said["band"]) == ("allow", "waived", "low")
    assert said["exception"] == waived["exception"]
    assert said["roles"] == {"validator": [], "adjudicator": []}
    assert [each["value"] for each in said["conditions"]] == ["no"]
    for which in (waived["violation_id"], asked["violation_id"]):
        line = first_line(explain(which, "--now", "2026-11-27T09:00:00Z"))
        assert line.startswith("Blocked again: "), line


async def test_an_exception_that_would_cover_it_is_told_and_nothing_is_recorded(
    started: Started,
) -> None:
    facts = {**CLEAN, "confidence": 0.3}
    commit = {"repository": "acme/ranker", "commit": "c1"}
    same: dict[str, Any] = {"facts": facts, "origin": commit}
    async with started(EXPORT) as pipeline:
        waits = json.loads(foreseen("--json", **same, **SUBJECT).stdout)
        asked = await sent(pipeline, "m1", **same, **SUBJECT)
        await settle(pipeline, asked["room_id"], "approve")
        before = pipeline.engine.store.version(Stream(EXCEPTION.kind, asked["room_id"]))
        done = foreseen(**same, **SUBJECT)
        said = json.loads(foreseen("--json", **same, **SUBJECT).stdout)
        after = pipeline.engine.store.version(Stream(EXCEPTION.kind, asked["room_id"]))
        waived = await sent(pipeline, "m2", **same, **SUBJECT)
    assert (waits["verdict"], before) == ("pending", after)
    assert first_line(done) == (
        f"Would be allowed at once: waived by exception {asked['room_id']}, which jude as "
        "adjudicator allowed on 2026-11-20 09:00 UTC, until 2026-11-27 09:00 UTC: Within policy."
    )
    assert done.stderr == ""
    assert (said["verdict"], said["outcome"], said["band"]) == ("allow", "waived", "low")
    assert said["exception"] == waived["exception"]
    assert said["roles"] == {"validator": [], "adjudicator": []}
    for others in (
        {**same, "origin": {**commit, "commit": "c2"}},
        {**same, "facts": {**facts, "confidence": 0.2}},
        {**same, "initiator": {"email": "jude@acme.test"}},
    ):
        assert "Would wait for people" in first_line(foreseen(**others, **SUBJECT))
    for at in ("2026-11-20T08:59:59Z", "2026-11-27T09:00:00Z"):
        assert "Would wait for people" in first_line(foreseen("--now", at, **same, **SUBJECT))


async def test_whom_an_import_names_clears_nothing_by_their_own_rule_beforehand_either(
    started: Started,
) -> None:
    own = {"facts": {**CLEAN, "to": "internal"}, "initiator": {"github": "jude-at-work"}}
    async with started(EXPORT) as pipeline:
        assert "Would be allowed at once" in first_line(foreseen(**own))
        humans = (("slack:U0JUDE", "github:jude-at-work"),)
        await pipeline.engine.take_in(ImportPeople(source="hr", humans=humans))
        assert "nobody's own rule clears" in first_line(foreseen(**own))


def test_a_file_that_is_no_database_of_the_bots_stays_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "another.db"
    with sqlite3.connect(file) as connection:
        connection.execute("CREATE TABLE another (one)")
    connection.close()
    before = file.read_bytes()
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{file}")
    assert "are not current" in foreseen(facts=CLEAN).stderr
    assert file.read_bytes() == before


@pytest.mark.parametrize("revision", [None, "0014"])
def test_where_there_is_no_database_to_ask_one_line_says_so_and_none_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, revision: str | None
) -> None:
    file = tmp_path / "other.db"
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{file}")
    if revision:
        older = Database(f"sqlite:///{file}")
        with older.write.begin() as connection:
            migrations.upgrade_on(connection, revision)
        older.dispose()
    before = file.read_bytes() if revision else None
    done = foreseen(facts={**CLEAN, "confidence": 0.7})
    assert "Would wait for people" in first_line(done)
    (line,) = done.stderr.splitlines()
    assert line.startswith("warroom: no exception was looked for: DATABASE_URL: ")
    assert ("are not current" if revision else f"found no database at {file}") in line
    assert (file.read_bytes() if file.exists() else None) == before


async def test_who_has_revoked_an_exception_and_why_is_told_first_and_who_had_allowed_it_then(
    started: Started,
) -> None:
    commit = {"repository": "acme/ranker", "commit": "c1"}
    async with started(EXPORT) as pipeline:
        asked = await sent(pipeline, "m1", facts={**CLEAN, "confidence": 0.3}, origin=commit)
        await settle(pipeline, asked["room_id"], "approve")
        waived = await sent(pipeline, "m2", facts={**CLEAN, "confidence": 0.3}, origin=commit)
        revoke = Revoke(reason="It was misused.")
        await pipeline.engine.exceptions.handle(asked["room_id"], revoke, acting("jude"))
    told = "Blocked again since 2026-11-20 09:00 UTC: revoked by jude: It was misused. (before that"
    by = f"waived by exception {asked['room_id']}, which jude as adjudicator allowed on 2026-11-20"
    line = first_line(explain(waived["violation_id"], "--now", NOW))
    assert line == f"{told} {by} 09:00 UTC)"
    line = first_line(explain(asked["violation_id"], "--now", NOW))
    assert line == f"{told} approved by jude as adjudicator on 2026-11-20 09:00 UTC)"


async def test_a_broken_file_hides_nothing_of_the_record(started: Started, folder: Path) -> None:
    async with started(EXPORT) as pipeline:
        asked = await sent(pipeline, facts={**CLEAN, "confidence": 0.3})
    (folder / "policies.yaml").write_text("policies: [")
    assert "Not decided yet" in first_line(explain(asked["violation_id"]))


def conditions(said: dict[str, Any]) -> dict[str, str]:
    return {each["text"]: each["value"] for each in said["conditions"]}


async def test_each_violation_of_a_room_has_what_its_own_answer_rests_on(
    started: Started, folder: Path
) -> None:
    async with started(EXPORT) as pipeline:
        first = await sent(pipeline, "m1", facts={**CLEAN, "confidence": 0.7}, dedup_key="k")
        graver = await sent(pipeline, "m2", facts={**CLEAN, "confidence": 0.3}, dedup_key="k")
        (folder / "policies.yaml").write_text(HEAD + EXPORT.replace("middle", "second"))
        assert await pipeline.engine.reload(load(folder, now=START), "somebody else")
        later = await sent(pipeline, "m3", facts={**CLEAN, "confidence": 0.8}, dedup_key="k")
    assert first["room_id"] == graver["room_id"] == later["room_id"]
    middle, low, second = (
        json.loads(explain("--json", each["violation_id"]).stdout)
        for each in (first, graver, later)
    )
    assert [each["band"] for each in (middle, low, second)] == ["middle", "low", "second"]
    assert conditions(middle)["facts.confidence >= 0.6"] == "yes"
    assert conditions(low)["facts.confidence >= 0.6"] == "no"
    said = explain(later["violation_id"]).output
    assert re.search(r"configuration +\d+, loaded 2026-11-20 09:00 UTC by somebody else\n", said)
    assert pipeline.engine.config.policies["export"].digest in said
    assert defaults(second)["window"] == ("8h", "policies.yaml:17:82")
    # The room itself goes on under the gravest.
    assert json.loads(explain("--json", first["room_id"]).stdout)["band"] == "low"


async def test_what_was_split_off_a_storm_rests_on_what_it_came_with(started: Started) -> None:
    async with started(EXPORT + "    storm: {rooms: 1, within: 1m}\n") as pipeline:
        for number, confidence in enumerate((0.7, 0.3, 0.8)):
            facts = {**CLEAN, "confidence": confidence}
            last = await sent(pipeline, f"m{number}", facts=facts, dedup_key=f"k{number}")
        split = c.Split(violation_id=last["violation_id"])
        answer = await pipeline.engine.handle(last["room_id"], split, acting(val.name))
    assert isinstance(answer, Step), answer
    said = json.loads(explain("--json", last["violation_id"]).stdout)
    assert (said["band"], conditions(said)["facts.confidence >= 0.6"]) == ("middle", "yes")


async def test_of_what_came_before_own_bases_were_kept_the_room_tells_whose_only_one_it_is(
    started: Started, clock: HandClock, database: Database
) -> None:
    """Where others are or were with it, it may be theirs: then nothing is told."""
    async with started(EXPORT + "    storm: {rooms: 2, within: 1m}\n") as pipeline:
        alone = await sent(pipeline, facts={**CLEAN, "confidence": 0.7})
        clock.move(timedelta(hours=1))
        for number, confidence in enumerate((0.7, 0.3, 0.3, 0.3)):
            facts = {**CLEAN, "confidence": confidence}
            last = await sent(pipeline, f"k{number}", facts=facts, dedup_key=f"k{number}")
        clock.move(timedelta(minutes=1))
        split = c.Split(violation_id=last["violation_id"])
        answer = await pipeline.engine.handle(last["room_id"], split, acting(jude.name))
        assert isinstance(answer, Step), answer
        left = answer.after.violation.id
        with database.write.begin() as connection:
            connection.execute(update(t.answers).values(basis=None))
    said = json.loads(explain("--json", alone["violation_id"]).stdout)
    assert (said["band"], conditions(said)["facts.confidence >= 0.6"]) == ("middle", "yes")
    for violation_id in (last["violation_id"], left):
        said = json.loads(explain("--json", violation_id).stdout)
        assert (said["band"], said["conditions"]) == (None, [])
