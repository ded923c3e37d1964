import json
import socket
import subprocess
import sys

SCRIPT = r"""
import logging, structlog
from bot import logs
logs.configure()
harmful = "x\u202ey\x1b[31m\x07z\u2066"
log = structlog.get_logger()
log.info("source.ignored", name=harmful, among=[harmful, {"a": harmful}])
try:
    int(harmful)
except ValueError:
    log.exception("web.failed", error=harmful)
logging.getLogger("library").warning("found %s", harmful)
"""
FORGING = r"""
import logging
from bot import logs
logs.configure()
forged = 'x\n{"event": "warroom.started"}\u2028{"event": "warroom.started"}'
logging.getLogger("library").warning("found %s", forged)
logging.getLogger("library").warning("%d of %d", forged)
logging.getLogger("library").info("too much to say")
try:
    raise ValueError(forged)
except ValueError:
    logging.getLogger("library").exception("failed with %s", forged)
"""
CLEAN = "xy[31mz"


def _written(script: str) -> list[str]:
    run = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60
    )
    return run.stderr.splitlines()


def test_what_comes_from_outside_is_written_clean_into_the_log() -> None:
    """Names, lists and traces; and what libraries log, too."""
    first, second, third = _written(SCRIPT)
    said = json.loads(first)
    assert (said["name"], said["among"]) == (CLEAN, [CLEAN, {"a": CLEAN}])
    assert json.loads(second)["error"] == CLEAN
    assert "Traceback" in json.loads(second)["exception"]
    assert json.loads(third)["message"] == f"found {CLEAN}"


def test_what_a_library_logs_is_an_event_like_ours_and_forges_none() -> None:
    """A reader of JSON meets nothing else, whatever a message or a trace has in it."""
    found, odd, failed = map(json.loads, _written(FORGING))
    assert all(each["event"] == "library.logged" for each in (found, odd, failed))
    assert all(each["library"] == "library" for each in (found, odd, failed))
    assert (found["level"], failed["level"]) == ("warning", "error")
    assert found["message"].startswith("found x")
    assert odd["message"] == "%d of %d"
    assert failed["exception"].startswith("Traceback (most recent call last):")
    assert "ValueError: x" in failed["exception"]


def test_a_line_is_written_at_once_so_that_processes_may_share_a_log() -> None:
    """Where Python buffers nothing, too, as containers are told to: each write is a packet here."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with ours, theirs:
        subprocess.run(
            [sys.executable, "-u", "-c", SCRIPT], stderr=theirs.fileno(), check=True, timeout=60
        )
        theirs.close()
        packets = list(iter(lambda: ours.recv(65536), b""))
    assert len(packets) == 3
    assert all(each.endswith(b"\n") for each in packets)
