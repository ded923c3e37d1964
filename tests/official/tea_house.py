"""A tea house's app for Bolt, written once and run by its synchronous and its asynchronous half.

A listener yields what it calls; who runs it hands back what that came to, awaited where it has to
be. So both halves do the same, and none of it is known to the bot of this project.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Generator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from threading import Thread
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_bolt.adapter.wsgi import SlackRequestHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk import WebClient

from tests.local_slack.support import (
    Local,
    actions,
    app_for,
    asking,
    button,
    linked,
    listening,
    modal,
    section,
)

Steps = Generator[Any, Any, None]
Listener = Callable[[Any], Steps]
"""Gets Bolt's `args`, of either half: the halves' types have nothing in common."""

SHORTCUTS = [
    {"name": "Rate it", "type": "message", "callback_id": "rate", "description": "Five stars"},
    {"name": "Order", "type": "global", "callback_id": "order", "description": "A cup, please"},
]
EVENTS = ("app_home_opened", "app_mention", "message.channels", "message.im", "reaction_added")


def _mentioned(it: Any) -> Steps:  # noqa: ANN401 - see Listener
    yield it.say(text=f"Tea, <@{it.event['user']}>?", thread_ts=it.event["ts"])


def _written_to(it: Any) -> Steps:  # noqa: ANN401 - the same
    yield it.say(f"{it.payload['channel_type']}: {it.message['text']}")


def _reacted(it: Any) -> Steps:  # noqa: ANN401 - the same
    user = (yield it.client.users_info(user=it.event["user"]))["user"]
    yield it.say(f"{user['real_name']} gives :{it.event['reaction']}:")


def _at_home(it: Any) -> Steps:  # noqa: ANN401 - the same
    view = {"type": "home", "blocks": [section("The tea house")]}
    yield it.client.views_publish(user_id=it.event["user"], view=view)


def _asked_for(it: Any) -> Steps:  # noqa: ANN401 - the same
    if it.command["text"] == "menu":
        yield it.ack("Green or black")
        yield it.respond(text="The menu of today", response_type="in_channel")
    elif it.command["text"] == "card":
        yield it.ack()
        yield it.say(text="A cup", blocks=[section("A cup"), actions(button("pour", "green"))])
    else:
        yield it.ack()
        form = modal(asking("tea"), callback_id="order", notify_on_close=True)
        yield it.client.views_open(trigger_id=it.body["trigger_id"], view=form)


def _poured(it: Any) -> Steps:  # noqa: ANN401 - the same
    yield it.ack()
    poured = f"{it.action['value']}, poured"
    yield it.respond(text=poured, blocks=[section(poured)], replace_original=True)
    yield it.say("Enjoy")


def _ordered(it: Any) -> Steps:  # noqa: ANN401 - the same
    tea = it.view["state"]["values"]["tea"]["tea"]["value"]
    if tea == "coffee":
        yield it.ack(response_action="errors", errors={"tea": "There is none"})
    elif tea == "more":
        yield it.ack(response_action="push", view=modal(callback_id="more"))
    else:
        yield it.ack()
        yield it.client.chat_postMessage(channel=it.body["user"]["id"], text=f"{tea} it is")


def _gone(it: Any) -> Steps:  # noqa: ANN401 - the same
    yield it.ack()
    yield it.client.chat_postMessage(channel=it.body["user"]["id"], text="Another time")


def _rated(it: Any) -> Steps:  # noqa: ANN401 - the same
    yield it.ack()
    yield it.respond(f"Five stars: {it.shortcut['message']['text']}")


def _asked_from_anywhere(it: Any) -> Steps:  # noqa: ANN401 - the same
    yield it.ack()
    form = modal(asking("tea"), callback_id="order")
    yield it.client.views_open(trigger_id=it.shortcut["trigger_id"], view=form)


def _furnished(app: Any, run: Callable[[Listener], Any]) -> None:  # noqa: ANN401 - either half's
    app.event("app_mention")(run(_mentioned))
    app.event("reaction_added")(run(_reacted))
    app.event("app_home_opened")(run(_at_home))
    app.message()(run(_written_to))
    app.command("/tea")(run(_asked_for))
    app.action("pour")(run(_poured))
    app.view("order")(run(_ordered))
    app.view_closed("order")(run(_gone))
    app.message_shortcut("rate")(run(_rated))
    app.global_shortcut("order")(run(_asked_from_anywhere))


def _called(listener: Listener) -> Callable[[Any], None]:
    def listen(args: Any) -> None:  # noqa: ANN401 - see Listener
        steps, answer = listener(args), None
        with contextlib.suppress(StopIteration):
            while True:
                answer = steps.send(answer)

    return listen


def _awaited(listener: Listener) -> Callable[[Any], Awaitable[None]]:
    async def listen(args: Any) -> None:  # noqa: ANN401 - see Listener
        steps, answer = listener(args), None
        with contextlib.suppress(StopIteration):
            while True:
                answer = await steps.send(answer)

    return listen


class _Quiet(WSGIRequestHandler):
    def log_message(self, *_: object) -> None:
        """A test's output is no place for a log of requests."""


def _called_app(here: Local) -> App:
    """Bolt asks Slack who it is as it is made: not on the loop that would have to answer."""
    config = here.slack.config
    app = App(client=blocking(here), signing_secret=config.signing_secret)
    _furnished(app, _called)
    return app


def _awaited_app(here: Local) -> AsyncApp:
    app = app_for(here)
    _furnished(app, _awaited)
    return app


def blocking(here: Local, **more: Any) -> WebClient:  # noqa: ANN401 - the SDK's arguments
    """The SDK's synchronous client."""
    return WebClient(here.slack.config.bot_token, base_url=here.slack.api_url, **more)


@asynccontextmanager
async def _called_over_http(here: Local) -> AsyncIterator[None]:
    app = await asyncio.to_thread(_called_app, here)
    with make_server("127.0.0.1", 0, SlackRequestHandler(app), handler_class=_Quiet) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            here.slack.set_request_url(f"http://127.0.0.1:{server.server_port}/slack/events")
            yield
        finally:
            server.shutdown()
            thread.join()


@asynccontextmanager
async def _called_over_a_socket(here: Local) -> AsyncIterator[None]:
    app = await asyncio.to_thread(_called_app, here)
    handler = SocketModeHandler(app, here.slack.config.app_token)
    await asyncio.to_thread(handler.connect)
    try:
        yield
    finally:
        await asyncio.to_thread(handler.close)


HALVES: dict[str, Callable[[Local], AbstractAsyncContextManager[None]]] = {
    "synchronous, HTTP": _called_over_http,
    "synchronous, Socket Mode": _called_over_a_socket,
    "asynchronous, HTTP": lambda here: listening(here, _awaited_app(here)),
    "asynchronous, Socket Mode": lambda here: linked(here, _awaited_app(here)),
}
"""How the app is run while the context lasts, by a name for it."""
