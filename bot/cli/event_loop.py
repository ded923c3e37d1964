"""The event loop of a command that serves: the fast one where there is one."""

import asyncio
from collections.abc import Callable


def loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """What makes uvloop's loop; None, for Python's own, on Windows."""
    try:
        import uvloop  # noqa: PLC0415 - it isn't there on Windows
    except ImportError:
        return None
    return uvloop.new_event_loop
