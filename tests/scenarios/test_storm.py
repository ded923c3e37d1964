"""A storm through the front door: a thousand violations, one room, one decision; one taken out."""

import asyncio
import shutil
from collections import Counter
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.domain.fold import fold
from bot.domain.war_room import WarRoom
from bot.local_slack import LocalSlack, People, SlackState
from tests.approving import approve
from tests.build import ADA, EVE, JUDE, JUSTIFICATION, VAL, ada, val
from tests.choosing import choices, choose, offered
from tests.staging.environment import CONFIG
from tests.staging.pipeline import body
from tests.staging.stage import Stage, client, direct, staged

MANY, AT_ONCE, LIMIT = 1000, 16, 10
Answer = dict[str, Any]


@pytest.fixture
async def small(
    local_slack: LocalSlack, people: People, database_url: str, tmp_path: Path
) -> AsyncIterator[Stage]:
    """A stage whose policies take a third room in five minutes for a storm."""
    folder = tmp_path / "config"
    shutil.copytree(CONFIG, folder)
    policies = folder / "policies.yaml"
    text = policies.read_text()
    assert "rooms: 10" in text
    policies.write_text(text.replace("rooms: 10", "rooms: 2"))
    (folder / "sources.yaml").unlink()
    async with staged(local_slack, people, database_url, WARROOM_CONFIG=folder) as stage:
        yield stage


def _room(stage: Stage, room_id: str) -> WarRoom:
    room = stage.app.engine.store.room(room_id)
    assert room
    return room


async def _at_once(stage: Stage, bodies: list[bytes]) -> list[Answer]:
    places = asyncio.Semaphore(AT_ONCE)

    async def send(number: int, content: bytes) -> Answer:
        async with places:
            answer = await stage.post(content, delivery=f"msg_{number}")
        assert answer.status_code == 202, answer.text
        return dict(answer.json())

    return await asyncio.gather(*(send(*each) for each in enumerate(bodies)))


async def _verdicts(stage: Stage, answers: list[Answer]) -> list[str]:
    # Connections of their own: what idled for seconds may be closed as a request goes out.
    places = asyncio.Semaphore(AT_ONCE)

    async def ask(answer: Answer) -> str:
        async with places:
            return str((await stage.gate(answer["violation_id"]))["verdict"])

    async with client(stage.here.url) as stage.web:
        return await asyncio.gather(*map(ask, answers))


async def _paged(stage: Stage, room_id: str) -> WarRoom:
    """The room, once everybody who is needed has its page, while the clock goes on."""
    async with asyncio.timeout(30):
        while set((room := _room(stage, room_id)).on_duty) - set(room.pages):
            stage.move(timedelta(seconds=5))
            await stage.app.engine.wakeups.room_changed(room_id, 0.2)
    return room


@pytest.mark.either_database
async def test_a_thousand_violations_in_a_minute_are_all_taken_and_settled_by_one_click(
    stage: Stage,
) -> None:
    makers = ("ada@acme.test", "eve@acme.test")
    bodies = [
        body(title=f"model {n}", dedup_key=f"key {n}", initiator={"email": makers[n % 2]})
        for n in range(MANY)
    ]
    answers = await _at_once(stage, bodies)
    assert len({answer["violation_id"] for answer in answers}) == MANY
    rooms = Counter(answer["room_id"] for answer in answers)
    assert len(rooms) == LIMIT + 1
    [(storm_id, count)] = rooms.most_common(1)
    assert count == MANY - LIMIT
    storm = await _paged(stage, storm_id)
    assert set(storm.initiators) == {ada.name, f"slack:{EVE}"}
    gathered = [answer for answer in answers if answer["room_id"] == storm_id]
    name = stage.channel(gathered[0])
    await stage.until(
        lambda state: (
            (found := state.channel(name))
            and any(m.pinned and f"A storm of {MANY - LIMIT}" in m.words for m in found.messages)
        ),
        timedelta(seconds=5),
    )
    await approve(stage.people, user=VAL, channel=name)
    verdicts = await _verdicts(stage, gathered)
    assert Counter(verdicts) == {"allow": MANY - LIMIT}
    record = stage.app.engine.store.record(storm_id)
    kinds = Counter(each.event.kind for each in record)
    assert (kinds["paged"], kinds["decided"]) == (len(storm.on_duty), 1)
    assert fold(record) == _room(stage, storm_id)
    settled = await stage.people.wait_for(
        lambda state: all(
            (found := state.direct(user)) and any("Approved" in m.words for m in found.messages)
            for user in (ADA, EVE)
        )
    )
    for user in (ADA, EVE, VAL, JUDE):
        found = settled.direct(user)
        assert found
        assert len(found.messages) <= LIMIT + 3, user


async def test_the_card_of_a_storm_lists_it_and_one_is_settled_apart(small: Stage) -> None:
    answers = [await small.send(title=f"model number {n}", dedup_key=f"key {n}") for n in range(7)]
    storm, chosen = answers[-1], answers[4]
    name = small.channel(storm)
    card = await small.people.wait_for_message(
        user=VAL, channel=name, holds=lambda m: m.pinned and "A storm of 5 violations" in m.words
    )
    assert "model number 6" in card.words
    assert "set_apart" in choices(card)
    await choose(small.people, user=VAL, channel=name, verb="set_apart")
    modal = await small.people.wait_for_modal(user=VAL, callback_id="set_apart_modal")
    sent = await small.people.submit(
        user=VAL, view_id=modal.id, values={"violation": chosen["violation_id"]}
    )
    assert sent.outcome == "updated"
    notice = await small.people.wait_for_modal(user=VAL, callback_id="notice")
    apart = small.app.engine.store.room_of_violation(chosen["violation_id"])
    assert apart
    assert apart.id not in {answer["room_id"] for answer in answers}
    assert apart.id in notice.words
    own = {"room_id": apart.id}
    await small.card(own)
    await choose(small.people, user=JUDE, channel=small.channel(own), verb="reject")
    modal = await small.people.wait_for_modal(user=JUDE, callback_id="reject_modal")
    await small.people.submit(user=JUDE, view_id=modal.id, values={"reason": "Not this one."})
    await approve(small.people, user=VAL, channel=name)
    verdicts = await _verdicts(small, answers)
    assert verdicts == ["pending", "pending", "allow", "allow", "block", "allow", "allow"]
    await small.people.wait_for_message(
        user=VAL, channel=name, holds=lambda m: "settles a violation apart" in m.words
    )


async def test_lists_home_and_pages_call_a_storm_a_storm(small: Stage) -> None:
    makers = ("ada@acme.test", "eve@acme.test")
    answers = [
        await small.send(dedup_key=f"key {n}", initiator={"email": makers[n % 2]}) for n in range(5)
    ]
    storm, people = answers[-1], small.people
    await small.card(storm)
    for text in ("list", "mine", f"status {storm['room_id']}"):
        said = await people.command(user=VAL, channel="general", text=f"/warroom {text}")
        shown = [m for m in await people.messages(VAL, "general") if m.ts == said.ts]
        assert "A storm of 3 violations" in shown[0].words, text
    await people.open_home(user=VAL)
    home = await people.wait_for_home(user=VAL, holds=lambda view: "A storm of 3" in view.words)
    assert "set_apart" in choices(home)
    await _paged(small, storm["room_id"])
    page = await people.wait_for_message(
        user=ADA,
        channel=_room(small, storm["room_id"]).pages[ada.name].channel,
        holds=lambda message: "A change of yours is among these" in message.words,
    )
    assert "withdraw" not in offered(page)


async def test_nobody_decides_on_what_they_were_not_shown(small: Stage) -> None:
    """A card that is not yet up to date must not settle what came in after it, unless it is shown.

    What joins while the modal is open is shown in it, with what was typed, and then settled too.
    """
    answers = [await small.send(title=f"model {n}", dedup_key=f"key {n}") for n in range(3)]
    storm = answers[-1]
    name = small.channel(storm)
    await small.people.wait_for_message(user=VAL, channel=name, holds=lambda m: m.pinned)
    await small.people.fault("http", method="chat.update", status=503, times=1000)
    late = await small.send(title="model 3", dedup_key="key 3")
    assert late["room_id"] == storm["room_id"]
    await small.people.click(user=JUDE, channel=name, action_id="override")
    modal = await small.people.wait_for_modal(user=JUDE, callback_id="override_modal")
    assert "1 more joined since this was shown" in modal.words
    assert "model 3" in modal.words
    later = await small.send(title="model 4", dedup_key="key 4")
    values = {"justification": JUSTIFICATION, "category": "mitigated", "validity": "7d"}
    first = await small.people.submit(user=JUDE, view_id=modal.id, values=values)
    assert first.outcome == "updated"
    assert (await small.gate(later["violation_id"]))["verdict"] == "pending"
    modal = await small.people.wait_for_modal(user=JUDE, callback_id="override_modal")
    assert "model 4" in modal.words
    assert "A storm of 3 violations" in modal.words
    entered = {block["block_id"]: block["element"] for block in modal.blocks if "element" in block}
    assert entered["justification"]["initial_value"] == JUSTIFICATION
    assert entered["category"]["initial_option"]["value"] == "mitigated"
    assert entered["validity"]["initial_option"]["value"] == "7d"
    again = await small.people.submit(user=JUDE, view_id=modal.id)
    assert again.outcome == "closed"
    for settled in (late, later):
        assert (await small.gate(settled["violation_id"], wait=5))["verdict"] == "allow"


async def test_the_pages_of_a_storm_are_kept_up_to_date(small: Stage) -> None:
    answers = [await small.send(title=f"model {n}", dedup_key=f"key {n}") for n in range(3)]
    storm = await _paged(small, answers[-1]["room_id"])
    await small.send(title="model 3", dedup_key="key 3")

    def shown(state: SlackState) -> bool:
        page = storm.pages[val.name]
        return any(m.ts == page.ts and "A storm of 2" in m.words for m in direct(state, VAL))

    await small.until(shown, timedelta(seconds=10))
