"""A panel of somebody else's beside the local Slack: a tab of the page, with routes of its own.

Rules
- `render` gives the whole panel, once for each load of the page; what it shows that changes stands
  in an element with the id `{name}-live`.
- `live` gives that element alone; it is sent to every open page after `LocalSlack.refresh(name)`.
- `routes` begin with `/{name}/`; `script`, when given, is the address of one of them.
"""

from collections.abc import Callable
from dataclasses import dataclass

from aiohttp import web
from markupsafe import Markup


@dataclass(frozen=True, slots=True)
class Panel:
    """One tab."""

    name: str
    title: str
    render: Callable[[], Markup]
    live: Callable[[], Markup]
    routes: tuple[web.RouteDef, ...] = ()
    script: str | None = None
