"""`/warroom` and the App Home, as people use them."""

from datetime import timedelta

import pytest

from tests.approving import approve
from tests.build import ADA, BEA, EVE, JUDE, VAL
from tests.choosing import is_settled, offered
from tests.staging.pipeline import channel
from tests.staging.stage import Stage

pytestmark = pytest.mark.either_database


async def _say(stage: Stage, text: str, user: str = VAL, where: str = "general") -> str:
    said = await stage.people.command(user=user, channel=where, text=f"/warroom {text}".strip())
    assert said.answer.acked, said
    if said.ts is None:
        return ""
    found = [m for m in await stage.people.messages(user, where) if m.ts == said.ts]
    assert found[0].ephemeral
    return found[0].text + found[0].words


@pytest.mark.parametrize("text", ["help", "", "frobnicate", "statsu"])
async def test_help_and_unknown_words_get_help(stage: Stage, text: str) -> None:
    said = await _say(stage, text)
    for word in ("open", "status", "list", "mine", "stats", "debt", "extend", "handoff"):
        assert word in said


async def test_list_mine_and_status_show_what_is_open(stage: Stage) -> None:
    assert "ranker" not in await _say(stage, "list")
    answer = await stage.send()
    await stage.card(answer)
    assert answer["room_id"] in await _say(stage, "list")
    assert "ranker" in await _say(stage, "mine", user=JUDE)
    assert "ranker" not in await _say(stage, "mine", user=EVE)
    assert "ranker" in await _say(stage, "status", where=channel(answer))
    assert "ranker" in await _say(stage, f"status {answer['room_id']}")
    assert "no" in (await _say(stage, "status 0000000000")).lower()


async def test_stats_and_debt_answer_with_the_figures(stage: Stage) -> None:
    answer = await stage.send()
    await stage.card(answer)
    assert "not reached" in await _say(stage, "stats")
    await approve(stage.people, user=VAL, channel=channel(answer))
    assert "approved" in await _say(stage, "stats")
    await stage.send(dedup_key="another")
    assert "search" in await _say(stage, "debt")


async def test_extend_and_handoff_do_what_the_buttons_do(stage: Stage) -> None:
    answer = await stage.send()
    name = channel(answer)
    await stage.card(answer)
    await _say(stage, "extend 1h because the lawyer is on a plane", where=name)
    later = (await stage.gate(answer["violation_id"]))["expires_at"]
    assert later > answer["expires_at"]
    refused = await _say(stage, "extend 9h because", where=name)
    assert "3 h" in refused
    await _say(stage, f"handoff <@{BEA}>", user=JUDE, where=name)
    assert await stage.paged(BEA)


async def test_somebody_reports_by_hand(stage: Stage) -> None:
    await _say(stage, "open", user=EVE)
    modal = await stage.people.wait_for_modal(user=EVE, callback_id="open_modal")
    values = {
        "policy": "model-export",
        "title": "Weights on a public bucket",
        "initiator": ADA,
    }
    done = await stage.people.submit(user=EVE, view_id=modal.id, values=values)
    assert done.outcome in {"updated", "closed"}, done
    assert await stage.paged(ADA, VAL, JUDE)
    rooms = stage.app.engine.store.open_rooms()
    assert [room.policy_id for room in rooms] == ["model-export"]
    assert rooms[0].initiators == ("ada",)


async def test_home_lists_what_waits_for_me_with_the_buttons_i_may_use(stage: Stage) -> None:
    answer = await stage.send()
    await stage.card(answer)
    await stage.people.open_home(user=JUDE)
    home = await stage.people.wait_for_home(
        user=JUDE, holds=lambda view: "override" in view.action_ids
    )
    assert "ranker" in home.words
    assert "withdraw" not in offered(home)
    await approve(stage.people, user=JUDE, view_id=home.id)
    assert (await stage.gate(answer["violation_id"], wait=5))["verdict"] == "allow"
    await stage.people.wait_for_home(user=JUDE, holds=is_settled)


async def test_home_puts_the_most_urgent_first(stage: Stage) -> None:
    await stage.send(title="later", dedup_key="a")
    await stage.send(title="sooner", dedup_key="b", policy="model-export")
    await stage.people.open_home(user=JUDE)
    home = await stage.people.wait_for_home(user=JUDE, holds=lambda view: "later" in view.words)
    assert home.words.index("sooner") < home.words.index("later")


async def test_status_and_the_decision_say_which_pipelines_wait_and_went_on(stage: Stage) -> None:
    run = {"repository": "acme/ranker", "commit": "8c1f2a7"}
    sent = [
        await stage.send(dedup_key="one", origin={**run, "job": job, "run_id": f"{218 + number}"})
        for number, job in enumerate(("train", "export *all*", "nobody-asks"))
    ]
    await stage.card(sent[0])
    where = f"status {sent[0]['room_id']}"
    assert "Waits at the gate" not in await _say(stage, where)
    for asking in sent[:2]:
        assert (await stage.gate(asking["violation_id"]))["verdict"] == "pending"

    async def look() -> str:
        return await _say(stage, where)

    said = await stage.people.wait_until(
        look, lambda said: "train run 218" in said and "run 219" in said
    )
    assert "Waits at the gate" in said
    assert "acme/ranker export *all* run 219, acme/ranker train run 218" in said
    assert "nobody-asks run" not in said.partition("Waits at the gate")[2]
    stage.move(timedelta(minutes=3))
    assert (await stage.gate(sent[0]["violation_id"]))["verdict"] == "pending"
    name = channel(sent[0])
    await approve(stage.people, user=VAL, channel=name)
    await stage.readable(sent[0])
    told = [
        each.words for each in await stage.people.messages(VAL, name) if "Went on" in each.words
    ]
    assert len(told) == 1
    assert "acme/ranker train run 218" in told[0].partition("Went on")[2]
    assert "export *all*" not in told[0].partition("Went on")[2]
