"""The web over a real engine, driven as ASGI."""

import json
from base64 import b64encode
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from bot.domain.person import account
from bot.engine.engine import Engine
from bot.http.application import Web, web_app
from bot.http.webhooks import Intake
from bot.integrations.callback.addresses import Addresses
from bot.integrations.github.source import GithubSection
from bot.integrations.registry import with_built_in
from bot.policies.load import Config
from bot.policies.people import Directory
from bot.policies.sources import Sources
from bot.signatures import Secret
from tests.build import POLICY, ada
from tests.outgoing import KINDS
from tests.staging.environment import TOKEN
from tests.staging.pipeline import signed

SECRETS = tuple(
    "whsec_" + b64encode(f"secret number {n} of the tests".encode()).decode() for n in (1, 2)
)
GITHUB = "It's a Secret to Everybody"
CONFIG = Config(
    policies={POLICY.id: POLICY},
    people=Directory(
        people={
            ada.name: ada.but(accounts=(*ada.accounts, account("github", "ada")), team="search")
        }
    ),
)


class Pipeline:
    """What a pipeline does."""

    def __init__(self, web: httpx.AsyncClient, engine: Engine) -> None:
        self.web = web
        self.engine = engine

    def signed(
        self, content: bytes, delivery: str = "msg_1", secret: str = SECRETS[0]
    ) -> dict[str, str]:
        return signed(content, delivery, self.engine.now().timestamp(), secret)

    async def post(self, content: bytes, headers: dict[str, str] | None = None) -> httpx.Response:
        given = self.signed(content) if headers is None else headers
        return await self.web.post("/webhooks/violations", content=content, headers=given)

    async def send(self, delivery: str = "msg_1", **fields: Any) -> httpx.Response:  # noqa: ANN401
        content = body(**fields)
        return await self.post(content, self.signed(content, delivery))


def body(**fields: Any) -> bytes:  # noqa: ANN401 - a body's fields
    given = {
        "policy": POLICY.id,
        "title": "ranker fine-tuned on customers_eu",
        "initiator": {"email": "ada@acme.test"},
        **fields,
    }
    return json.dumps({key: value for key, value in given.items() if value is not None}).encode()


def asgi(
    engine: Engine,
    secrets: tuple[str, ...] = SECRETS,
    token: str = TOKEN,
    names: tuple[str, ...] = ("Guardrails",),
    config: Config = CONFIG,
) -> httpx.AsyncClient:
    """The web; `names` are those that are mapped at GitHub."""
    known = {
        "violations": tuple(map(Secret.read, secrets)),
        "github": (Secret(GITHUB),),
        "gate": tuple(map(Secret.token, token.split())),
    }
    section = GithubSection(secret_env="S", policies=dict.fromkeys(names, POLICY.id))
    config = config.but(sources=Sources(sections={"github": section}))
    intake = Intake(engine, config, known, "https://warroom.test", Addresses().refusal)
    web = Web(engine, with_built_in().sources, intake, None, KINDS)
    transport = httpx.ASGITransport(web_app(web), raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://warroom")


@pytest.fixture
async def pipeline(engine: Engine) -> AsyncIterator[Pipeline]:
    engine.people = CONFIG.people
    async with asgi(engine) as web:
        yield Pipeline(web, engine)
