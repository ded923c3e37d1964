"""Processes that work beside each other end with the one that has begun them."""

import subprocess
import sys

_SCRIPT = """
from bot.cores import begun, process_context

def work(connection):
    try:
        connection.recv()
    except EOFError:
        pass

if __name__ == "__main__":
    begun_ones = [begun(process_context(), work) for _ in range(2)]
    print("begun", flush=True)
    begun_ones[0][1].recv()
"""


def test_they_end_when_it_is_killed_and_can_say_nothing() -> None:
    """They have its standard output, too, which ends with the last of them."""
    with subprocess.Popen([sys.executable, "-c", _SCRIPT], stdout=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stdout.readline() == b"begun\n"
        process.kill()
        assert process.communicate(timeout=30)[0] == b""
