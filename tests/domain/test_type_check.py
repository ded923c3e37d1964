"""What is added by half fails the type check, which `make test` runs first."""

import os
import subprocess
import sys
from pathlib import Path

from tests.copied import WEIGHED, Edit, copied, edited

ADDED = (
    Edit(
        "domain/commands.py",
        "class Acknowledge(Order):",
        '''class Weigh(Order):
    """How much there is of it."""

    verb = "weigh"


class Acknowledge(Order):''',
    ),
    Edit(
        "domain/commands.py",
        "Command = (\n    Join\n",
        "Command = (\n    Join\n    | Weigh\n",
    ),
    *WEIGHED,
    Edit(
        "domain/handlers.py",
        "def acknowledge(",
        '''def weigh(ask: Ask[c.Weigh]) -> Answer:
    """Whatever it weighs."""
    del ask
    return (e.Weighed(grams=7),)


def acknowledge(''',
    ),
    Edit(
        "domain/lifecycle.py",
        "    **_row(c.Join,",
        "    **_row(c.Weigh, handlers.weigh, _STAYS_OPEN),\n    **_row(c.Join,",
    ),
)
FOLD = Edit(
    "domain/fold.py",
    "        case e.Acknowledged() | e.Closed() | e.Replied():",
    "        case e.Acknowledged() | e.Closed() | e.Replied() | e.Weighed():",
)


def _checked(folder: Path) -> list[str]:
    """What the type check finds in a copy's domain."""
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "bot/domain"],
        cwd=folder,
        env={name: value for name, value in os.environ.items() if name != "MYPY_CACHE_DIR"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode in (0, 1), done.stdout + done.stderr
    return [line for line in done.stdout.splitlines() if ": error: " in line]


def test_a_command_an_event_and_a_row_without_a_fold_fail_the_type_check(tmp_path: Path) -> None:
    copied(tmp_path, ADDED)
    (missing,) = _checked(tmp_path)
    assert missing.startswith("bot/domain/fold.py:")
    assert '"assert_never" has incompatible type "Weighed"' in missing
    edited(tmp_path, [FOLD])
    assert _checked(tmp_path) == []
