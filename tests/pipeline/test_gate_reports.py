"""`POST /gate` and `POST /answers`: what a pipeline reports and asks with a token alone."""

from datetime import timedelta
from typing import Any

import httpx
import pytest
from pydantic import SecretStr
from structlog.testing import capture_logs

from bot.domain import commands as c
from bot.domain.aggregate import Step
from bot.engine.engine import Engine
from bot.settings import Settings
from bot.signatures import Secret
from tests.build import APPROVE, POLICY, acting, val
from tests.conftest import HandClock
from tests.sources.conftest import Pipeline, asgi, body
from tests.staging.environment import TOKEN

BEARER = {"authorization": f"Bearer {TOKEN}"}
JSON = {"content-type": "application/json"}
AT = {"repository": "acme/ranker", "commit": "0" * 40}


async def _report(
    web: httpx.AsyncClient,
    key: str | None = None,
    token: str = TOKEN,
    **fields: Any,  # noqa: ANN401
) -> httpx.Response:
    headers = {**JSON, "authorization": f"Bearer {token}"}
    if key is not None:
        headers["idempotency-key"] = key
    return await web.post("/gate", content=body(**fields), headers=headers)


async def _asked(pipeline: Pipeline, *bodies: dict[str, Any]) -> list[dict[str, Any]]:
    answer = await pipeline.web.post("/answers", json={"violations": bodies}, headers=BEARER)
    assert answer.status_code == 200, answer.text
    told: list[dict[str, Any]] = answer.json()["answers"]
    return told


def _body(**fields: Any) -> dict[str, Any]:  # noqa: ANN401 - a body's fields
    initiator = {"email": "ada@acme.test"}
    return {"policy": POLICY.id, "title": "ranker", "initiator": initiator, **fields}


async def test_a_token_reports_as_a_signature_does(pipeline: Pipeline) -> None:
    signed = (await pipeline.send(origin=AT)).json()
    told = await _report(pipeline.web, origin=AT)
    assert told.status_code == 202
    said = told.json()
    own = {key: said[key] for key in ("violation_id", "links")}
    assert said == {**signed, **own}  # it has joined the open room
    answer = await pipeline.web.get(f"/gate/{said['violation_id']}", headers=BEARER)
    assert answer.json()["room_id"] == signed["room_id"]


async def test_without_a_token_nothing_is_taken_or_told(pipeline: Pipeline, engine: Engine) -> None:
    for headers in ({}, {"authorization": "Bearer wrong"}, {"authorization": f"Basic {TOKEN}"}):
        for path in ("/gate", "/answers"):
            answer = await pipeline.web.post(path, content=b"{", headers={**JSON, **headers})
            assert answer.status_code == 401
            assert answer.headers["www-authenticate"] == "Bearer"
            assert "WARROOM_GATE_TOKEN" in answer.json()["message"]
    assert engine.store.open_rooms() == []


async def test_each_of_several_tokens_opens_and_its_name_is_the_source(engine: Engine) -> None:
    async with asgi(engine, token="training=tra-in ZXhwb3J0LXRva2VuLTE2Yg==") as web:
        first = (await _report(web, token="tra-in", origin=AT)).json()
        second = (await _report(web, token="ZXhwb3J0LXRva2VuLTE2Yg==", origin=AT)).json()
        for wrong in (
            "training=tra-in",
            "ZXhwb3J0LXRva2VuLTE2Yg",
            "tra-in ZXhwb3J0LXRva2VuLTE2Yg==",
        ):
            assert (await _report(web, token=wrong)).status_code == 401
    signers = [engine.store.violation(each["violation_id"]) for each in (first, second)]
    assert [each and each.signed_by for each in signers] == ["training", "gate"]


def test_the_token_of_everything_opens_the_gate_too() -> None:
    settings = Settings(
        warroom_gate_token=SecretStr("ci=one two"), warroom_api_token=SecretStr("all")
    )
    assert settings.gate_tokens == (Secret("one", "ci"), Secret("two"), Secret("all"))
    with pytest.raises(ValueError, match="number 2: what stands before `=` is no name"):
        Settings(warroom_gate_token=SecretStr("ci=one CI=two"))
    nothing = Settings(warroom_gate_token=SecretStr(""), warroom_api_token=SecretStr(""))
    assert nothing.gate_tokens == ()


async def test_the_same_key_again_gives_the_same_answer(pipeline: Pipeline) -> None:
    first = (await _report(pipeline.web, "run-1", origin=AT)).json()
    # Another run of the same commit is the same question.
    again = await _report(pipeline.web, "run-1", origin={**AT, "run_url": "https://ci.acme.test/2"})
    assert again.json() == {**first, "duplicate": True}
    other = (await _report(pipeline.web, origin=AT)).json()
    assert other["violation_id"] != first["violation_id"]


@pytest.mark.parametrize(
    "changed",
    [
        {"origin": {**AT, "commit": "1" * 40}},
        {"origin": {**AT, "repository": "acme/other"}},
        {"subject": {"digest": "sha256:other"}},
        {"facts": {"dataset": "customers_us"}},
    ],
)
async def test_a_key_never_answers_for_another_violation(
    pipeline: Pipeline, engine: Engine, changed: dict[str, Any]
) -> None:
    first = (await _report(pipeline.web, "run-1", origin=AT)).json()
    await engine.handle(first["room_id"], APPROVE, acting(val.name))
    fields = {"origin": AT, **changed}
    answer = await _report(pipeline.web, "run-1", **fields)
    assert answer.status_code == 422
    assert answer.json()["detail"][0]["path"] == "Idempotency-Key"
    content = body(origin=AT)
    await pipeline.post(content, pipeline.signed(content, "msg_1"))
    content = body(**fields)
    answer = await pipeline.post(content, pipeline.signed(content, "msg_1"))
    assert (answer.status_code, answer.json()["detail"][0]["path"]) == (422, "webhook-id")


async def test_a_key_is_its_signers(engine: Engine) -> None:
    async with asgi(engine, token="training=one export=two") as web:
        await _report(web, "run-1", token="one", origin=AT)
        assert (await _report(web, "run-1", token="two", origin=AT)).status_code == 422


@pytest.mark.parametrize("key", ["", "a b", "x" * 201])
async def test_a_key_that_is_none_is_refused(pipeline: Pipeline, key: str) -> None:
    answer = await _report(pipeline.web, key)
    assert (answer.status_code, answer.json()["detail"][0]["path"]) == (422, "Idempotency-Key")


async def test_what_is_asked_opens_nothing(pipeline: Pipeline, engine: Engine) -> None:
    nothing = {"answer": "none", **dict.fromkeys(("id", "until", "url", "justification", "by"))}
    with capture_logs() as logged:
        assert await _asked(pipeline, _body(origin=AT), _body()) == [nothing, nothing]
    assert engine.store.open_rooms() == []
    asked = [line for line in logged if line["event"] == "answers.asked"]
    assert [(line["source"], line["violations"]) for line in asked] == [("gate", 2)]


async def test_the_answers_are_of_room_exception_and_nothing_in_order(
    pipeline: Pipeline, engine: Engine, clock: HandClock
) -> None:
    allowed = {**AT, "commit": "1" * 40}
    opened = (await _report(pipeline.web, origin=AT)).json()
    decided = (await _report(pipeline.web, origin=allowed)).json()
    approve = c.Approve(reason="It is a copy without names.")
    step = await engine.handle(decided["room_id"], approve, acting(val.name))
    assert isinstance(step, Step)
    asked = [_body(origin={**AT, "commit": commit * 40}) for commit in "102"]
    exception, room, none = await _asked(pipeline, *asked)
    assert (exception["answer"], exception["id"]) == ("exception", decided["room_id"])
    assert (exception["justification"], exception["by"]) == (approve.reason, val.name)
    assert (room["answer"], room["id"]) == ("room", opened["room_id"])
    assert room["until"] == opened["expires_at"]
    assert none["answer"] == "none"
    used = await _asked(pipeline, asked[0])
    assert used == [exception]  # asking again uses nothing up

    clock.move(timedelta(days=400))
    assert [each["answer"] for each in await _asked(pipeline, *asked)] == ["none"] * 3


@pytest.mark.parametrize(
    ("content", "path"),
    [
        (b"[]", "violations"),
        (b'{"violations": {}}', "violations"),
        (b'{"violations": [], "more": 1}', "more"),
        (b'{"violations": [{"title": "x"}]}', "violations.0.initiator"),
        (b'{"violations": [%s]}' % b",".join([b"{}"] * 1001), "violations"),
    ],
)
async def test_what_is_no_list_of_violations_is_refused_by_its_place(
    pipeline: Pipeline, content: bytes, path: str
) -> None:
    answer = await pipeline.web.post("/answers", content=content, headers=BEARER)
    assert (answer.status_code, answer.json()["detail"][0]["path"]) == (422, path)
