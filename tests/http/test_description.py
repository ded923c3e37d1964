"""`/openapi.json` is true: whatever is sent, the answer is one that it describes.

Schemathesis makes the requests, well formed by the description and not; they are signed, half of
them, and half of those are near to what the bot takes, so that each answer is reached.
"""

import asyncio
import hmac
import itertools
import json
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from bot.demo.pipeline import HERE
from bot.domain import commands as c
from bot.signatures import sign
from tests.build import acting, jude
from tests.staging.environment import GITHUB_SECRET, SECRET, TOKEN
from tests.staging.pipeline import body
from tests.staging.stage import Stage

pytestmark = pytest.mark.either_database

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
EXAMPLES = 50
SEED = 20_261_121
RUN = json.loads((HERE / "workflow_run.json").read_text(encoding="utf-8"))
NEAR: dict[str, dict[str, Any]] = {
    "/webhooks/violations": json.loads(body()),
    "/webhooks/github": RUN,
    "/gate": json.loads(body()),
    "/answers": {"violations": [json.loads(body())]},
}
# What makes such a body not valid, whatever else is generated.
WRONG = {
    "/webhooks/violations": "title",
    "/webhooks/github": "workflow_run",
    "/gate": "title",
    "/answers": "violations",
}
Prepared = requests.PreparedRequest
deliveries = itertools.count()


async def test_every_answer_is_one_that_the_description_has(stage: Stage) -> None:
    sent = await stage.send()
    # Decided: the gate waits for no verdict.
    await stage.app.engine.handle(
        sent["room_id"], c.Reject(reason="Not like this."), acting(jude.name)
    )
    described = (await stage.web.get("/openapi.json")).json()
    seen = await asyncio.to_thread(_ask, described, stage.here.url, sent["violation_id"])
    for path, expected in REACHED.items():
        assert expected <= set(seen[path]), (path, seen[path])


async def test_a_client_made_of_the_description_finds_each_operation_by_its_name(
    stage: Stage,
) -> None:
    """The names stay: clients are generated of them."""
    described = (await stage.web.get("/openapi.json")).json()
    named = {
        operation["operationId"]: (method, path)
        for path, methods in described["paths"].items()
        for method, operation in methods.items()
    }
    assert named == OPERATIONS
    with_token = {
        named[operation["operationId"]]
        for methods in described["paths"].values()
        for operation in methods.values()
        if operation.get("security") == [{"bearer": []}]
    }
    assert with_token == {("get", "/gate/{violation_id}"), ("post", "/gate"), ("post", "/answers")}
    assert described["components"]["securitySchemes"] == {
        "bearer": {"type": "http", "scheme": "bearer"}
    }


async def test_a_browser_is_shown_the_description(stage: Stage) -> None:
    page = await stage.web.get("/docs")
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert '"/openapi.json"' in page.text


OPERATIONS = {
    "violations_webhooks_violations_post": ("post", "/webhooks/violations"),
    "github_webhooks_github_post": ("post", "/webhooks/github"),
    "gate_gate_post": ("post", "/gate"),
    "ask_gate__violation_id__get": ("get", "/gate/{violation_id}"),
    "answers_answers_post": ("post", "/answers"),
    "client_client_warroom_pyz_get": ("get", "/client/warroom.pyz"),
    "client_digest_client_warroom_pyz_sha256_get": ("get", "/client/warroom.pyz.sha256"),
    "checkpoint_log_checkpoint_get": ("get", "/log/checkpoint"),
    "proof_log_proof_get": ("get", "/log/proof"),
    "grown_log_consistency_get": ("get", "/log/consistency"),
    "_alive_healthz_get": ("get", "/healthz"),
    "ready_readyz_get": ("get", "/readyz"),
    "show_metrics_get": ("get", "/metrics"),
}
# What is not reached proves nothing about its description.
REACHED = {
    "/webhooks/violations": {202, 400, 401, 415, 422},
    "/webhooks/github": {202, 400, 401, 422},
    "/gate/{violation_id}": {200, 401, 404, 422},
    "/gate": {202, 400, 401, 422},
    "/answers": {200, 400, 401, 422},
    "/log/checkpoint": {404},
    "/log/proof": {400},
    "/log/consistency": {400},
    "/healthz": {200},
    "/readyz": {200},
    "/metrics": {200},
}


def _ask(described: dict[str, Any], url: str, known: str) -> dict[str, Counter[int]]:
    """Ask everything, in a thread of its own; how often which status was answered."""
    schema = schemathesis.openapi.from_dict(described)
    seen: dict[str, Counter[int]] = {}
    with requests.Session() as session:
        session.trust_env = False
        for result in schema.get_all_operations():
            operation: Any = result.ok()  # type: ignore[union-attr] # an error would say so
            counted = seen.setdefault(operation.path, Counter())
            for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
                _fuzz(operation, mode, url, known, session, counted)
    return seen


def _can_be_wrong(operation: Any) -> bool:  # noqa: ANN401 - Schemathesis' own
    return bool(operation.body) or "{" in operation.path


def _sign(request: Prepared) -> None:
    now = int(time.time())
    delivery = f"msg_{next(deliveries)}"
    request.headers["webhook-id"] = delivery
    request.headers["webhook-timestamp"] = str(now)
    request.headers["webhook-signature"] = sign(SECRET, delivery, now, _content(request))


def _sign_as_github(request: Prepared) -> None:
    digest = hmac.new(GITHUB_SECRET.encode(), _content(request), "sha256").hexdigest()
    request.headers["X-GitHub-Event"] = "workflow_run"
    request.headers["X-Hub-Signature-256"] = f"sha256={digest}"


def _show_token(request: Prepared) -> None:
    request.headers["Authorization"] = f"Bearer {TOKEN}"


def _content(request: Prepared) -> bytes:
    content: Any = request.body or b""
    return content.encode() if isinstance(content, str) else bytes(content)


def _break(request: Prepared) -> None:
    """A body that ends too early, or of a kind that nobody takes."""
    content = _content(request)
    if len(content) % 2:
        request.headers["Content-Type"] = "text/xml"
    else:
        request.prepare_body(content[:-1], None)


HOWS = ("as it is", "signed", "near", "nearly", "broken")
SIGNED: dict[str, Callable[[Prepared], None]] = {
    "/webhooks/violations": _sign,
    "/webhooks/github": _sign_as_github,
    "/gate/{violation_id}": _show_token,
    "/gate": _show_token,
    "/answers": _show_token,
}


def _fuzz(
    operation: Any,  # noqa: ANN401 - Schemathesis' own
    mode: GenerationMode,
    url: str,
    known: str,
    session: requests.Session,
    counted: Counter[int],
) -> None:
    strategy = operation.as_strategy(generation_mode=mode)
    if mode is GenerationMode.NEGATIVE and not _can_be_wrong(operation):
        return

    @seed(SEED)
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=strategy, how=st.sampled_from(HOWS))
    def answered(case: Any, how: str) -> None:  # noqa: ANN401 - the same
        if operation.path in NEAR and how.startswith("near") and isinstance(case.body, dict):
            if how == "nearly":
                case.body = NEAR[operation.path] | {WRONG[operation.path]: case.body}
            elif operation.path == "/answers":
                case.body = {"violations": [NEAR["/gate"] | {"facts": case.body}]}
            else:
                case.body = NEAR[operation.path] | {"facts": case.body}
            case.media_type = "application/json"
        if "violation_id" in (case.path_parameters or {}) and how == "near":
            case.path_parameters["violation_id"] = known
        request = requests.Request(**case.as_transport_kwargs(base_url=url)).prepare()
        if how == "broken" and operation.body:
            _break(request)
        if how != "as it is" and operation.path in SIGNED:
            SIGNED[operation.path](request)
        answer = session.send(request, timeout=10, allow_redirects=False)
        counted[answer.status_code] += 1
        case.validate_response(answer, checks=CHECKS)

    answered()
