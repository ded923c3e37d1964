import json
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
CLEAN = "xy[31mz"


def test_what_comes_from_outside_is_written_clean_into_the_log() -> None:
    """Names, lists and traces; and what libraries log, too."""
    run = subprocess.run(
        [sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True, timeout=60
    )
    first, second, third = run.stderr.splitlines()
    said = json.loads(first)
    assert (said["name"], said["among"]) == (CLEAN, [CLEAN, {"a": CLEAN}])
    assert json.loads(second)["error"] == CLEAN
    assert "Traceback" in json.loads(second)["exception"]
    assert third == f"WARNING library: found {CLEAN}"
