"""What the panel's page asks for: read from a request, answered as JSON.

Rules
- An order is taken as JSON only: a page of another site can't send that without asking first.
- A refusal is `{"said": …}`, a sentence for people.
"""

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any, TypeVar

from aiohttp import web
from pydantic import BaseModel, ValidationError

from bot.storage.store import DatabaseUnavailableError

Order = TypeVar("Order", bound=BaseModel)
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class OrderRefusedError(Exception):
    """An order that can't be carried out, with the reason and HTTP's status."""

    def __init__(self, reason: str, status: HTTPStatus) -> None:
        super().__init__(reason)
        self.status = status


def order(model: type[Order], carry_out: Callable[[Order], Awaitable[dict[str, Any]]]) -> Handler:
    """A route that takes an order of this kind."""

    async def handle(request: web.Request) -> web.Response:
        try:
            return web.json_response(await carry_out(await _read(request, model)))
        except DatabaseUnavailableError as error:
            said = f"The bot's database is not available: {error}"
            return web.json_response({"said": said}, status=HTTPStatus.SERVICE_UNAVAILABLE)
        except OrderRefusedError as refused:
            return web.json_response({"said": str(refused)}, status=refused.status)

    return handle


async def _read(request: web.Request, model: type[Order]) -> Order:
    if request.content_type != "application/json":
        raise OrderRefusedError("Orders are JSON.", HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
    try:
        return model.model_validate_json(await request.read())
    except ValidationError as error:
        problem = error.errors(include_url=False)[0]
        where = "".join(f"{part}: " for part in problem["loc"])
        raise OrderRefusedError(f"{where}{problem['msg']}", HTTPStatus.BAD_REQUEST) from error
