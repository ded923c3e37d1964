"""Work beside the demo's own: long polls, looking at the clock.

Rules
- It ends with the block that it was begun for.
- What fails in it is logged, and stops neither the rest nor the demo.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager

import structlog

log = structlog.get_logger()

Start = Callable[[Coroutine[None, None, None]], None]


@asynccontextmanager
async def background() -> AsyncIterator[Start]:
    """What starts work; at the end of the block all of it is cancelled."""
    tasks: set[asyncio.Task[None]] = set()

    def finished(task: asyncio.Task[None]) -> None:
        tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            log.error("demo.work_failed", error=repr(error))

    def start(work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        tasks.add(task)
        task.add_done_callback(finished)

    try:
        yield start
    finally:
        left = list(tasks)
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
