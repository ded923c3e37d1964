import hashlib
import hmac
import json
import time
from urllib.parse import urlencode

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.integrations.slack.hear.guard import refuse
from tests.build import VAL
from tests.slack.conftest import World

FORM = {"content-type": "application/x-www-form-urlencoded"}
INSTALLED = {"api_app_id": "A0LOCAL", "team": {"id": "T0ACME"}}
CLICK = {
    **INSTALLED,
    "type": "block_actions",
    "user": {"id": VAL},
    "actions": [{"action_id": "ack", "block_id": "b", "value": "room"}],
}
SUBMISSION = {
    **INSTALLED,
    "type": "view_submission",
    "user": {"id": VAL},
    "view": {"id": "V1", "type": "modal", "callback_id": "reject_modal", "blocks": [], "state": {}},
}
EVENT = {
    "api_app_id": "A0LOCAL",
    "team_id": "T0ACME",
    "type": "event_callback",
    "event": {"type": "app_home_opened", "user": VAL, "tab": "home"},
}
COMMAND = {
    "api_app_id": "A0LOCAL",
    "team_id": "T0ACME",
    "command": "/warroom",
    "user_id": VAL,
    "channel_id": "C1",
    "text": "help",
}
KEYS = ["type", "user", "actions", "view", "event", "command", "channel", "team", "authorizations"]
junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from([*KEYS, "id", "state", "values"]), inner, max_size=4)
    ),
    max_leaves=8,
)


def form(payload: object) -> bytes:
    return urlencode({"payload": json.dumps(payload)}).encode()


@pytest.mark.parametrize("payload", [CLICK, SUBMISSION, EVENT])
def test_what_slack_sends_passes(payload: dict[str, object]) -> None:
    assert refuse(FORM, form(payload)) is None
    assert refuse({"content-type": "application/json"}, json.dumps(payload).encode()) is None


def test_a_command_and_a_body_of_nothing_pass() -> None:
    assert refuse(FORM, urlencode(COMMAND).encode()) is None
    assert refuse({}, b"") is None


@pytest.mark.parametrize("timestamp", ["soon", "1.5", "-1", " 1", "9" * 5000, "1_0", ""])
def test_a_timestamp_that_is_no_integer_is_refused(timestamp: str) -> None:
    assert "Timestamp" in str(refuse({"X-Slack-Request-Timestamp": timestamp}, b""))


def test_a_signature_that_is_not_ascii_is_refused() -> None:
    assert "Signature" in str(refuse({"x-slack-signature": "v0=é"}, b""))


@pytest.mark.parametrize(
    "body",
    [
        b"\xff",
        b"{",
        b"payload=%7B",
        b'{"a":' + b"[" * 100_000,
        b'{"type": 1',
        form([]),
        form("x"),
        form(None),
    ],
)
def test_a_body_that_cannot_be_read_is_refused(body: bytes) -> None:
    assert refuse(FORM, body)
    assert refuse({"content-type": "application/json"}, body)


@pytest.mark.parametrize(
    ("payload", "place"),
    [
        (SUBMISSION | {"view": {"id": "V1"}}, "view.type"),
        (SUBMISSION | {"view": None}, "view"),
        (SUBMISSION | {"user": {}}, "user.id"),
        (CLICK | {"actions": []}, "actions"),
        (CLICK | {"actions": [{}]}, "actions.0.action_id"),
        (CLICK | {"user": "U0VAL"}, "user"),
        (EVENT | {"event": {}}, "event.type"),
        (EVENT | {"event": "x"}, "event"),
        (COMMAND | {"command": 5}, "command"),
    ],
)
def test_a_payload_of_another_shape_is_refused_by_its_field(
    payload: dict[str, object], place: str
) -> None:
    assert str(refuse(FORM, form(payload))).startswith(f"{place}:")


async def signed(world: World, body: bytes, **headers: str) -> int:
    timestamp = str(int(time.time()))
    secret = world.slack.config.signing_secret.encode()
    text = b"v0:" + timestamp.encode() + b":" + body
    signature = "v0=" + hmac.new(secret, text, hashlib.sha256).hexdigest()
    given = {
        "X-Slack-Request-Timestamp": timestamp,
        "X-Slack-Signature": signature,
        "Content-Type": FORM["content-type"],
        **headers,
    }
    async with (
        aiohttp.ClientSession() as session,
        session.post(world.url, data=body, headers=given) as answer,
    ):
        return answer.status


async def test_signed_but_malformed_is_400_and_unsigned_is_401(world: World) -> None:
    assert await signed(world, b"payload=%7B") == 400
    assert await signed(world, b"\xff") == 400
    assert await signed(world, form(CLICK), **{"X-Slack-Request-Timestamp": "now"}) == 400
    assert await signed(world, form(CLICK), **{"X-Slack-Signature": "v0=0"}) == 401
    assert await signed(world, form(CLICK), **{"X-Slack-Request-Timestamp": "1"}) == 401


async def test_what_nobody_listens_to_is_404_as_bolt_says(world: World) -> None:
    unknown = CLICK | {"actions": [{"action_id": "is_unknown_address", "block_id": "b"}]}
    assert await signed(world, form(unknown)) == 404
    assert await signed(world, urlencode(COMMAND | {"command": "/other"}).encode()) == 404


async def test_nothing_signed_is_ever_a_500(world: World) -> None:
    @given(
        st.fixed_dictionaries(
            {"type": st.sampled_from([*_TYPES, "?"])}, optional=dict.fromkeys(KEYS[1:], junk)
        ).map(lambda payload: INSTALLED | payload)
        | junk
    )
    def collect(payload: object) -> None:
        payloads.append(payload)

    payloads: list[object] = [{"event": None}]  # found so
    collect()
    for payload in payloads:
        assert await signed(world, form(payload)) in (200, 400, 404), payload


_TYPES = ["block_actions", "view_submission", "view_closed", "event_callback", "block_suggestion"]


async def test_slacks_own_checks_of_the_address_pass(world: World) -> None:
    challenge = json.dumps({"type": "url_verification", "challenge": "abc", "token": "t"}).encode()
    kind = {"Content-Type": "application/json"}
    assert await signed(world, challenge, **kind) == 200
    assert await signed(world, urlencode({"ssl_check": "1", "token": "t"}).encode()) == 200


async def test_characters_that_can_not_be_stored_are_refused(world: World) -> None:
    for value in ("\ud800", "a\0b"):
        click = CLICK | {"actions": [{"action_id": "ack", "block_id": "b", "value": value}]}
        assert await signed(world, form(click)) == 400
    deep: object = "end"
    for _ in range(900):
        deep = [deep]
    assert await signed(world, form(CLICK | {"deep": deep})) in (200, 400)
    # Somebody who writes about such a character is no attack.
    written = CLICK | {"actions": [{"action_id": "ack", "block_id": "b", "value": "\\u0000"}]}
    assert await signed(world, form(written)) == 200
    opened = EVENT | {"event": {"type": "app_home_opened", "tab": "home"}}
    kind = {"Content-Type": "application/json"}
    assert await signed(world, json.dumps(opened).encode(), **kind) == 200
