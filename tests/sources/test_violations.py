"""`POST /webhooks/violations`: what is taken, what is refused, and how that is said."""

import asyncio
import itertools
import json
import re
from base64 import b64encode
from datetime import timedelta
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

from bot.domain.violation import Code, Initiator, Origin, Report, Subject
from bot.engine.cases import cases
from bot.engine.engine import Engine
from bot.errors import UsageError
from bot.integrations.source import with_own_names
from bot.integrations.standard.source import SOURCE
from bot.measures.figures import figures
from bot.settings import Settings, load_settings
from bot.signatures import Secret
from tests.build import ADA, POLICY, ada
from tests.conftest import HandClock
from tests.sources.conftest import SECRETS, Pipeline, asgi, body

OWN_HEADERS = ("webhook-id", "webhook-timestamp", "webhook-signature")
SVIX_HEADERS = ("svix-id", "svix-timestamp", "svix-signature")
PARTS = ("initiator", "subject", "origin")


async def test_a_violation_is_answered_with_its_room_deadline_and_links(pipeline: Pipeline) -> None:
    answer = await pipeline.send(detected_at="2026-11-20T08:12:00Z", severity="critical")
    assert answer.status_code == 202
    said = answer.json()
    assert said == {
        "violation_id": said["violation_id"],
        "room_id": said["room_id"],
        "status": "open",
        "duplicate": False,
        "expires_at": "2026-11-20T13:00:00Z",
        "verdict": "pending",
        "answers": [
            {
                "policy": POLICY.id,
                "answer": "room",
                "verdict": "pending",
                "room_id": said["room_id"],
            }
        ],
        "links": {"gate": f"https://warroom.test/gate/{said['violation_id']}", "room": None},
    }
    room = pipeline.engine.store.room(said["room_id"])
    assert room
    assert room.initiators == (ada.name,)
    assert (room.team, room.severity) == ("search", "critical")
    assert room.violation.detected_at.hour == 8


async def test_the_same_id_gives_the_same_answer_and_is_a_duplicate(pipeline: Pipeline) -> None:
    first, second = await pipeline.send(), await pipeline.send()
    assert second.json() == first.json() | {"duplicate": True}


async def test_fifty_identical_submissions_at_once_open_one_room(pipeline: Pipeline) -> None:
    answers = await asyncio.gather(*(pipeline.send(f"msg_{n}") for n in range(50)))
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.json()["room_id"] for answer in answers}) == 1


async def test_without_a_key_subject_and_origin_are_the_key(pipeline: Pipeline) -> None:
    async def room(number: int, **fields: Any) -> str:  # noqa: ANN401 - a body's fields
        return str((await pipeline.send(f"msg_{number}", **fields)).json()["room_id"])

    seven: dict[str, Any] = {"subject": {"kind": "model", "name": "ranker", "version": "7"}}
    eight: dict[str, Any] = {"subject": {"kind": "model", "name": "ranker", "version": "8"}}
    first = await room(1, title="one", **seven)
    assert await room(2, title="another", **seven) == first
    assert await room(3, title="one", **eight) != first


@pytest.mark.parametrize("secret", SECRETS)
async def test_each_of_several_secrets_is_taken(pipeline: Pipeline, secret: str) -> None:
    content = body()
    answer = await pipeline.post(content, pipeline.signed(content, secret=secret))
    assert answer.status_code == 202


@pytest.mark.parametrize(
    ("number", "signed_by"), [(0, "violations"), (1, "export-ci")], ids=["unnamed", "named"]
)
async def test_the_secret_that_signed_is_on_record_by_its_name(
    engine: Engine, number: int, signed_by: str
) -> None:
    async with asgi(engine, secrets=(SECRETS[0], f"export-ci={SECRETS[1]}")) as web:
        pipeline, content = Pipeline(web, engine), body()
        answer = await pipeline.post(content, pipeline.signed(content, secret=SECRETS[number]))
    violation = engine.store.violation(answer.json()["violation_id"])
    room = engine.store.room(answer.json()["room_id"])
    assert violation
    assert room
    assert (violation.source, violation.signed_by) == ("violations", signed_by)
    assert room.violation.signed_by == signed_by


@pytest.mark.parametrize("name", ["source", "signed_by"])
async def test_no_body_says_who_signed_it(pipeline: Pipeline, name: str) -> None:
    refused = await pipeline.send(**{name: "export-ci"})
    assert refused.status_code == 422
    (detail,) = refused.json()["detail"]
    assert detail["path"] == name
    assert "unknown field" in detail["message"]


async def test_a_delivery_is_the_same_whichever_secret_signs_it(pipeline: Pipeline) -> None:
    content = body()
    first, again = [
        await pipeline.post(content, pipeline.signed(content, secret=secret)) for secret in SECRETS
    ]
    assert again.json() == first.json() | {"duplicate": True}


async def test_a_structured_cloud_event(pipeline: Pipeline) -> None:
    event = {"id": "1", "source": "/ci", "specversion": "1.0", "type": "acme.violation"}
    content = json.dumps(event | {"data": json.loads(body())}).encode()
    headers = pipeline.signed(content) | {
        "content-type": "application/cloudevents+json; charset=utf-8"
    }
    assert (await pipeline.post(content, headers)).status_code == 202
    content = json.dumps({"id": "1", "data": {}}).encode()
    refused = await pipeline.post(
        content, pipeline.signed(content) | {"content-type": "application/cloudevents+json"}
    )
    assert refused.status_code == 422
    assert {d["path"] for d in refused.json()["detail"]} == {"source", "specversion", "type"}


async def _structured(pipeline: Pipeline, **fields: object) -> httpx.Response:
    event = {"id": "1", "source": "/ci", "specversion": "1.0", "type": "acme.violation"}
    content = json.dumps(event | fields).encode()
    headers = pipeline.signed(content) | {"content-type": "application/cloudevents+json"}
    return await pipeline.post(content, headers)


async def test_a_structured_cloud_event_may_have_its_data_in_base64(pipeline: Pipeline) -> None:
    answer = await _structured(pipeline, data_base64=b64encode(body()).decode())
    assert answer.status_code == 202, answer.text
    again = await _structured(
        pipeline,
        data_base64=b64encode(body()).decode(),
        datacontenttype="application/json; charset=utf-8",
    )
    assert again.json()["duplicate"] is True


@pytest.mark.either_database
@pytest.mark.parametrize(
    ("fields", "path", "said"),
    [
        ({"data_base64": "e30"}, "data_base64", "is no base64"),
        ({"data_base64": "not base64!"}, "data_base64", "is no base64"),
        ({"data_base64": "é"}, "data_base64", "is no base64"),
        ({"data_base64": "e3!0="}, "data_base64", "is no base64"),
        ({"data_base64": {"a": 1}}, "data_base64", "in base64"),
        ({"data_base64": None}, "data_base64", "in base64"),
        ({"data_base64": ""}, "data_base64", "what is encoded is not JSON"),
        ({"data_base64": b64encode(b"{").decode()}, "data_base64", "what is encoded is not JSON"),
        ({"data_base64": b64encode(b"\xff").decode()}, "data_base64", "is not UTF-8"),
        ({"data_base64": b64encode(b'{"a": "\\u0000"}').decode()}, "data_base64.a", "NUL"),
        ({"data_base64": b64encode(body(title="")).decode()}, "data_base64.title", "found '', n"),
        ({"data_base64": "e30=", "data": {}}, "data_base64", "one of the two"),
        ({"data_base64": "e30=", "data": None}, "data_base64", "one of the two"),
        ({}, "data", "is needed"),
        ({"data_base64": "e30=", "datacontenttype": "text/xml"}, "datacontenttype", "need appli"),
    ],
)
async def test_encoded_data_that_is_not_a_violation_is_named_by_its_path(
    pipeline: Pipeline, fields: dict[str, object], path: str, said: str
) -> None:
    answer = await _structured(pipeline, **fields)
    assert answer.status_code == 422, answer.text
    detail = {each["path"]: each["message"] for each in answer.json()["detail"]}
    assert said in detail[path]
    assert pipeline.engine.store.open_rooms() == []


async def test_what_comes_through_svix_is_taken_and_known_by_its_id(pipeline: Pipeline) -> None:
    content = body()
    standard = pipeline.signed(content)
    through = {name.replace("webhook-", "svix-"): value for name, value in standard.items()}
    first = await pipeline.post(content, through)
    assert first.status_code == 202, first.text
    assert (await pipeline.post(content, standard)).json()["duplicate"] is True
    refused = await pipeline.post(content + b" ", through)
    assert refused.status_code == 401
    assert refused.json()["message"].startswith("svix-signature: ")
    mixed = {name: value for name, value in through.items() if name != "svix-id"}
    mixed |= {"webhook-id": standard["webhook-id"]}
    assert (await pipeline.post(content, mixed)).status_code == 401


async def test_a_binary_cloud_event(pipeline: Pipeline) -> None:
    content = body()
    event = {"ce-id": "1", "ce-source": "/ci", "ce-specversion": "1.0", "ce-type": "acme.violation"}
    assert (await pipeline.post(content, pipeline.signed(content) | event)).status_code == 202
    refused = await pipeline.post(content, pipeline.signed(content) | {"ce-id": "1"})
    assert refused.status_code == 422
    assert "ce-type" in refused.json()["message"]


@pytest.mark.either_database
@pytest.mark.parametrize(
    ("fields", "path", "said"),
    [
        ({"polcy": "x"}, "polcy", "Did you mean 'policy'?"),
        ({"initiator": {"mail": "a@b.c"}}, "initiator.mail", "Did you mean 'email'?"),
        ({"initiator": {}}, "initiator", "one of email, github or slack"),
        ({"initiator": {"name": " "}}, "initiator.name", "found ' ', need text"),
        ({"initiator": None}, "initiator", "needed"),
        ({"title": None}, "title", "needed"),
        ({"title": ""}, "title", "found '', need text"),
        (
            {"initiator": "val"},
            "initiator",
            "found 'val', need an object with one or more of email",
        ),
        ({"initiator": {"email": ""}}, "initiator.email", "found '', need an e-mail address such"),
        ({"initiator": {"slack": 7}}, "initiator.slack", "found 7, need a Slack user id such as"),
        ({"contributors": [["val"]]}, "contributors.0", "found a list, need an object with one"),
        ({"facts": "pii"}, "facts", "found 'pii', need an object"),
        ({"policy": "pii-fine-tunin"}, "policy", "Did you mean 'pii-fine-tuning'?"),
        ({"severity": "urgent"}, "severity", "'low', 'medium', 'high' or 'critical'"),
        ({"detected_at": "2026-11-20T09:12:00"}, "detected_at", "need a time with its zone"),
        ({"detected_at": "2026-11-20T10:00:00Z"}, "detected_at", "future"),
        (
            {"origin": {"pull_request": "many"}},
            "origin.pull_request",
            "found 'many', need a whole number",
        ),
        (
            {"subject": {"url": "javascript:alert(1)"}},
            "subject.url",
            "need an address such as https://",
        ),
        ({"callback_url": "ftp://x"}, "callback_url", "http"),
        ({"callback_url": "http://127.1/"}, "callback_url", "127.0.0.1 is loopback"),
        ({"callback_url": "http://[fd00:ec2::254]/"}, "callback_url", "unique-local"),
        ({"callback_url": "https://u:p@ci.test/"}, "callback_url", "a password"),
        ({"title": "a\0b"}, "title", "NUL"),
        ({"facts": {"a": ["\ud800"]}}, "facts.a.0", "half a pair"),
        ({"detected_at": "0001-01-01T00:00:00+14:00"}, "detected_at", "before 2000"),
        ({"detected_at": "9999-12-31T23:59:59-14:00"}, "detected_at", "future"),
    ],
)
async def test_what_is_invalid_is_named_by_its_path(
    pipeline: Pipeline, fields: dict[str, Any], path: str, said: str
) -> None:
    answer = await pipeline.send(**fields)
    assert answer.status_code == 422, answer.text
    detail = {each["path"]: each["message"] for each in answer.json()["detail"]}
    assert said in detail[path]
    assert pipeline.engine.store.open_rooms() == []


@pytest.mark.parametrize(
    "value",
    [None, True, -1, 1.5, 10**16, "", "val", "x" * 3000, "2026-11-20", "ftp://x", [], [1], {}],
    ids=lambda value: repr(value)[:20],
)
async def test_whatever_is_wrong_is_said_by_what_was_found_and_what_is_needed(
    pipeline: Pipeline, value: object
) -> None:
    """In words of ours, and not in those of whatever has read it."""
    told: dict[str, str] = {}
    for model, place in (
        (Report, ""),
        (Initiator, "initiator"),
        (Subject, "subject"),
        (Origin, "origin"),
    ):
        for field in model.model_fields:
            given = {place: {field: value}} if place else {field: value}
            answer = await pipeline.send(f"{place} {field}", **given)
            assert answer.status_code in (202, 422), answer.text
            told |= {each["path"]: each["message"] for each in answer.json().get("detail", ())}
    for path, message in told.items():
        assert not re.search(r"\b(should|valid|input|instance|pydantic)\b", message), (
            path,
            message,
        )
        assert re.match(
            r"found .*, need |is needed|lies |no policy|one of|unknown field", message
        ), (
            path,
            message,
        )


async def test_an_answer_repeats_what_was_found_and_at_most_twenty_things(
    pipeline: Pipeline,
) -> None:
    refused = await pipeline.send(severity="urgent", origin={"pull_request": "many"})
    found = {each["path"]: each["found"] for each in refused.json()["detail"]}
    assert found == {"severity": "urgent", "origin.pull_request": "many"}
    refused = await pipeline.send(**{f"unknown{n}": "x" * 1000 for n in range(100)})
    assert len(refused.json()["detail"]) == 20
    assert len(refused.content) < 10_000


async def test_a_path_leads_through_the_event_that_the_violation_came_in(
    pipeline: Pipeline,
) -> None:
    event = {"id": "1", "source": "/ci", "specversion": "1.0", "type": "acme.violation"}
    content = json.dumps(event | {"data": json.loads(body(title=""))}).encode()
    headers = pipeline.signed(content) | {"content-type": "application/cloudevents+json"}
    refused = await pipeline.post(content, headers)
    assert [each["path"] for each in refused.json()["detail"]] == ["data.title"]
    content = json.dumps(
        event | {"datacontenttype": "text/xml", "data": json.loads(body())}
    ).encode()
    headers = pipeline.signed(content) | {"content-type": "application/cloudevents+json"}
    refused = await pipeline.post(content, headers)
    assert [each["path"] for each in refused.json()["detail"]] == ["datacontenttype"]


@pytest.mark.either_database
@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[1]",
        b"null",
        b"\xff\xfe",
        b'{"title": NaN}',
        b'{"facts": {"x": 1e999}}',
        b'{"title": "a", "title": "b"}',
        b"[" * 100_000,
        b'{"a":' * 40 + b"1" + b"}" * 40,
    ],
)
async def test_what_is_malformed_is_a_400(pipeline: Pipeline, content: bytes) -> None:
    answer = await pipeline.post(content)
    assert answer.status_code == 400, answer.text
    assert answer.json()["error"] == "malformed"


async def test_an_unsigned_old_or_forged_body_is_a_401_and_says_which(
    pipeline: Pipeline, clock: HandClock
) -> None:
    content = body()
    headers = pipeline.signed(content)
    assert "does not fit" in (await pipeline.post(content + b" ", headers)).json()["message"]
    assert (
        "webhook-id"
        in (await pipeline.post(content, {"content-type": "application/json"})).json()["message"]
    )
    clock.move(timedelta(minutes=6))
    old = await pipeline.post(content, headers)
    assert old.status_code == 401
    assert "360 s old" in old.json()["message"]
    assert SECRETS[0][6:] not in old.text


async def test_without_a_secret_the_answer_says_what_to_set(engine: Engine) -> None:
    async with asgi(engine, secrets=()) as web:
        answer = await web.post("/webhooks/violations", content=body())
    assert answer.status_code == 401
    assert "WARROOM_WEBHOOK_SECRET" in answer.json()["message"]


async def test_a_body_over_256_kib_is_a_413(pipeline: Pipeline) -> None:
    content = body(facts={"x": "y" * 256 * 1024})
    assert (await pipeline.post(content)).status_code == 413
    just = body(facts={"x": "y" * 250 * 1024})
    assert (await pipeline.post(just)).status_code == 202

    async def chunks() -> object:
        for _ in range(300):
            yield b"x" * 1024

    answer = await pipeline.web.post("/webhooks/violations", content=chunks())  # type: ignore[arg-type] # an async generator is one
    assert answer.status_code == 413


async def test_another_content_type_is_a_415(pipeline: Pipeline) -> None:
    content = body()
    answer = await pipeline.post(content, pipeline.signed(content) | {"content-type": "text/xml"})
    assert answer.status_code == 415


async def test_a_violation_that_can_be_dated_is_measured(pipeline: Pipeline) -> None:
    await pipeline.send(detected_at="2000-01-01T00:00:00+14:00")
    await pipeline.send("msg_2", detected_at="2000-01-01T00:00:00Z")
    assert figures(cases(pipeline.engine.store, pipeline.engine.now())).n == 1


def test_a_secret_that_cannot_be_used_stops_the_start_and_is_named() -> None:
    unusable = Settings(warroom_webhook_secret=SecretStr(f"{SECRETS[0]} ci=whsec_***"))
    with pytest.raises(UsageError, match=r"WARROOM_WEBHOOK_SECRET: number 2 \(ci\): "):
        SOURCE.settings.usable(unusable, None)


@pytest.mark.parametrize("name", ["github", "slack"])
def test_a_secret_cannot_be_called_as_another_source_is(name: str) -> None:
    """It would pass for that source wherever a policy asks who has signed."""
    borrowed = {"violations": (Secret(SECRETS[0]), Secret(SECRETS[1], name))}
    with pytest.raises(UsageError, match=rf"violations, number 2 \({name}\): '{name}' is the name"):
        with_own_names(borrowed, {"violations", "github", "slack"})
    with_own_names(borrowed, {"violations"})
    twice = {"violations": (Secret(SECRETS[0], "one"), Secret(SECRETS[0], "other"))}
    with pytest.raises(UsageError, match="found under two names"):
        with_own_names(twice, {"violations"})


def test_a_secret_whose_name_is_none_stops_the_start_without_being_shown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("WARROOM_WEBHOOK_SECRET", f"ci={SECRETS[0]} {SECRETS[1]}={SECRETS[0]}")
    with pytest.raises(UsageError, match="WARROOM_WEBHOOK_SECRET: number 2: ") as refused:
        load_settings()
    assert "whsec_" not in str(refused.value).replace("`=whsec_`", "")


async def test_what_is_unexpected_is_a_503_that_can_be_sent_again(
    pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object) -> None:
        raise LookupError("a bug of ours")

    monkeypatch.setattr(pipeline.engine, "report", broken)
    answer = await pipeline.send()
    assert (answer.status_code, answer.json()["error"]) == (503, "failed")
    assert int(answer.headers["retry-after"]) > 0
    assert "a bug of ours" not in answer.text


async def test_what_is_not_there_answers_in_the_same_shape(pipeline: Pipeline) -> None:
    missing = await pipeline.web.get("/nowhere")
    assert (missing.status_code, missing.json()["error"]) == (404, "not_found")
    wrong = await pipeline.web.get("/webhooks/violations")
    assert (wrong.status_code, wrong.json()["error"]) == (405, "method_not_allowed")
    slash = await pipeline.web.post("/webhooks/violations/", content=body())
    assert slash.status_code == 404


@pytest.mark.either_database
@pytest.mark.parametrize("path", ["gitlab", "violations/", "GitHub", "", "a/b", "x" * 3000])
async def test_a_source_that_is_not_there_is_answered_with_those_that_are(
    pipeline: Pipeline, path: str
) -> None:
    for missing in (
        await pipeline.web.post(f"/webhooks/{path}", content=body()),
        await pipeline.web.get(f"/webhooks/{path}"),
    ):
        assert (missing.status_code, missing.json()["error"]) == (404, "not_found")
        named = "Configured here: /webhooks/github, /webhooks/violations"
        assert missing.json()["message"].endswith(named)
        assert len(missing.content) < 1000


deliveries = itertools.count()
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)
bodies = (
    st.binary()
    | json_values.map(lambda value: json.dumps(value).encode())
    | st.dictionaries(st.text(), json_values).map(lambda facts: body(facts=facts))
    | st.dictionaries(
        st.sampled_from(
            ["policy", "title", "initiator", "facts", "subject", "origin", "dedup_key"]
        ),
        json_values | st.just(POLICY.id) | st.just({"slack": ADA}),
    ).map(lambda value: json.dumps(value).encode())
)


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(content=bodies)
async def test_no_body_whatsoever_gives_a_5xx(pipeline: Pipeline, content: bytes) -> None:
    delivery = f"msg_{next(deliveries)}"
    answer = await pipeline.post(content, pipeline.signed(content, delivery))
    assert answer.status_code in {202, 400, 413, 422}
    if answer.status_code == 202:
        room = pipeline.engine.store.room(answer.json()["room_id"])
        assert room
        stored = pipeline.engine.store.violation(answer.json()["violation_id"])
        assert stored
        assert stored.report.facts == json.loads(content).get("facts", {})
        cases(pipeline.engine.store, pipeline.engine.now())
    else:
        assert {"error", "message"} <= answer.json().keys()


async def test_health_readiness_and_the_description(pipeline: Pipeline, clock: HandClock) -> None:
    assert (await pipeline.web.get("/healthz")).status_code == 200
    assert (await pipeline.web.get("/readyz")).status_code == 200
    await pipeline.send()
    clock.move(timedelta(minutes=2))
    late = await pipeline.web.get("/readyz")
    assert late.status_code == 503
    assert "outbox" in late.json()["message"]
    paths = (await pipeline.web.get("/openapi.json")).json()["paths"]
    reports = paths["/webhooks/violations"]["post"]
    assert set(reports["responses"]) >= {"202", "400", "401", "422"}
    described = reports["requestBody"]["content"]["application/json"]["schema"]
    for part in (described, *(described["properties"][name] for name in PARTS)):
        assert part["additionalProperties"] is False, "an unknown field is refused, and it says so"
    assert described["properties"]["facts"]["additionalProperties"] is True
    event = reports["requestBody"]["content"]["application/cloudevents+json"]["schema"]
    assert event["properties"]["data_base64"]["contentEncoding"] == "base64"
    assert event["oneOf"] == [{"required": ["data"]}, {"required": ["data_base64"]}]
    needed = {header["name"]: header["required"] for header in reports["parameters"]}
    assert needed == dict.fromkeys((*OWN_HEADERS, *SVIX_HEADERS), False)


async def test_what_is_too_long_or_unknown_is_refused_by_its_place(pipeline: Pipeline) -> None:
    code = {"path": "train.py", "line": 41, "excerpt": ["import datasets"]}
    for origin, path in (
        ({"code": code | {"line": 0}}, "origin.code.line"),
        ({"code": code | {"lines": 1}}, "origin.code.lines"),
        ({"code": "train.py"}, "origin.code"),
        ({"code": code | {"excerpt": ["x"] * 41}}, "origin.code.excerpt"),
        ({"changed_files": ["x"] * 301}, "origin.changed_files"),
        ({"commit_message": "x" * 4001}, "origin.commit_message"),
    ):
        answer = await pipeline.send(origin=origin)
        assert answer.status_code == 422, origin
        assert answer.json()["detail"][0]["path"] == path
    stored = (await pipeline.send(origin={"code": code, "author": "Ada"})).json()
    kept = pipeline.engine.store.violation(stored["violation_id"])
    assert kept
    assert kept.report.origin.code == Code(**code)
    assert kept.report.origin.author == "Ada"
