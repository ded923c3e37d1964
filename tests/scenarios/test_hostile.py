"""What people and pipelines write shapes nothing in Slack; what is signed and malformed changes
nothing."""

import hashlib
import hmac
import json
import time
from typing import Any
from urllib.parse import urlencode

import pytest

from bot.domain.war_room import WarRoom
from tests.build import ADA, EVE, JUDE, VAL
from tests.choosing import choose, is_settled
from tests.slack.reading import OURS
from tests.staging.stage import Stage

EVIL = (
    "<!channel> <!here> :tada: <@U0EVE> <!subteam^S0LEGAL> <#C0GENERAL> "
    "<https://evil.test|your bank> </script> &lt;!everyone&gt; "
    "a\u202emoc\u202c z\u200bw \u2066x\u2069 \x07\x1b[31m\x85 "
    "*b* _i_ `c` ~s~ \n> quoted\r\nX-Evil: 1"
)
URL = "https://ci.test/?a=1&b=%3C!channel%3E"
FIELDS: dict[str, Any] = {
    "title": EVIL[:290],
    "team": EVIL[:190],
    "initiator": {"email": "*Eve* `_~` & @channel <*eve*_~`&@acme.test>", "github": "ada"},
    "subject": {
        "kind": EVIL[:190],
        "name": EVIL[:190],
        "version": EVIL[:190],
        "digest": EVIL[:190],
        "url": URL,
    },
    "origin": {
        "system": EVIL[:190],
        "repository": EVIL[:190],
        "commit": EVIL[:190],
        "environment": EVIL[:190],
        "run_url": URL,
    },
    "facts": {EVIL: EVIL, "list": [EVIL, {EVIL: [EVIL]}]},
    "dedup_key": EVIL[:190],
}
FORBIDDEN = {"\u202e", "\u202c", "\u200b", "\u2066", "\u2069", "\x07", "\x1b", "\x85", "\r"}
IDS = {EVE, "S0LEGAL", "C0GENERAL"}
DRAWN = (":tada:", "&lt;!everyone", "*b*", "_i_", "`c`", "~s~", "*Eve*")
UNSHOWN = {"metadata", "private_metadata", "value", "email", "name"}
"""An e-mail is looked up as it came, and in a conversation's name nothing is parsed."""
REASONS = {"reason": {"reason": {"value": "It is synthetic."}}}


def _harmless(said: object, *, parsed: bool = True) -> None:
    """Nothing of `said` mentions, links, draws or reorders by outside words."""
    if isinstance(said, dict):
        kind = said.get("type")
        assert kind != "mrkdwn" or said["verbatim"] is True
        assert kind not in {"broadcast", "usergroup", "emoji"}, said
        assert said.get(f"{kind}_id") not in IDS, said
        assert kind != "link" or "evil.test" not in said["url"], said
        literal = kind in {"text", "link"} or (kind == "plain_text" and said.get("emoji") is False)
        for key, value in said.items():
            if key not in UNSHOWN:
                _harmless(value, parsed=parsed and not (literal and key == "text"))
    elif isinstance(said, list | tuple):
        for value in said:
            _harmless(value, parsed=parsed)
    elif isinstance(said, str):
        assert not set(said) & FORBIDDEN, ascii(said)
        if parsed:
            left = OURS.sub("", said)
            assert not set(left) & set("<>"), said
            for user in IDS:
                assert f"<@{user}" not in said
                assert f"<#{user}" not in said
            assert "|your bank" not in "".join(OURS.findall(said))
            assert not [drawn for drawn in DRAWN if drawn in left], said


async def _submit(stage: Stage, user: str, verb: str, room: str, **values: str) -> None:
    await choose(stage.people, user=user, channel=room, verb=verb)
    await _fill_in(stage, user, verb, **values)


async def _fill_in(stage: Stage, user: str, verb: str, **values: str) -> None:
    modal = await stage.people.wait_for_modal(user=user, callback_id=f"{verb}_modal")
    sent = await stage.people.submit(user=user, view_id=modal.id, values=values)
    assert sent.outcome in ("closed", "cleared"), (verb, sent)


@pytest.mark.either_database
async def test_outside_words_are_only_words_wherever_they_are_shown(stage: Stage) -> None:
    first = await stage.send(**FIELDS)
    place = stage.channel(first)
    await stage.card(first)
    await stage.send(**FIELDS | {"title": f"again {EVIL[:250]}"})
    quiet = {"email": "ada@acme.test"}
    second = await stage.send(**FIELDS | {"initiator": quiet, "dedup_key": "another"})
    await stage.card(second)
    text = f"{EVIL} and so on, forty characters and more."
    await _submit(stage, VAL, "request_info", stage.channel(second), question=text)
    await stage.told(ADA, 2)
    await _submit(stage, ADA, "explain", (await stage.paged(ADA))[ADA].channel, text=text)
    await _submit(stage, VAL, "extend", place, by="1h", reason=text)
    for user in (VAL, JUDE):
        await stage.people.open_home(user=user)
        for words in (
            "list", "mine", "debt", "stats", f"status {first['room_id']}", EVIL, f"status {EVIL}",
            f"stats --team '{EVIL}'", f"stats --since {EVIL}", f"stats --{EVIL}", f"extend {EVIL}",
            f"extend {first['room_id']} {EVIL}", "open",
        ):  # fmt: skip
            line = " ".join(words.split())
            await stage.people.command(user=user, channel="general", text=f"/warroom {line}")
    await stage.people.click(user=JUDE, channel=place, action_id="override")
    await _fill_in(stage, JUDE, "override", justification=text, category="waiver", validity="1d")
    await _submit(stage, VAL, "dismiss", stage.channel(second), reason=text)
    for name in (place, stage.channel(second)):
        await stage.people.wait_for_message(
            user=VAL, channel=name, holds=lambda message: message.pinned and is_settled(message)
        )
    calls = await stage.people.calls()
    shown = [call for call in calls if call.direction == "to_slack"]
    assert {"chat.postMessage", "chat.update", "views.publish", "views.open"} <= {
        call.method for call in shown
    }
    for call in shown:
        _harmless(call.arguments)
    for call in calls:
        if call.direction == "to_bot":
            _harmless(call.answer)
    names = [call.arguments["name"] for call in shown if call.method == "conversations.create"]
    assert names == [stage.channel(first), stage.channel(second)]
    assert all(name.isascii() and set(name) <= NAME for name in names)


INSTALLED = {"api_app_id": "A0LOCAL", "team": {"id": "T0ACME"}}
"""What Slack says of where something comes from and which app it is for."""
NAME = set("abcdefghijklmnopqrstuvwxyz0123456789-_")


async def test_a_signed_payload_of_any_shape_changes_nothing_and_is_no_failure(
    stage: Stage,
) -> None:
    answer = await stage.send()
    await stage.card(answer)
    room_id = answer["room_id"]
    before = _room(stage, room_id)
    for payload in _malformed(room_id):
        status = await _interact(stage, payload)
        assert status in (200, 400, 404), (status, str(payload)[:300])
    for body in (b"payload=", b"payload=%7B", b"payload=null", b"payload=[]", b"\xff", b"{", b""):
        assert await _signed(stage, body) in (400, 404), body
    after = _room(stage, room_id)
    assert (after.state, after.decision) == (before.state, before.decision)
    assert after.acknowledged == before.acknowledged
    assert after.extended_by == before.extended_by
    assert after.assignments == before.assignments
    assert after.question is None
    assert (await stage.gate(answer["violation_id"]))["verdict"] == "pending"


async def test_another_rooms_id_in_a_button_is_judged_by_that_rooms_people(stage: Stage) -> None:
    """Who acts is signed, the room's id is only a question: it opens no door of its own."""
    mine, other = await stage.send(), await stage.send(dedup_key="other")
    await stage.card(mine)
    await stage.card(other)
    for value in (other["room_id"], "0000000000", "", "'; DROP TABLE rooms; --", "x" * 100_000):
        for user in (ADA, EVE):
            assert await _interact(stage, _click("approve", value, user)) == 200
            sent = _submission("approve_modal", value, REASONS, user)
            assert await _interact(stage, sent) == 200
    for each in (mine, other):
        assert _room(stage, each["room_id"]).decision is None
    sent = _submission("approve_modal", other["room_id"], REASONS, VAL)
    assert await _interact(stage, sent) == 200
    assert _room(stage, other["room_id"]).decision
    assert _room(stage, mine["room_id"]).decision is None


async def test_a_megabyte_of_justification_is_refused_beside_its_input(stage: Stage) -> None:
    answer = await stage.send()
    await stage.card(answer)
    room_id = answer["room_id"]
    values = {
        "justification": {"justification": {"type": "plain_text_input", "value": "a " * 524_288}},
        "category": {"category": {"selected_option": {"value": "waiver"}}},
        "validity": {"validity": {"selected_option": {"value": "1d"}}},
    }
    began = time.perf_counter()
    said = await _send(stage, _form(_submission("override_modal", room_id, values)))
    assert time.perf_counter() - began < 3  # Slack's patience
    assert said[0] == 200
    assert "at most 3000" in said[1]
    assert _room(stage, room_id).decision is None


def _room(stage: Stage, room_id: str) -> WarRoom:
    room = stage.app.engine.store.room(room_id)
    assert room
    return room


def _click(action: str, value: object, user: object = VAL) -> dict[str, Any]:
    return {
        **INSTALLED,
        "type": "block_actions",
        "user": {"id": user},
        "trigger_id": "1.2.3",
        "actions": [{"action_id": action, "block_id": "b", "value": value, "type": "button"}],
    }


def _choice(option: object) -> dict[str, Any]:
    """Something chosen in a room's menu."""
    action = {"action_id": "more", "block_id": "b", "type": "static_select"}
    return _click("more", None, ADA) | {"actions": [action | {"selected_option": option}]}


def _submission(name: object, metadata: object, values: object, user: str = JUDE) -> dict[str, Any]:
    blocks = [{"type": "input", "block_id": "justification"}]
    view = {"id": "V1", "type": "modal", "callback_id": name, "blocks": blocks}
    view |= {"private_metadata": metadata, "state": {"values": values}}
    return {**INSTALLED, "type": "view_submission", "user": {"id": user}, "view": view}


def _malformed(room_id: str) -> list[object]:
    """Each of these would decide or change something, were it whole."""
    odd: list[object] = [
        None,
        5,
        True,
        1e300,
        [],
        {},
        [[]],
        {"id": {}},
        "\u202e",
        EVIL,
        "x" * 99_999,
    ]
    whole = _click("ack", room_id, ADA)
    found: list[object] = [_click("ack", value, ADA) for value in odd if value != room_id]
    found += [_click("ack", room_id, user) for user in odd]
    found += [_click(str(action), room_id) for action in ("approve_all", "", "__init__", EVIL)]
    found += [_choice(option) for option in odd]
    found += [_choice({"value": value}) for value in odd]
    found += [
        _choice({"value": f"{verb}:{room_id}"})
        for verb in ("", "more", "approve_all", "__init__", EVIL, ":ack", "ack:")
    ]
    found += [
        {key: value for key, value in whole.items() if key != gone}
        for gone in whole
        if gone != "trigger_id"
    ]
    found += [whole | {"type": kind} for kind in odd]
    lists: list[object] = [[], [{}], {}, "ack", [[]], [None]]
    found += [whole | {"actions": actions} for actions in lists]
    found += [_submission("withdraw_modal", value, {}, ADA) for value in odd]
    found += [_submission("reject_modal", value, REASONS) for value in odd]
    found += [_submission("reject_modal", room_id, value) for value in odd]
    found += [_submission("reject_modal", room_id, {"reason": value}) for value in odd]
    found += [_submission("reject_modal", room_id, {"reason": {"reason": value}}) for value in odd]
    found += [_submission(name, room_id, REASONS) for name in ("", "nobodys", "__class__", EVIL)]
    for modal in ("extend_modal", "handoff_modal", "override_modal", "open_modal", "explain_modal"):
        for value in (
            {},
            {"value": EVIL},
            {"selected_option": "x"},
            {"selected_option": {"value": 5}},
        ):
            names = ("by", "to", "category", "validity", "policy", "initiator", "url", "severity")
            found.append(_submission(modal, room_id, {name: {name: value} for name in names}))
    bare = _submission("reject_modal", room_id, REASONS)
    del bare["view"]["private_metadata"]
    return [
        *found,
        bare,
        bare | {"view": []},
        INSTALLED | {"type": "view_closed", "user": {"id": VAL}},
    ]


def _form(payload: object) -> bytes:
    return urlencode({"payload": json.dumps(payload)}).encode()


async def _interact(stage: Stage, payload: object) -> int:
    return await _signed(stage, _form(payload))


async def _signed(stage: Stage, body: bytes) -> int:
    return (await _send(stage, body))[0]


async def _send(stage: Stage, body: bytes) -> tuple[int, str]:
    stamp = str(int(time.time()))
    secret = stage.slack.config.signing_secret.encode()
    text = b"v0:" + stamp.encode() + b":" + body
    headers = {
        "X-Slack-Request-Timestamp": stamp,
        "X-Slack-Signature": "v0=" + hmac.new(secret, text, hashlib.sha256).hexdigest(),
        "Content-Type": "application/x-www-form-urlencoded",
    }
    answer = await stage.web.post("/slack/events", content=body, headers=headers)
    return answer.status_code, answer.text
