"""The pipeline's panel: what is sent is really signed, and what is answered is shown."""

import asyncio
import json
import re
from datetime import timedelta

import pytest

from bot.demo.examples import EXAMPLES
from bot.domain.aggregate import Step
from bot.domain.commands import Override
from bot.domain.person import Actor, Person
from bot.domain.war_room import Category
from bot.local_slack import FeedEvent
from tests.build import BEA, JUDE
from tests.choosing import choose
from tests.demo.conftest import Demo, text

ASKING = [name for name in EXAMPLES if name not in {"internal", "sure-answer"}]
SHORT = timedelta(milliseconds=800)


@pytest.mark.parametrize("example", ASKING)
async def test_each_example_that_asks_opens_a_room_of_its_own_each_time(
    demo: Demo, example: str
) -> None:
    first, second = await demo.taken(example), await demo.taken(example)
    assert first["room_id"] != second["room_id"]
    for answer in (first, second):
        name = demo.channel(answer)
        await demo.stage.people.wait_for(lambda state, name=name: state.channel(name))  # type: ignore[misc] # its default
        await demo.shows(f"#{name}", "pending")


async def test_the_same_sent_again_joins_the_open_room(demo: Demo) -> None:
    """Of GitHub it is the same delivery: what it signed is all that tells one from another."""
    for name in ASKING:
        body = await demo.example(name)
        first, again = await demo.taken(name, body), await demo.taken(name, body)
        assert first["room_id"] == again["room_id"]
        same = first["violation_id"] == again["violation_id"]
        assert same == (EXAMPLES[name].source == "github")


async def test_the_answer_says_whether_a_room_was_opened_or_joined(demo: Demo) -> None:
    body = await demo.example("drift")
    first, again = await demo.send("drift", body), await demo.send("drift", body)
    name = f"#{demo.channel(first['answer'])}"
    assert first["said"] == f"The bot answered 202 Accepted: opened {name}"
    assert again["said"] == f"The bot answered 202 Accepted: joined the open room {name}"


async def test_a_later_success_of_the_same_check_is_answered_too(demo: Demo) -> None:
    body = await demo.example("fine-tuning")
    room = (await demo.send("fine-tuning", body))["answer"]["room_id"]
    fixed = body.replace('"conclusion": "failure"', '"conclusion": "success"')
    assert fixed != body
    said = (await demo.send("fine-tuning", fixed))["said"]
    assert said == f"The bot answered 202 Accepted: war room {room} is told of it"


async def test_a_room_is_listed_once_with_its_violations_counted(demo: Demo) -> None:
    body = await demo.example("drift")
    for _ in range(2):
        await demo.taken("drift", body)
    await demo.taken("export")
    await demo.taken("drift", body)
    shown = await demo.shows("3 violations")
    assert shown.count("drifted past 0.2") == 1
    assert shown.index("drifted past 0.2") < shown.index("exported without approval")


async def test_the_same_is_sent_again_after_a_reload(demo: Demo) -> None:
    button = re.compile(r'<button[^>]* id="pipeline-again"[^>]*>')
    assert "disabled" in button.findall(demo.stage.pipeline.render())[0]
    nothing = await demo.web.post("/pipeline/again", json={})
    assert (nothing.status_code, nothing.json()) == (409, {"said": "Nothing was sent yet."})
    first = await demo.taken("export")
    assert "disabled" not in button.findall(demo.stage.pipeline.render())[0]
    again = (await demo.web.post("/pipeline/again", json={})).json()
    assert again["answer"]["room_id"] == first["room_id"]
    assert "joined the open room" in again["said"]


async def test_the_hint_says_who_was_paged_and_where(demo: Demo) -> None:
    await demo.shows("You are the pipeline here: send a violation.")
    answer = await demo.taken("fine-tuning")
    name = f"#{demo.channel(answer)}"
    await demo.shows(f"Ada, Val and Jude were paged in {name} : be one of them.")


async def test_an_extension_is_shown_before_anything_is_decided(demo: Demo) -> None:
    answer = await demo.taken("grave-drift")
    name = demo.channel(answer)
    people = demo.stage.people
    await people.wait_for_message(user=BEA, channel=name, holds=lambda m: m.pinned)
    await demo.skip(seconds=30)
    await choose(people, user=BEA, channel=name, verb="extend")
    modal = await people.wait_for_modal(user=BEA, callback_id="extend_modal")
    values = {"by": "10m", "reason": "The lawyer is on a plane."}
    done = await people.submit(user=BEA, view_id=modal.id, values=values)
    assert done.outcome == "closed", done
    async with asyncio.timeout(3):
        await demo.shows("To be decided within 19 min")


async def test_a_refusal_is_shown_as_it_is(demo: Demo) -> None:
    broken = await demo.send("drift", '{"policy": ')
    assert (broken["status"], broken["said"]) == (400, "The bot took nothing: 400 Bad Request")
    [reason] = broken["refused"]
    assert (reason["path"], reason["message"]) == ("", broken["answer"]["message"])
    assert "not JSON" in reason["message"]
    wrong = await demo.send("drift", '{"policy": "production-drift", "title": "x", "initiator": 3}')
    assert wrong["status"] == 422
    [reason] = wrong["refused"]
    assert reason["path"] == "initiator"
    assert reason["message"].startswith("found 3, need an object")
    assert not (await demo.send("drift"))["refused"]


async def test_what_opens_no_room_is_said_and_not_listed(demo: Demo) -> None:
    report = json.loads(await demo.example("fine-tuning"))
    report["workflow_run"]["conclusion"] = "success"
    said = await demo.send("fine-tuning", json.dumps(report))
    assert (said["status"], said["answer"]["status"]) == (202, "ignored")
    assert said["said"] == f"The bot answered 202 Accepted: ignored, {said['answer']['reason']}"
    assert "Nothing was sent yet." in await demo.shows()


@pytest.mark.parametrize(
    ("content_type", "body", "status"),
    [
        ("text/plain", '{"example": "drift", "body": "{}"}', 415),
        ("application/json", '{"example": "drift"}', 400),
        ("application/json", '{"example": "none", "body": "{}"}', 400),
        ("application/json", "{", 400),
        ("application/json", '{"example": "drift", "body": "\\ud800"}', 400),
    ],
)
async def test_an_order_of_another_form_is_refused(
    demo: Demo, content_type: str, body: str, status: int
) -> None:
    """Another site's page can send `text/plain` here, and nothing else unasked."""
    headers = {"Content-Type": content_type}
    answer = await demo.web.post("/pipeline/send", content=body, headers=headers)
    assert answer.status_code == status
    assert answer.json()["said"]


async def test_a_decision_in_slack_is_what_the_gate_says_with_its_author_and_reason(
    demo: Demo,
) -> None:
    answer = await demo.taken("export")
    name = demo.channel(answer)
    people = demo.stage.people
    await people.wait_for_message(user=JUDE, channel=name, holds=lambda m: m.pinned)
    await people.click(user=JUDE, channel=name, action_id="override")
    modal = await people.wait_for_modal(user=JUDE, callback_id="override_modal")
    reason = "The partner may have this version until March, see <the> contract."
    values = {"justification": reason, "category": "waiver", "validity": "30d"}
    await people.submit(user=JUDE, view_id=modal.id, values=values)
    await demo.shows("allow", "Overridden by Jude Moreau", reason, "Holds for")


async def test_an_exception_that_has_ended_blocks_again(demo: Demo) -> None:
    answer = await demo.taken("export")
    name = demo.channel(answer)
    people = demo.stage.people
    await people.wait_for_message(user=JUDE, channel=name, holds=lambda m: m.pinned)
    await people.click(user=JUDE, channel=name, action_id="override")
    modal = await people.wait_for_modal(user=JUDE, callback_id="override_modal")
    values = {"justification": "x" * 40, "category": "waiver", "validity": "1d"}
    await people.submit(user=JUDE, view_id=modal.id, values=values)
    await demo.shows("allow")
    await demo.skip(seconds=86401)
    shown = await demo.shows("block", "Overridden by Jude Moreau", "The exception has ended.")
    assert "Holds for" not in shown


async def test_an_exception_that_ends_by_itself_is_asked_about_again(demo: Demo) -> None:
    """The demo's clock runs on without anybody who skips."""
    answer = await demo.taken("grave-drift")
    decided = Override(justification="x" * 40, category=Category.WAIVER, validity=SHORT)
    by = Actor(person=Person(name="bea", accounts=("slack:U0BACK",)), account="slack:U0BACK")
    assert isinstance(await demo.stage.app.engine.handle(answer["room_id"], decided, by), Step)
    await demo.shows("block", "The exception has ended.")


async def test_a_storms_number_is_brought_up_to_date(demo: Demo) -> None:
    for _ in range(10):
        assert ": opened #" in (await demo.send("drift"))["said"]
    said = (await demo.send("drift"))["said"]
    assert ": production-drift opened 10 rooms within 5 min, so it gathers with others in #" in said
    await demo.shows("A storm of 1 violation")
    await demo.taken("drift")
    shown = await demo.shows("A storm of 2 violations", "They gather here since production-drift")
    assert "A storm of 1 violation " not in shown


async def test_a_storm_is_told_as_what_it_is(demo: Demo) -> None:
    """How far it is while it is sent; then how many got rooms of their own, the rest's one, why."""
    progress = list[str]()

    def look(_: FeedEvent) -> None:
        progress.extend(re.findall(r"\d+ of \d+ sent", text(demo.stage.pipeline.live())))

    demo.stage.slack.on_change(look)
    await demo.web.post("/pipeline/storm", json={"example": "drift"})
    assert {f"{n} of 14 sent" for n in range(14)} <= set(progress)
    shown = await demo.shows(
        "14 violations came: 10 got rooms of their own, 4 gather in #",
        "Once the policy production-drift has opened 10 rooms within 5 min",
        "A storm of 4 violations",
    )
    assert " of 14 sent" not in shown


async def test_a_storm_in_a_storm_gathers_as_a_whole(demo: Demo) -> None:
    for _ in range(2):
        await demo.web.post("/pipeline/storm", json={"example": "drift"})
    await demo.shows("14 violations came: none got rooms of their own, 14 gather in #")


async def test_every_control_has_a_name_and_nothing_is_inline(demo: Demo) -> None:
    await demo.taken("drift", (await demo.example("drift")).replace("churn", "<b>churn</b>"))
    await demo.shows("<b>churn</b>")
    whole = str(demo.stage.pipeline.render())
    assert "<b>churn" not in whole
    for field in re.findall(r'<(?:select|textarea|input)\b[^>]* id="([^"]*)"', whole):
        assert re.search(rf'<label\b[^>]* for="{field}"', whole)
    for button in re.findall(r"<button\b.*?</button>", whole):
        assert text(button)
    assert 'aria-live="polite"' in whole
    assert not re.search(r"<script|<style|\son\w+=|\sstyle=", whole)
    ids = re.findall(r'\bid="([^"]*)"', whole)
    assert len(ids) == len(set(ids))


async def test_the_script_and_the_live_part_are_where_the_panel_says(demo: Demo) -> None:
    panel = demo.stage.pipeline.panel()
    answer = await demo.web.get(panel.script or "")
    assert answer.headers["content-type"].partition(";")[0].endswith("javascript")
    assert panel.live().startswith(f'<div id="{panel.name}-live"')
    assert panel.render().count(f'<div id="{panel.name}-live"') == 1
    assert (await demo.web.get("/pipeline/example/none")).status_code == 404


async def test_every_change_is_told_to_open_pages(demo: Demo) -> None:
    feed = demo.stage.people.feed()
    assert (await anext(feed)).type == "hello"
    sending = asyncio.create_task(demo.taken("drift"))
    async for item in feed:
        if item.type == "panel.changed":
            break
    await sending
    await feed.aclose()
