"""What is measured of decisions that were taken beforehand, and of the classes of risk."""

import asyncio
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from freezegun import freeze_time
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_sdk.web.async_client import AsyncWebClient

from bot.cli.main import main
from bot.integrations.registry import with_built_in
from bot.integrations.slack.accounts import Accounts
from bot.integrations.slack.hear.memberships import Memberships
from bot.integrations.slack.hear.slash_command import SlashCommand
from bot.integrations.slack.installation import Installed
from bot.integrations.slack.show import cards, details
from bot.integrations.slack.show.about import about
from bot.integrations.slack.user_groups import UserGroups
from bot.integrations.slack.verbs.registry import VERBS
from bot.metrics.meters import Meters
from bot.metrics.stored import Stored
from tests.answers.asking import sent, settle
from tests.answers.conftest import Started, policy
from tests.build import VAL
from tests.conftest import HandClock
from tests.metrics.reading import Exposed, read
from tests.outgoing import KINDS
from tests.slack.reading import words
from tests.sources.conftest import Pipeline

EXPORT = policy(
    "export",
    """\
risk_class: regulated
when: facts.?action.orValue("") == "export"
auto_clear:
  - {id: internal, when: 'facts.?to.orValue("") == "internal"', reason: Stays in the house.,
     owner: jude, until: 2026-12-21}
bands:
  - {id: tiny, when: 'facts.?rows.orValue(1000) < 10', then: allow, reason: Too few to matter.}
  - {id: rest, decide: [adjudicator]}
""",
)
DRIFT = policy("drift", 'when: facts.?action.orValue("") == "drift"')
MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, database_url: str, folder: Path) -> None:
    """The commands ask the same database under the same configuration."""
    monkeypatch.chdir(folder.parent)
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("WARROOM_CONFIG", str(folder))


async def ran(pipeline: Pipeline, *arguments: str) -> Result:
    def run() -> Result:
        with freeze_time(pipeline.engine.now()):
            return CliRunner().invoke(main, arguments)

    return await asyncio.to_thread(run)


async def measured(pipeline: Pipeline, *options: str) -> dict[str, Any]:
    done = await ran(pipeline, "stats", "--json", *options)
    assert done.exit_code == 0, done.output
    return dict(json.loads(done.stdout)["current"])


async def scraped(pipeline: Pipeline) -> Exposed:
    meters = Meters()
    meters.collect_with(Stored(pipeline.engine, KINDS, ()))
    return read((await asyncio.to_thread(meters.exposed)).decode())


async def said(pipeline: Pipeline, text: str) -> str:
    """What `/warroom` answers to the validator."""
    engine, client = pipeline.engine, AsyncWebClient()
    accounts = Accounts(client, engine.now)
    groups = UserGroups(client, accounts, lambda: engine.config.people, engine.now)
    memberships = Memberships(engine, groups, accounts, Installed(client))
    command = SlashCommand(engine, memberships, with_built_in([]))
    ack = AsyncAck()  # type: ignore[no-untyped-call] # Bolt's
    answer = await command.used(ack, {"text": text, "user_id": VAL}, client)
    return str(json.loads(answer.body))


async def six(pipeline: Pipeline, clock: HandClock) -> None:
    """Two by the rule, one by the band, and a room of each policy, settled after ten minutes.

    Those of the last name no team, and are of their initiator's, search: a commit that is approved,
    and its re-run, which is waived.
    """
    exported = {"action": "export"}
    await sent(pipeline, "m1", facts={**exported, "to": "internal"}, team="ads")
    clock.move(MINUTE)
    await sent(pipeline, "m2", facts={**exported, "to": "internal"}, team="search")
    await sent(pipeline, "m3", facts={**exported, "rows": 3}, team="ads")
    asked = await sent(pipeline, "m4", facts=exported, team="ads")
    drift: dict[str, Any] = {
        "facts": {"action": "drift"},
        "origin": {"repository": "acme/ranker", "commit": "c1"},
    }
    other = await sent(pipeline, "m5", **drift)
    clock.move(10 * MINUTE)
    await settle(pipeline, asked["room_id"], "approve")
    await settle(pipeline, other["room_id"], "approve")
    assert (await sent(pipeline, "m6", **drift))["outcome"] == "waived"


async def test_the_share_cleared_is_measured_by_policy_and_rule_and_is_in_no_half_life(
    started: Started, clock: HandClock
) -> None:
    async with started(EXPORT + DRIFT) as pipeline:
        await six(pipeline, clock)
        current = await measured(pipeline)
        table = (await ran(pipeline, "stats")).stdout
    assert current["cleared"] == {
        "n": 6,
        "cleared": 3,
        "waived": 1,
        "share": 0.5,
        "by_policy": {
            "drift": {"n": 2, "cleared": 0, "waived": 1, "share": 0.0, "by_rule": {}},
            "export": {
                "n": 4,
                "cleared": 3,
                "waived": 0,
                "share": 0.75,
                "by_rule": {
                    "internal": {"cleared": 2, "share": 0.5},
                    "tiny": {"cleared": 1, "share": 0.25},
                },
            },
        },
    }
    assert (current["n"], current["resolved"]) == (2, 2)
    assert current["half_life"]["value"] == 600
    assert "cleared beforehand: 50 % (3 of 6, 1 waived by an exception)" in table
    assert ["internal", "2", "50", "%"] in [line.split() for line in table.splitlines()]


async def test_the_share_cleared_is_that_of_the_policy_the_team_and_the_period_asked_for(
    started: Started, clock: HandClock
) -> None:
    async with started(EXPORT + DRIFT) as pipeline:
        await six(pipeline, clock)

        async def shares(*options: str) -> tuple[int, int, set[str]]:
            cleared = (await measured(pipeline, *options))["cleared"]
            return cleared["n"], cleared["cleared"], set(cleared["by_policy"])

        assert await shares("--policy", "export") == (4, 3, {"export"})
        assert await shares("--policy", "drift") == (2, 0, {"drift"})
        assert await shares("--team", "ads") == (3, 2, {"export"})
        assert await shares("--team", "search") == (3, 1, {"drift", "export"})
        assert await shares("--since", "10m") == (5, 2, {"drift", "export"})
        assert await shares("--since", "1m") == (1, 0, {"drift"})


async def test_a_policy_under_which_nobody_was_asked_has_its_share_all_the_same(
    started: Started, clock: HandClock
) -> None:
    async with started(EXPORT) as pipeline:
        await sent(pipeline, facts={"action": "export", "to": "internal"})
        current = await measured(pipeline, "--policy", "export")
        assert (current["n"], current["half_life"]["value"]) == (0, None)
        assert (current["cleared"]["n"], current["cleared"]["share"]) == (1, 1)


async def test_each_answer_is_counted_for_prometheus_and_each_rule_from_zero_on(
    started: Started, clock: HandClock
) -> None:
    async with started(EXPORT + DRIFT) as pipeline:
        before = await scraped(pipeline)
        await six(pipeline, clock)
        after = await scraped(pipeline)
    assert before.series["warroom_answers_total"] == {
        "policy": {"drift", "export"},
        "answer": {"room", "rule", "exception"},
    }
    assert before.series["warroom_cleared_total"]["rule"] == {"internal", "tiny"}
    answers, cleared = "warroom_answers_total", "warroom_cleared_total"
    assert before.value(cleared, policy="export", rule="internal") == 0
    assert after.value(answers, policy="export", answer="rule") == 3
    assert after.value(answers, policy="export", answer="room") == 1
    assert after.value(answers, policy="drift", answer="exception") == 1
    assert after.value(cleared, policy="export", rule="internal") == 2
    assert after.value(cleared, policy="export", rule="tiny") == 1


HIGH = "defaults: {high_risk: [regulated], window: 4h, severity: medium}"


async def test_figures_and_debt_are_grouped_by_the_policies_class_of_risk(
    started: Started, clock: HandClock, folder: Path
) -> None:
    async with started(EXPORT + DRIFT) as pipeline:
        await six(pipeline, clock)
        await sent(pipeline, "m7", facts={"action": "export"}, dedup_key="more")
        clock.move(MINUTE)
        current = await measured(pipeline)
        assert set(current["by_risk_class"]) == {"regulated", "(none)"}
        assert current["by_risk_class"]["regulated"] == current["by_policy"]["export"]
        regulated = await measured(pipeline, "--risk", "regulated")
        assert (regulated["n"], set(regulated["by_policy"])) == (2, {"export"})
        assert "by risk class" in (await ran(pipeline, "stats")).stdout
        debt = json.loads((await ran(pipeline, "debt", "--json")).stdout)
        owed = {
            name: (total["open"], total["exceptions"])
            for name, total in debt["by_risk_class"].items()
        }
        assert owed == {"regulated": (1, 0), "(none)": (0, 1)}
        classes = {(each["policy"], each["risk_class"]) for each in debt["liabilities"]}
        assert classes == {("export", "regulated"), ("drift", "(none)")}
        assert "risk class" in (await ran(pipeline, "debt")).stdout

        unknown = await ran(pipeline, "stats", "--risk", "high")
        assert unknown.exit_code == 2
        assert "--risk: found 'high', need one of: regulated" in unknown.stderr
        file = folder / "policies.yaml"
        file.write_text(HIGH + file.read_text()[file.read_text().index("\n") :])
        assert await measured(pipeline, "--risk", "high") == regulated
        assert (await measured(pipeline, "--risk", "high", "--policy", "drift"))["n"] == 0
        file.write_text(file.read_text().replace("    title", "    risk_class: high\n    title", 2))
        file.write_text(file.read_text().replace("    risk_class: high\n", "", 1))
        assert set((await measured(pipeline, "--risk", "high"))["by_policy"]) == {"drift"}


async def test_slack_filters_by_risk_and_marks_what_is_of_high_risk(
    started: Started, clock: HandClock
) -> None:
    async with started(EXPORT + DRIFT) as pipeline:
        await six(pipeline, clock)
        for number, action in enumerate(("export", "drift")):
            await sent(pipeline, f"n{number}", facts={"action": action}, dedup_key=f"n{number}")
        config = pipeline.engine.config.model_copy(update={"high_risk": ("regulated",)})
        await pipeline.engine.reload(config, None)
        every, risky = await said(pipeline, "stats"), await said(pipeline, "stats --risk high")
        assert "Cleared beforehand: 38 % (3 of 8, 1 waived by an exception)" in every
        assert "By risk class: " in every
        assert "Cleared beforehand: 60 % (3 of 5)" in risky
        assert "drift" not in risky
        assert "Did you mean `high`?" in await said(pipeline, "stats --risk hihg")
        assert "Weight by risk class: " in await said(pipeline, "debt")
        listed = await said(pipeline, "list")
        assert listed.count("high risk") == 1
        assert listed.index("export") < listed.index("high risk")


async def test_a_broken_configuration_breaks_no_figures_and_is_noted(
    started: Started, clock: HandClock, folder: Path
) -> None:
    async with started(EXPORT) as pipeline:
        await sent(pipeline, facts={"action": "export"})
        (folder / "policies.yaml").write_text("policies: none")
        done = await ran(pipeline, "stats", "--json")
        assert done.exit_code == 0
        current = json.loads(done.stdout)["current"]
        assert (current["n"], set(current["by_risk_class"])) == (1, {"(none)"})
        assert "note: no risk class is known" in done.stderr
        assert "policies.yaml:1:11: " in done.stderr
        assert (await ran(pipeline, "debt", "--json")).exit_code == 0
        assert (await ran(pipeline, "stats", "--risk", "regulated")).exit_code == 2


async def test_card_and_details_name_the_class_of_risk(started: Started) -> None:
    async with started(EXPORT + DRIFT) as pipeline:
        for action, is_named in (("export", True), ("drift", False)):
            stored = await sent(pipeline, action, facts={"action": action})
            room = pipeline.engine.store.room(stored["room_id"])
            assert room
            told = about(pipeline.engine, room)
            assert ("risk class regulated" in words(cards.card(told, VERBS).blocks)) is is_named
            assert ("Risk class regulated" in words(details.view(told)["blocks"])) is is_named
