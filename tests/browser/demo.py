"""`warroom demo`, as a user starts it: a process of its own, and the address that it prints."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Timer

COMMAND = (Path(sys.executable).with_name("warroom"), "demo", "--no-browser")
SAID = "The demo runs at "
ZONE = "Europe/Berlin"
PATIENCE = 60.0


@contextmanager
def demo() -> Iterator[str]:
    """Run it; the page's address. It has to end cleanly when it is interrupted."""
    environment = os.environ | {"TZ": ZONE}
    process = subprocess.Popen(
        COMMAND, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment
    )
    hurry = Timer(PATIENCE, process.kill)
    hurry.start()
    try:
        yield _address(process)
    finally:
        hurry.cancel()
        process.send_signal(signal.SIGINT)
        try:
            rest, _ = process.communicate(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            raise
    assert process.returncode == 0, rest
    assert rest.strip().endswith("nothing was kept."), rest


def _address(process: subprocess.Popen[str]) -> str:
    said = []
    for line in process.stdout or ():
        said.append(line)
        if line.startswith(SAID):
            return line.removeprefix(SAID).strip()
    raise AssertionError(f"the demo did not start: {''.join(said)}")
