"""What nobody has to be asked about: cleared by a rule or a band, or waived; and why it is so."""

import asyncio
import re
from pathlib import Path
from shutil import which

import pytest
from click.testing import CliRunner

from bot.cli.main import main
from bot.domain import exception as x
from bot.domain.aggregate import Step
from bot.errors import UsageError
from tests.approving import approve
from tests.build import VAL, acting, jude
from tests.demo.conftest import Demo, running, text


async def approved(demo: Demo) -> str:
    """The body of an export to a customer that Val has approved."""
    body = await demo.example("export")
    name = demo.channel(await demo.taken("export", body))
    people = demo.stage.people
    await people.wait_for_message(user=VAL, channel=name, holds=lambda m: m.pinned)
    await approve(people, user=VAL, channel=name)
    await demo.shows("allow", "Approved by Val Osei")
    return body


async def ended(demo: Demo, violations: int) -> None:
    """Return once so many are blocked again, since the exception that allowed them has ended."""

    async def look() -> str:
        return text(demo.stage.pipeline.live())

    await demo.stage.people.wait_until(
        look, lambda shown: shown.count("The exception has ended.") == violations
    )


@pytest.mark.parametrize(
    ("example", "rule"), [("internal", "internal-copies"), ("sure-answer", "sure")]
)
async def test_what_is_cleared_is_answered_and_shown_with_the_place_of_its_rule(
    demo: Demo, example: str, rule: str
) -> None:
    said = await demo.send(example)
    by = re.escape(f"The bot answered 202 Accepted: allow, cleared by {rule} (policies.yaml:")
    assert re.fullmatch(rf"{by}\d+\), so nobody is asked", said["said"])
    assert said["answer"]["room_id"] is None
    shown = await demo.shows("allow", f"Cleared by {rule} (policies.yaml:")
    assert "You are the pipeline here" in shown
    again = await demo.taken(example)
    assert await demo.shows(again["violation_id"], said["answer"]["violation_id"])


async def test_the_right_facts_clear_nothing_under_another_signature(demo: Demo) -> None:
    answer = await demo.taken("drift", await demo.example("internal"))
    assert answer["verdict"] == "pending"


async def test_of_what_the_rule_clears_a_share_is_looked_at_afterwards(demo: Demo) -> None:
    (rule,) = demo.stage.app.engine.config.policies["model-export"].auto_clear
    assert rule.review_sample == 0.1


async def test_who_was_paged_before_is_not_told_as_of_what_was_cleared_since(demo: Demo) -> None:
    name = f"#{demo.channel(await demo.taken('fine-tuning'))}"
    await demo.taken("internal")
    shown = await demo.shows("Cleared by", f"{name} still waits for Ada, Val and Jude")
    assert "were paged in" not in shown


async def test_the_same_again_is_waived_until_the_exception_ends_and_asked_about_then(
    demo: Demo,
) -> None:
    body = await approved(demo)
    again = await demo.send("export", body)
    assert "202 Accepted: allow, waived until " in again["said"]
    waived = "Waived under the exception that Val Osei allowed: "
    shown = await demo.shows(waived)
    assert "Holds for" in shown[shown.index(waived) :]
    await demo.skip(seconds=86401)
    await ended(demo, 2)
    assert ": opened #" in (await demo.send("export", body))["said"]


async def test_a_revocation_shows(demo: Demo) -> None:
    body = await approved(demo)
    exception = (await demo.taken("export", body))["exception"]["id"]
    revoke = x.Revoke(reason="It was misused.")
    by = acting(jude.name)
    assert isinstance(await demo.stage.app.engine.exceptions.handle(exception, revoke, by), Step)
    await ended(demo, 2)


async def test_a_storm_of_what_is_cleared_opens_nothing(demo: Demo) -> None:
    await demo.web.post("/pipeline/storm", json={"example": "internal"})
    shown = await demo.shows("14 violations came: none got rooms of their own, 14 were allowed")
    assert "further ones gather" not in shown


async def test_what_was_answered_without_a_room_is_listed_after_a_restart(tmp_path: Path) -> None:
    async with running(tmp_path) as demo:
        await demo.taken("internal")
        await demo.taken("export", await approved(demo))
    async with running(tmp_path) as demo:
        shown = text(demo.stage.pipeline.live())
        order = ("Waived under", "Approved by Val", "Cleared by internal-copies")
        assert sorted(order, key=shown.index) == list(order)


async def test_the_page_says_how_to_ask_why(demo: Demo) -> None:
    """What it shows can be pasted, and answers as of the demo's time."""
    await demo.taken("export", await approved(demo))
    await demo.shows("Waived under")
    for seconds, said in ((60, "Allowed: waived by"), (86400, "Blocked again: waived by")):
        await demo.skip(seconds=seconds)
        shown = text(demo.stage.pipeline.live())
        found = re.search(r"DATABASE_URL=(\S+) WARROOM_CONFIG=(\S+) (\S+) (.+?Z)", shown)
        assert found
        url, config, command, typed = found.groups()
        assert which(command) == command  # a path, which needs no PATH
        environment = {"DATABASE_URL": url, "WARROOM_CONFIG": config}
        done = await asyncio.to_thread(CliRunner().invoke, main, typed.split(), env=environment)
        assert done.exit_code == 0, done.output
        assert said in done.output


async def test_a_configuration_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "config").touch()
    with pytest.raises(UsageError, match=r"--keep: can't write to .*config: "):
        async with running(tmp_path):
            pass
