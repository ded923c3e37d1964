"""Routes that arrange things: faults, latency, the request URL, links, the log and the feed."""

from aiohttp import web

from bot.local_slack.control import orders
from bot.local_slack.control.control_routes import look, order
from bot.local_slack.delivery.line import Line
from bot.local_slack.state.records import Json
from bot.local_wire.call_log import CallLog
from bot.local_wire.faults import Faults
from bot.local_wire.feed import Feed
from bot.local_wire.streaming import stream


def arranging_routes(feed: Feed, line: Line, faults: Faults, log: CallLog) -> list[web.RouteDef]:
    """Everything that is not done or seen by a person."""

    def set_latency(given: orders.LatencyOrder) -> Json:
        faults.latency = given.seconds
        return {"seconds": faults.latency}

    def set_request_url(given: orders.RequestUrlOrder) -> Json:
        line.request_url.url = given.url
        return {"url": given.url}

    async def disconnect(given: orders.DisconnectOrder) -> Json:
        return {"links": await line.links.disconnect(given.reason)}

    async def follow(request: web.Request) -> web.StreamResponse:
        return await stream(request, feed)

    return [
        web.get("/control/feed", follow),
        *_fault_routes(faults),
        *_log_routes(log),
        web.get("/control/latency", look(lambda _: {"seconds": faults.latency})),
        web.post("/control/latency", order(orders.LatencyOrder, set_latency)),
        web.post("/control/request_url", order(orders.RequestUrlOrder, set_request_url)),
        web.post("/control/disconnect", order(orders.DisconnectOrder, disconnect)),
    ]


def _fault_routes(faults: Faults) -> list[web.RouteDef]:
    def listed(_: web.Request | None = None) -> Json:
        return {"faults": [fault.model_dump(mode="json") for fault in faults.listed()]}

    def add(fault: orders.FaultOrder) -> Json:
        faults.add(fault)
        return listed()

    def clear(_: web.Request) -> Json:
        faults.clear()
        return listed()

    return [
        web.get("/control/faults", look(listed)),
        web.post("/control/faults", order(orders.FaultOrder, add)),
        web.delete("/control/faults", look(clear)),
    ]


def _log_routes(log: CallLog) -> list[web.RouteDef]:
    def listed(request: web.Request) -> Json:
        since = request.query.get("since", "0")
        calls = log.since(int(since) if since.isdecimal() else 0)
        return {"calls": [call.as_json() for call in calls]}

    def clear(_: web.Request) -> Json:
        log.clear()
        return {"calls": []}

    return [
        web.get("/control/calls", look(listed)),
        web.delete("/control/calls", look(clear)),
    ]
