"""One violation, one room, one decision, as people see it."""

from datetime import timedelta

import pytest

from bot.domain.fold import fold
from bot.local_slack import RefusedError, SlackState
from tests.approving import approve
from tests.build import ADA, BEA, EVE, JUDE, VAL, VIV
from tests.choosing import choices, choose, is_settled, offered
from tests.slack.reading import parts
from tests.staging.pipeline import body, channel
from tests.staging.stage import Stage

pytestmark = pytest.mark.either_database

JUSTIFICATION = "Signed off by the data protection officer, ticket 4711, until the retraining."


async def test_a_violation_opens_a_private_room_with_the_three_and_a_pinned_card(
    stage: Stage,
) -> None:
    answer = await stage.send()
    card = await stage.card(answer)
    state = await stage.people.state()
    room = state.channel(channel(answer))
    assert room
    assert room.kind == "private_channel"
    assert {ADA, VAL, VIV, JUDE} <= set(room.members)
    assert BEA not in room.members
    for user in (ADA, VAL, JUDE):
        assert f"<@{user}>" in card.words
    for fact in ("customers_eu", "ranker", "pii-fine-tuning", "policies.yaml:", "<!date^"):
        assert fact in card.words, fact
    assert card.action_ids == ("ack", "approve", "override", "more")
    assert choices(card) == (
        "reject", "dismiss", "withdraw", "request_info", "extend", "handoff", "details",
    )  # fmt: skip
    topic = (
        await stage.people.wait_for(
            lambda state: (found := state.channel(channel(answer))) and found.topic.get("value")
        )
    ).channel(channel(answer))
    assert topic
    assert "block" in topic.topic["value"]


async def test_each_of_the_three_is_paged_with_a_link_to_the_room(stage: Stage) -> None:
    answer = await stage.send()
    pages = await stage.paged(ADA, VAL, JUDE)
    room = (await stage.people.state()).channel(channel(answer))
    assert room
    for page in pages.values():
        assert room.id in page.words
    assert set(offered(pages[ADA])) == {"ack", "explain", "withdraw", "details"}
    assert "override" not in offered(pages[VAL])
    assert "override" in pages[JUDE].action_ids


async def test_ack_override_verdict(stage: Stage) -> None:
    answer = await stage.send()
    assert (answer["verdict"], answer["duplicate"], answer["status"]) == ("pending", False, "open")
    name = channel(answer)
    await stage.card(answer)
    await stage.paged(ADA, VAL, JUDE)
    clicked = await stage.people.click(user=VAL, channel=name, action_id="ack")
    assert clicked.answer
    assert clicked.answer.acked
    await stage.people.wait_for_message(
        user=JUDE, channel=name, holds=lambda message: message.pinned and "✓" in message.words
    )
    await stage.people.click(user=JUDE, channel=name, action_id="override")
    modal = await stage.people.wait_for_modal(user=JUDE, callback_id="override_modal")
    values = {"justification": "too short", "category": "waiver", "validity": "30d"}
    refused = await stage.people.submit(user=JUDE, view_id=modal.id, values=values)
    assert refused.outcome in {"refused", "errors"}
    values["justification"] = JUSTIFICATION
    done = await stage.people.submit(user=JUDE, view_id=modal.id, values=values)
    assert done.outcome == "closed"
    verdict = await stage.gate(answer["violation_id"])
    assert (verdict["verdict"], verdict["outcome"], verdict["decided_by"]) == (
        "allow", "overridden", "jude",
    )  # fmt: skip
    assert JUSTIFICATION in verdict["reason"]
    card = await stage.people.wait_for_message(
        user=VAL, channel=name, holds=lambda message: message.pinned and is_settled(message)
    )
    assert JUSTIFICATION in card.words
    for user in (ADA, VAL, JUDE):
        await stage.buttonless(user)
    room = stage.app.engine.store.room(answer["room_id"])
    assert fold(stage.app.engine.store.record(answer["room_id"])) == room


async def test_who_has_no_role_is_refused_politely_and_only_they_see_it(stage: Stage) -> None:
    answer = await stage.send()
    name = channel(answer)
    await stage.card(answer)
    await stage.people.invite(user=VAL, channel=name, users=[EVE])
    await stage.people.click(user=EVE, channel=name, action_id="approve")
    seen = await stage.people.wait_for_message(
        user=EVE, channel=name, holds=lambda message: message.ephemeral
    )
    assert "validator" in seen.text + seen.words
    assert not [m for m in await stage.people.messages(VAL, name) if m.ephemeral]
    assert (await stage.gate(answer["violation_id"]))["verdict"] == "pending"


async def test_the_initiator_is_refused_a_decision_on_their_own_violation(stage: Stage) -> None:
    answer = await stage.send(initiator={"email": "jude@acme.test"})
    name = channel(answer)
    await stage.card(answer)
    await stage.people.click(user=JUDE, channel=name, action_id="approve")
    seen = await stage.people.wait_for_message(
        user=JUDE, channel=name, holds=lambda message: message.ephemeral
    )
    assert "You made this change" in seen.text + seen.words
    pages = await stage.paged(BEA)
    assert "override" in pages[BEA].action_ids


async def test_what_is_grave_is_approved_with_a_reason_and_letters_count(stage: Stage) -> None:
    """How grave it is, a report may say too."""
    drift = {"policy": "production-drift", "facts": {"psi": 0.21}}
    usual = await stage.send(**drift, dedup_key="usual")
    grave = await stage.send(**drift, dedup_key="grave", severity="critical")
    for each in (usual, grave):
        await stage.people.wait_for_message(
            user=VAL, channel=channel(each), holds=lambda message: message.pinned
        )
    sent = await approve(stage.people, user=VAL, channel=channel(usual), reason="")
    assert sent.outcome == "closed"
    name = channel(grave)
    sent = await approve(stage.people, user=VAL, channel=name, reason="!" * 40)
    assert sent.outcome == "errors"
    assert "found 0 letters and digits, it needs at least 5" in sent.errors["reason"]
    assert (await stage.gate(grave["violation_id"]))["verdict"] == "pending"
    sent = await approve(stage.people, user=VAL, channel=name, reason="Measured twice.")
    assert sent.outcome == "closed"
    verdict = await stage.gate(grave["violation_id"], wait=5)
    assert (verdict["outcome"], verdict["reason"]) == ("approved", "Measured twice.")


async def test_the_second_decision_is_told_who_decided(stage: Stage) -> None:
    answer = await stage.send()
    name = channel(answer)
    await stage.card(answer)
    await choose(stage.people, user=JUDE, channel=name, verb="reject")
    modal = await stage.people.wait_for_modal(user=JUDE, callback_id="reject_modal")
    await approve(stage.people, user=VAL, channel=name)
    late = await stage.people.submit(
        user=JUDE, view_id=modal.id, values={"reason": "The data may not be used."}
    )
    assert late.outcome == "updated"
    told = await stage.people.wait_for_modal(user=JUDE)
    assert f"<@{VAL}>" in told.words
    assert (await stage.gate(answer["violation_id"]))["outcome"] == "approved"


async def test_question_and_answer_stand_on_the_card(stage: Stage) -> None:
    answer = await stage.send()
    name = channel(answer)
    await stage.card(answer)
    await choose(stage.people, user=VAL, channel=name, verb="request_info")
    modal = await stage.people.wait_for_modal(user=VAL, callback_id="request_info_modal")
    await stage.people.submit(
        user=VAL, view_id=modal.id, values={"question": "Which customers exactly?"}
    )
    page = (await stage.paged(ADA))[ADA]
    await stage.told(ADA, 2)
    await stage.people.click(user=ADA, channel=page.channel, action_id="explain")
    modal = await stage.people.wait_for_modal(user=ADA, callback_id="explain_modal")
    await stage.people.submit(user=ADA, view_id=modal.id, values={"text": "Those who agreed."})
    await stage.people.wait_for_message(
        user=JUDE, channel=name,
        holds=lambda message: message.pinned and "Those who agreed." in message.words,
    )  # fmt: skip


async def test_extending_moves_the_deadline_and_is_announced(stage: Stage) -> None:
    answer = await stage.send()
    name = channel(answer)
    await stage.card(answer)
    await choose(stage.people, user=VAL, channel=name, verb="extend")
    modal = await stage.people.wait_for_modal(user=VAL, callback_id="extend_modal")
    values = {"by": "1h", "reason": "The lawyer is on a plane."}
    assert (
        await stage.people.submit(user=VAL, view_id=modal.id, values=values)
    ).outcome == "closed"
    await stage.people.wait_for_message(
        user=JUDE, channel=name,
        holds=lambda message: not message.pinned and "The lawyer is on a plane." in message.words,
    )  # fmt: skip
    later = (await stage.gate(answer["violation_id"]))["expires_at"]
    assert later > answer["expires_at"]


async def test_a_role_is_handed_to_the_backup_who_is_paged(stage: Stage) -> None:
    answer = await stage.send()
    name = channel(answer)
    await stage.card(answer)
    await choose(stage.people, user=JUDE, channel=name, verb="handoff")
    modal = await stage.people.wait_for_modal(user=JUDE, callback_id="handoff_modal")
    done = await stage.people.submit(
        user=JUDE, view_id=modal.id, values={"to": f"adjudicator:{BEA}"}
    )
    assert done.outcome == "closed", done
    await stage.paged(BEA)
    await stage.joined(name, BEA)


async def test_the_same_key_joins_the_open_room(stage: Stage) -> None:
    first, second = await stage.send(), await stage.send(title="ranker, once more")
    assert second["room_id"] == first["room_id"]
    assert second["violation_id"] != first["violation_id"]
    await stage.people.wait_for_message(
        user=VAL, channel=channel(first),
        holds=lambda message: message.pinned and "ranker, once more" in message.words,
    )  # fmt: skip
    await approve(stage.people, user=VAL, channel=channel(first))
    assert (await stage.gate(second["violation_id"], wait=5))["verdict"] == "allow"


async def test_what_joins_while_a_form_is_open_is_shown_in_it_before_it_is_decided(
    stage: Stage,
) -> None:
    answer = await stage.send(title="A model was exported")
    await stage.card(answer)
    name = channel(answer)
    await stage.people.click(user=VAL, channel=name, action_id="approve")
    form = await stage.people.wait_for_modal(user=VAL, callback_id="approve_modal")
    worse = await stage.send(title="With its training set")
    assert worse["room_id"] == answer["room_id"]
    values = {"reason": "The export stays inside the company."}
    first = await stage.people.submit(user=VAL, view_id=form.id, values=values)
    assert first.outcome == "updated"
    assert (await stage.gate(worse["violation_id"]))["verdict"] == "pending"
    form = await stage.people.wait_for_modal(user=VAL, callback_id="approve_modal")
    assert "1 more joined since this was shown" in form.words
    assert "With its training set" in form.words
    again = await stage.people.submit(user=VAL, view_id=form.id)
    assert again.outcome == "closed"
    assert (await stage.gate(worse["violation_id"], wait=5))["verdict"] == "allow"


async def test_the_ladder_and_the_expiry_as_people_see_them(stage: Stage) -> None:
    answer = await stage.send()
    name = channel(answer)
    await stage.card(answer)
    await stage.paged(ADA, VAL, JUDE)
    await stage.people.click(user=JUDE, channel=name, action_id="ack")
    stage.move(timedelta(minutes=61))
    await stage.told(VAL, 2)
    stage.move(timedelta(minutes=60))
    await stage.paged(VIV, BEA)
    await stage.joined(name, BEA)
    stage.move(timedelta(minutes=96))
    await stage.told(JUDE, 2)
    stage.move(timedelta(minutes=30))
    verdict = await stage.gate(answer["violation_id"], wait=10)
    assert (verdict["verdict"], verdict["outcome"], verdict["decided_by"]) == (
        "block", "expired", "system:timeout",
    )  # fmt: skip


async def test_no_button_outlives_the_decision(stage: Stage) -> None:
    """In direct messages and in the room: reminders, the last call, the question."""
    answer = await stage.send()
    name = channel(answer)
    await stage.card(answer)
    await stage.paged(ADA, VAL, JUDE)
    await choose(stage.people, user=VAL, channel=name, verb="request_info")
    modal = await stage.people.wait_for_modal(user=VAL, callback_id="request_info_modal")
    await stage.people.submit(user=VAL, view_id=modal.id, values={"question": "Which ones?"})
    await stage.told(ADA, 2)
    stage.move(timedelta(minutes=61))
    await stage.told(JUDE, 2)
    stage.move(timedelta(minutes=60))
    await stage.paged(VIV, BEA)
    stage.move(timedelta(minutes=96))
    await stage.told(BEA, 2)
    await approve(stage.people, user=JUDE, channel=name)
    everywhere = (ADA, VAL, VIV, JUDE, BEA)

    def over(state: SlackState) -> bool:
        places = [state.channel(name), *(state.direct(user) for user in everywhere)]
        messages = [message for place in places if place for message in place.messages]
        return len(messages) > len(everywhere) and all(map(is_settled, messages))

    await stage.people.wait_for(over)


async def test_the_channel_is_archived_after_a_while(stage: Stage) -> None:
    answer = await stage.send()
    name = channel(answer)
    await stage.card(answer)
    await approve(stage.people, user=VAL, channel=name)
    await stage.gate(answer["violation_id"], wait=5)
    await stage.readable(answer)
    stage.move(timedelta(days=1, seconds=1))

    async def look() -> bool:
        stage.move(timedelta(seconds=31))
        found = (await stage.people.state()).channel(name)
        return bool(found and found.is_archived)

    await stage.people.wait_until(look, bool, timeout=20)
    with pytest.raises(RefusedError):
        await stage.people.click(user=VAL, channel=name, action_id="approve")


async def test_an_unknown_initiator_is_found_by_their_address_or_named_as_unknown(
    stage: Stage,
) -> None:
    found = await stage.send(initiator={"email": "eve@acme.test"}, dedup_key="found")
    await stage.paged(EVE)
    unknown = await stage.send(initiator={"email": "nobody@acme.test"}, dedup_key="unknown")
    await stage.people.wait_for_message(
        user=VAL, channel=channel(unknown), holds=lambda m: m.pinned and "nobody@" in m.words
    )
    room = stage.app.engine.store.room(found["room_id"])
    assert room
    assert room.initiators == (f"slack:{EVE}",)


async def test_hostile_text_mentions_nobody_and_links_nowhere(stage: Stage) -> None:
    title = "<!channel> <@U0EVE> <https://evil.test|click> & \u202egnp.exe"
    answer = await stage.send(title=title, facts={"<!here>": "<@U0EVE> `x` *y*"})
    card = await stage.card(answer)
    assert "&lt;!channel&gt; &lt;@U0EVE&gt;" in card.text
    elements = [*parts(card.blocks)]
    shown = [part["text"] for part in elements if part.get("type") == "text"]
    assert title.replace("\u202e", "") in shown
    assert "• <!here>: <@U0EVE> `x` *y*" in "".join(shown)
    assert not [part for part in elements if part.get("type") in {"broadcast", "emoji"}]
    assert EVE not in [part.get("user_id") for part in elements]
    assert "https://evil.test" not in [part.get("url") for part in elements]


async def test_the_same_delivery_twice_is_one_violation(stage: Stage) -> None:
    content = body()
    first = (await stage.post(content, delivery="msg_twice")).json()
    second = (await stage.post(content, delivery="msg_twice")).json()
    assert second == first | {"duplicate": True, "links": second["links"]}
