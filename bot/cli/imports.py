"""How modules are imported by a command: fast, and none for what it doesn't do.

Rules
- Nothing that is imported is garbage, and each look for some goes through all of it: 200 ms of the
  bot's start. So nobody looks meanwhile, and what was imported is never looked at again.
- structlog and httpx load rich and pygments, where they are installed, for traces and for a command
  line that are not ours: 30 ms and 6 MB. They don't find them. What does print with one of the two
  imports it when it prints.
"""

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager

UNUSED = ("rich", "pygments")


@contextmanager
def importing() -> Iterator[None]:
    """Modules are imported until the block ends."""
    looks, hidden = gc.isenabled(), [name for name in UNUSED if name not in sys.modules]
    gc.disable()
    for name in hidden:
        sys.modules[name] = None  # type: ignore[assignment] # to Python: there is none
    try:
        yield
    finally:
        for name in hidden:
            del sys.modules[name]
        gc.freeze()
        if looks:
            gc.enable()
