"""The routes of the control API: reads an order, calls what carries it out, answers."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from aiohttp import web
from pydantic import BaseModel, ValidationError

from bot.local_slack.acting import clicks, commands, modals, talking
from bot.local_slack.acting.stage import Stage
from bot.local_slack.control import looking, orders
from bot.local_slack.errors import RefusedError
from bot.local_slack.state.records import Json

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Body = TypeVar("Body", bound=BaseModel)


async def read(request: web.Request, model: type[Body]) -> Body:
    """The order in a request. Raises ValidationError."""
    return model.model_validate_json(await request.read() or b"{}")


def order(model: type[Body], carry_out: Callable[[Body], Awaitable[Json] | Json]) -> Handler:
    """A route that takes an order of this kind."""

    async def handle(request: web.Request) -> web.Response:
        outcome = carry_out(await read(request, model))
        result = outcome if isinstance(outcome, dict) else await outcome
        return web.json_response({"ok": True, **result})

    return handle


def look(show: Callable[[web.Request], Json]) -> Handler:
    """A route that shows something."""

    async def handle(request: web.Request) -> web.Response:
        return web.json_response({"ok": True, **show(request)})

    return handle


def looking_routes(stage: Stage) -> list[web.RouteDef]:
    """What can be looked at."""
    workspace = stage.workspace

    def messages(request: web.Request) -> Json:
        user = _asked(request, "user")
        channel = stage.channel(user, _asked(request, "channel"))
        return {"channel": channel.id, "messages": looking.messages(workspace, channel, user)}

    def user_of(request: web.Request) -> str:
        return stage.person(_asked(request, "user")).id

    shown: dict[str, Callable[[web.Request], Json]] = {
        "state": lambda r: looking.whole(workspace, messages=r.query.get("messages") != "0"),
        "channels": lambda r: {"channels": looking.channels(workspace, user_of(r))},
        "messages": messages,
        "views": lambda r: {"views": looking.modals(workspace, user_of(r))},
        "home": lambda r: {"view": looking.home(workspace, user_of(r))},
    }
    return [web.get(f"/control/{name}", look(show)) for name, show in shown.items()]


def acting_routes(stage: Stage) -> list[web.RouteDef]:
    """What people can do."""
    handlers: dict[str, Handler] = {
        "click": order(orders.ClickOrder, lambda o: _click(stage, o)),
        "command": order(
            orders.CommandOrder, lambda o: commands.command(stage, o.user, o.channel, o.text)
        ),
        "submit": order(
            orders.SubmitOrder, lambda o: modals.submit(stage, o.user, o.view_id, o.values)
        ),
        "close": order(
            orders.CloseOrder,
            lambda o: modals.close(stage, o.user, o.view_id, everything=o.everything),
        ),
        "home": order(orders.HomeOrder, lambda o: talking.open_home(stage, o.user)),
        "post": order(
            orders.PostOrder,
            lambda o: talking.post(stage, o.user, o.channel, o.text, o.thread_ts),
        ),
        "react": order(
            orders.ReactOrder,
            lambda o: talking.react(stage, o.user, o.channel, o.ts, o.name.strip(":")),
        ),
        "read": order(orders.PlaceOrder, lambda o: talking.mark_read(stage, o.user, o.channel)),
        "join": order(orders.PlaceOrder, lambda o: talking.join(stage, o.user, o.channel)),
        "leave": order(orders.PlaceOrder, lambda o: talking.leave(stage, o.user, o.channel)),
        "create": order(
            orders.CreateOrder,
            lambda o: talking.create(stage, o.user, o.name, private=o.private),
        ),
        "invite": order(
            orders.InviteOrder, lambda o: talking.invite(stage, o.user, o.channel, o.users)
        ),
        "archive": order(
            orders.ArchiveOrder,
            lambda o: talking.archive(stage, o.user, o.channel, archived=o.archived),
        ),
        "rename": order(
            orders.RenameOrder, lambda o: talking.rename(stage, o.user, o.channel, o.name)
        ),
        "person": order(orders.PersonOrder, lambda o: _change_person(stage, o)),
    }
    return [web.post(f"/control/{name}", handler) for name, handler in handlers.items()]


async def _click(stage: Stage, given: orders.ClickOrder) -> Json:
    if given.view_id is not None:
        modals.enter(stage, given.user, given.view_id, given.values)
        return await clicks.click_view(
            stage,
            given.user,
            given.view_id,
            given.action_id,
            block_id=given.block_id,
            value=given.value,
        )
    return await clicks.click_message(
        stage,
        given.user,
        given.channel or "",
        given.action_id,
        ts=given.ts,
        block_id=given.block_id,
        value=given.value,
    )


def _change_person(stage: Stage, given: orders.PersonOrder) -> Json:
    try:
        changed = stage.workspace.directory.change(given.id, **(given.model_extra or {}))
    except ValidationError as error:
        raise RefusedError("invalid_person", str(error)) from error
    return {"person": changed.model_dump(mode="json")}


def _asked(request: web.Request, name: str) -> str:
    value = request.query.get(name)
    if not value:
        raise RefusedError("missing_argument", f"{name} is missing")
    return value
