"""Every error as an answer, in the one shape that `RequestError` has."""

from collections.abc import Callable, Coroutine
from typing import Any

import structlog
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from bot.domain.clean_text import cleaned
from bot.integrations.request_error import RequestError

log = structlog.get_logger()

RETRY_AFTER_SECONDS = "5"


def away() -> RequestError:
    """503: nothing was stored."""
    message = "the database is not available; nothing was stored, send it again"
    return RequestError(503, "unavailable", message, headers={"Retry-After": RETRY_AFTER_SECONDS})


def busy() -> RequestError:
    """503: more waits than is taken at once, and nothing of this one was stored."""
    message = "too many violations wait to be stored; nothing of this one was, send it again"
    return RequestError(503, "busy", message, headers={"Retry-After": RETRY_AFTER_SECONDS})


def failed() -> RequestError:
    """503 for what we did not expect: it is in our log, and may work when it is sent again."""
    message = "something failed here that is none of the sender's doing; send it again"
    return RequestError(503, "failed", message, headers={"Retry-After": RETRY_AFTER_SECONDS})


def answer(error: RequestError) -> Response:
    """The answer that an error is."""
    return JSONResponse(cleaned(error.body), error.status, headers=error.headers)


async def _refused(_: Request, error: Any) -> Response:  # noqa: ANN401 - Starlette's signature
    return answer(error)


async def _no_such_route(_: Request, error: Any) -> Response:  # noqa: ANN401 - Starlette's signature
    code = {404: "not_found", 405: "method_not_allowed"}.get(error.status_code, "refused")
    headers = dict(error.headers or {})
    said = RequestError(error.status_code, code, error.detail, headers=headers)
    return answer(said)


async def _unexpected(request: Request, error: Exception) -> Response:
    log.error("web.failed", path=request.url.path, error=repr(error))
    return answer(failed())


HANDLERS: dict[int | type[Exception], Callable[[Request, Any], Coroutine[Any, Any, Response]]] = {
    RequestError: _refused,
    HTTPException: _no_such_route,
    Exception: _unexpected,
}
