"""One command in several processes, which start and end together.

Rules
- They are forked before there is a loop, a thread, a connection or a salt, none of which may be
  shared. What they share is what was imported, and its memory.
- The port is found once, and must be nobody else's. Each process that hears has a listener of its
  own there (SO_REUSEPORT): the system deals the connections out. The parent hears nothing.
- The parent passes signals on, and starts nothing again: where one process ends, all do, and the
  exit code says so. Whoever supervises them starts all anew.
- Where the parent has gone, the others end too.
"""

import os
import signal
import socket
import sys
import threading
import time

import structlog

from bot import logs
from bot.errors import UsageError
from bot.http.server import listening
from bot.settings import Settings
from bot.storage.database import Database

log = structlog.get_logger()

# A stop waits for what was begun, and for a database that is slow to answer; a process that is
# still there then hangs.
STOP_SECONDS = 30
SOCKETS_MOST = 10  # that Slack takes of an app in Socket Mode
SIGNALLED = 128  # what a shell adds to the number of the signal that has ended a process
PORTS = 65_535


def several(settings: Settings, hearing: int, *, worker: bool) -> tuple[Settings, bool]:
    """Go on in so many processes that hear, and in one more where there is a `worker` too.

    What each has to know, and whether it is one that hears. Raises UsageError, and in the parent
    SystemExit once all have ended.
    """
    _require(settings, hearing)
    # Somebody else's would be shared without a word.
    listener, _ = listening(settings.host, settings.port, "PORT")
    with listener:
        own = {"port": listener.getsockname()[1]}
    _require_ports(settings.warroom_metrics_port, hearing + worker, own["port"])
    number = _fork(hearing + worker)
    logs.configure(process=os.getpid())
    if first := settings.warroom_metrics_port:
        own["warroom_metrics_port"] = first + number
    return settings.model_copy(update=own), number < hearing


def _require(settings: Settings, hearing: int) -> None:
    """UsageError where so many can't hear for one bot."""
    if Database(settings.database_url).is_sqlite:
        raise UsageError(
            f"--processes {hearing} (or WARROOM_PROCESSES) needs PostgreSQL: an SQLite file is one "
            "process's. Run `warroom serve` without it, or set DATABASE_URL=postgresql://… "
            "(`warroom export` and `warroom import` move what there is)"
        )
    if not (hasattr(os, "fork") and hasattr(socket, "SO_REUSEPORT")):
        raise UsageError("--processes: on this system no port can be shared; start one process")
    if settings.socket_mode and hearing > SOCKETS_MOST:
        raise UsageError(
            f"--processes: found {hearing}, need {SOCKETS_MOST} at most with SLACK_APP_TOKEN: each "
            "process has a socket of its own to Slack, which takes no more"
        )


def _require_ports(first: int | None, count: int, taken: int) -> None:
    """UsageError where a process would find no port of its own for its figures."""
    if first and (first + count - 1 > PORTS or taken in range(first, first + count)):
        raise UsageError(
            f"WARROOM_METRICS_PORT: found {first}, need {count} ports from there on, up to {PORTS} "
            f"and without PORT, which is {taken}"
        )


def _fork(count: int) -> int:
    """Go on in so many processes: the number of this one, from 0.

    The parent doesn't come back: once all have ended it ends with SystemExit.
    """
    heard = {signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD, signal.SIGALRM}
    # None is lost or taken by whatever Python would do: they wait until somebody asks for them.
    # What started us may ignore that a child ends, which would then leave no exit code.
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.pthread_sigmask(signal.SIG_BLOCK, heard)
    parent, held = os.pipe()
    children: set[int] = set()
    for number in range(count):
        child = os.fork()
        if not child:
            os.close(held)
            threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            # A reload waits until there is somebody who reloads: see `bot.app.run`.
            signal.pthread_sigmask(signal.SIG_UNBLOCK, heard - {signal.SIGHUP})
            return number
        children.add(child)
    os.close(parent)
    log.info("processes.started", processes=sorted(children))
    sys.exit(_ended(children, heard))


def _end_with(parent: int) -> None:
    """End when nobody holds the other side of this pipe any more; whatever hangs then too."""
    os.read(parent, 1)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(STOP_SECONDS)
    os._exit(SIGNALLED + signal.SIGKILL)


def _ended(children: set[int], heard: set[signal.Signals]) -> int:
    """Wait until all have ended; the exit code of the first that did so unasked, or 0."""
    code, stopping = 0, False
    while children:
        number = signal.sigwait(heard)
        if number == signal.SIGCHLD:
            found = _reaped(children)
            if stopping or not found:
                continue
            code = max(found.values())
            log.error("processes.one_ended", processes=sorted(found), code=code)
            number = signal.SIGTERM
        elif number == signal.SIGALRM:
            log.error("processes.killed", processes=sorted(children))
            code, number = code or SIGNALLED + signal.SIGKILL, signal.SIGKILL
        if number in (signal.SIGTERM, signal.SIGINT) and not stopping:
            stopping = True
            signal.alarm(STOP_SECONDS)
        for child in children:
            os.kill(child, number)
    return code


def _reaped(children: set[int]) -> dict[int, int]:
    """Those that have ended, each with an exit code that is none of success."""
    found: dict[int, int] = {}
    for child in tuple(children):
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            children.remove(child)
            code = os.waitstatus_to_exitcode(status)
            found[child] = SIGNALLED - code if code < 0 else code or 1
    return found
