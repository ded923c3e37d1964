"""The command ends when it is told to, and says so."""

import signal
import subprocess
import sys

import pytest

RUN = "from bot.cli.sandbox import sandbox; sandbox(['--port', '0'])"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_it_in_the_background_of_a_shell_too(number: signal.Signals) -> None:
    # A shell makes what it starts in the background ignore SIGINT.
    started = f"import signal; signal.signal(signal.SIGINT, signal.SIG_IGN); {RUN}"
    with subprocess.Popen(
        [sys.executable, "-c", started], stdout=subprocess.PIPE, text=True
    ) as run:
        assert run.stdout is not None
        for line in run.stdout:
            if line.startswith("SLACK_SIGNING_SECRET"):
                break
        run.send_signal(number)
        rest, _ = run.communicate(timeout=20)
    assert (run.returncode, rest.strip()) == (0, "Stopped.")
