"""How many processes work beside each other on a file or a folder, and how they are begun."""

import multiprocessing
import os
import sys
from multiprocessing.context import BaseContext


def cores() -> int:
    """How many cores this process may use; one, where it may begin no others."""
    if multiprocessing.current_process().daemon:
        return 1
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def process_context() -> BaseContext:
    """How processes are begun: by a copy of this one where that is safe, since it is quick."""
    return multiprocessing.get_context("fork" if sys.platform == "linux" else None)
