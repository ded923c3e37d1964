"""A gate's token that is bound to repositories: whoever has it speaks of no other."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from bot.engine.engine import Engine
from bot.settings import Settings
from bot.signatures import Secret, SignatureError
from tests.build import POLICY
from tests.sources.conftest import asgi, body
from tests.staging.environment import TOKEN

TOKENS = f"acme/ranker=one acme/*=all {TOKEN} acme/two=both acme/three=both"
AT = {"repository": "acme/ranker", "commit": "0" * 40, "pull_request": 42}
OTHER = {**AT, "repository": "acme/other"}


@pytest.fixture
async def web(engine: Engine) -> AsyncIterator[httpx.AsyncClient]:
    async with asgi(engine, token=TOKENS) as client:
        yield client


def _shows(token: str) -> dict[str, str]:
    return {"content-type": "application/json", "authorization": f"Bearer {token}"}


async def _report(
    web: httpx.AsyncClient,
    token: str,
    **fields: Any,  # noqa: ANN401 - a body's
) -> httpx.Response:
    return await web.post("/gate", content=body(**fields), headers=_shows(token))


@pytest.mark.parametrize(
    ("token", "repository", "status"),
    [
        ("one", "acme/ranker", 202),
        ("one", "acme/other", 403),
        ("one", "acme/ranker2", 403),
        ("one", "Acme/Ranker", 403),
        ("one", "x/acme/ranker", 403),
        ("one", None, 403),
        ("all", "acme/other", 202),
        ("all", "acme/team/other", 202),
        ("all", "acme", 403),
        ("all", "evil/acme/other", 403),
        ("all", None, 403),
        ("both", "acme/two", 202),
        ("both", "acme/three", 202),
        ("both", "acme/other", 403),
        (TOKEN, "evil/other", 202),
        (TOKEN, None, 202),
    ],
)
async def test_a_token_reports_of_those_repositories_that_it_is_bound_to(
    web: httpx.AsyncClient, engine: Engine, token: str, repository: str | None, status: int
) -> None:
    """The pattern is the whole name; what names no repository may be anybody's."""
    origin = {"commit": "0" * 40, **({"repository": repository} if repository else {})}
    answer = await _report(web, token, origin=origin)
    assert answer.status_code == status
    assert len(engine.store.open_rooms()) == (status == 202)
    asked = {"violations": [{"title": "x", "initiator": {"email": "a@b.c"}, "origin": origin}]}
    told = await web.post("/answers", json=asked, headers=_shows(token))
    assert told.status_code == (200 if status == 202 else 403)


async def test_the_refusal_says_what_the_token_is_for(web: httpx.AsyncClient) -> None:
    said = (await _report(web, "both", origin=OTHER)).json()
    assert said == {
        "error": "other_repository",
        "message": "this token is for acme/two or acme/three, found origin.repository 'acme/other'",
    }
    said = (await _report(web, "one")).json()
    assert said["message"] == "this token is for acme/ranker, found no origin.repository"


async def test_it_ends_no_room_of_another_repository(
    web: httpx.AsyncClient, engine: Engine
) -> None:
    """A new commit of somebody else's pull request is not for it to tell."""
    await _report(web, TOKEN, origin=OTHER)
    (room,) = engine.store.open_rooms()
    newer = {**OTHER, "commit": "1" * 40}
    assert (await _report(web, "one", origin=newer)).status_code == 403
    assert [each.id for each in engine.store.open_rooms()] == [room.id]
    assert (await _report(web, "all", origin=newer)).status_code == 202
    assert room.id not in [each.id for each in engine.store.open_rooms()]


async def test_it_reads_no_verdict_of_another_repository(
    web: httpx.AsyncClient, engine: Engine
) -> None:
    """Neither by the violation's id nor by its room's, which stands in the channel's name."""
    others = [(await _report(web, TOKEN, origin=OTHER)).json() for _ in range(2)]
    own = (await _report(web, "one", origin=AT)).json()
    for known in ("violation_id", "room_id"):
        answer = await web.get(f"/gate/{others[0][known]}", headers=_shows("one"))
        assert (answer.status_code, others[1]["violation_id"] in answer.text) == (403, False)
        assert (await web.get(f"/gate/{own[known]}", headers=_shows("one"))).status_code == 200
    assert (await web.get("/gate/nothing", headers=_shows("one"))).status_code == 404


async def test_of_a_storms_room_it_is_named_its_own_repositorys_violations(
    web: httpx.AsyncClient,
) -> None:
    for number in range(POLICY.storm.rooms):
        await _report(web, TOKEN, origin=OTHER, dedup_key=f"key {number}")
    own = (await _report(web, "one", origin=AT)).json()
    other = (await _report(web, TOKEN, origin=OTHER, dedup_key="one more")).json()
    assert own["room_id"] == other["room_id"]
    for token, named in (("one", False), (TOKEN, True)):
        answer = await web.get(f"/gate/{own['room_id']}", headers=_shows(token))
        assert (answer.status_code, own["violation_id"] in answer.text) == (409, True)
        assert (other["violation_id"] in answer.text) is named


def test_a_repository_is_told_from_a_name_by_its_slash_or_star() -> None:
    settings = Settings(
        warroom_gate_token=SecretStr("acme/*=one *=two ci=three c29tZXRoaW5n/3RoYXQgaXMgbG9uZw=="),
        warroom_api_token=SecretStr(""),
    )
    assert settings.gate_tokens == (
        Secret("one", repository="acme/*"),
        Secret("two", repository="*"),
        Secret("three", "ci"),
        Secret("c29tZXRoaW5n/3RoYXQgaXMgbG9uZw=="),
    )
    with pytest.raises(SignatureError, match="or a repository with a / or"):
        Secret.token("ACME=one")


@pytest.mark.parametrize("written", ["acme/ranker=", "acme/*=", "export-ci=", "acme/ranker=="])
def test_a_token_that_was_left_out_opens_nothing(written: str) -> None:
    """As where a variable is empty: what is left is no token, and could be guessed."""
    with pytest.raises(SignatureError, match="no token behind it"):
        Secret.token(written)


def test_a_token_may_end_as_base64_does() -> None:
    written = "c29tZXRoaW5nL3RoYXQgaXMgbG9uZw=="
    assert Secret.token(written) == Secret(written)
