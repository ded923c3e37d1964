"""The routes of the control API: reads an order, calls what carries it out, answers."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from aiohttp import web
from pydantic import BaseModel, ValidationError

from bot.local_slack.acting import clicking, commanding, filling, shortcuts, talking
from bot.local_slack.acting.act_context import ActContext
from bot.local_slack.control import looking, orders
from bot.local_slack.slack_errors import RefusedError
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


def looking_routes(context: ActContext) -> list[web.RouteDef]:
    """What can be looked at."""
    workspace = context.workspace

    def messages(request: web.Request) -> Json:
        user = _asked(request, "user")
        channel = context.channel(user, _asked(request, "channel"))
        return {"channel": channel.id, "messages": looking.messages(workspace, channel, user)}

    def user_of(request: web.Request) -> str:
        return context.person(_asked(request, "user")).id

    shown: dict[str, Callable[[web.Request], Json]] = {
        "state": lambda r: looking.whole(workspace, messages=r.query.get("messages") != "0"),
        "channels": lambda r: {"channels": looking.channels(workspace, user_of(r))},
        "messages": messages,
        "views": lambda r: {"views": looking.modals(workspace, user_of(r))},
        "home": lambda r: {"view": looking.home(workspace, user_of(r))},
    }
    return [web.get(f"/control/{name}", look(show)) for name, show in shown.items()]


def acting_routes(context: ActContext) -> list[web.RouteDef]:
    """What people can do."""
    handlers: dict[str, Handler] = {
        "click": order(orders.ClickOrder, lambda o: _click(context, o)),
        "command": order(
            orders.CommandOrder, lambda o: commanding.command(context, o.user, o.channel, o.text)
        ),
        "shortcut": order(
            orders.ShortcutOrder,
            lambda o: shortcuts.take(context, o.user, o.callback_id, o.channel, o.ts),
        ),
        "submit": order(
            orders.SubmitOrder, lambda o: filling.submit(context, o.user, o.view_id, o.values)
        ),
        "close": order(
            orders.CloseOrder,
            lambda o: filling.close(context, o.user, o.view_id, everything=o.everything),
        ),
        "home": order(orders.HomeOrder, lambda o: talking.open_home(context, o.user)),
        "post": order(
            orders.PostOrder,
            lambda o: talking.post(context, o.user, o.channel, o.text, o.thread_ts),
        ),
        "react": order(
            orders.ReactOrder,
            lambda o: talking.react(context, o.user, o.channel, o.ts, o.name.strip(":")),
        ),
        "read": order(
            orders.ReadOrder,
            lambda o: talking.mark_read(context, o.user, o.channel, o.thread_ts),
        ),
        "join": order(orders.PlaceOrder, lambda o: talking.join(context, o.user, o.channel)),
        "leave": order(orders.PlaceOrder, lambda o: talking.leave(context, o.user, o.channel)),
        "create": order(
            orders.CreateOrder,
            lambda o: talking.create(context, o.user, o.name, private=o.private),
        ),
        "invite": order(
            orders.InviteOrder, lambda o: talking.invite(context, o.user, o.channel, o.users)
        ),
        "archive": order(
            orders.ArchiveOrder,
            lambda o: talking.archive(context, o.user, o.channel, archived=o.archived),
        ),
        "rename": order(
            orders.RenameOrder, lambda o: talking.rename(context, o.user, o.channel, o.name)
        ),
        "person": order(orders.PersonOrder, lambda o: _change_person(context, o)),
        "usergroup": order(orders.UsergroupOrder, lambda o: _change_group(context, o)),
    }
    return [web.post(f"/control/{name}", handler) for name, handler in handlers.items()]


async def _click(context: ActContext, given: orders.ClickOrder) -> Json:
    if given.view_id is not None:
        filling.enter(context, given.user, given.view_id, given.values)
        return await clicking.click_view(
            context,
            given.user,
            given.view_id,
            given.action_id,
            block_id=given.block_id,
            value=given.value,
        )
    return await clicking.click_message(
        context,
        given.user,
        given.channel or "",
        given.action_id,
        ts=given.ts,
        block_id=given.block_id,
        value=given.value,
    )


def _change_person(context: ActContext, given: orders.PersonOrder) -> Json:
    try:
        changed = context.workspace.directory.change(given.id, **(given.model_extra or {}))
    except ValidationError as error:
        raise RefusedError("invalid_person", str(error)) from error
    return {"person": changed.model_dump(mode="json")}


def _change_group(context: ActContext, given: orders.UsergroupOrder) -> Json:
    changed = context.workspace.directory.change_group(given.id, given.users)
    return {"usergroup": changed.model_dump(mode="json")}


def _asked(request: web.Request, name: str) -> str:
    value = request.query.get(name)
    if not value:
        raise RefusedError("missing_argument", f"{name} is missing")
    return value
