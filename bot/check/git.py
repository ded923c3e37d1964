"""Git, asked about the tree that is checked: with arguments, never through a shell."""

import subprocess
from pathlib import Path

from bot.errors import UsageError


def git(folder: Path, *arguments: str) -> str:
    """What git answers, asked from a folder. UsageError, where it says no or isn't here."""
    command = ["git", "-C", str(folder), "-c", "core.fsmonitor=false", *arguments]
    try:
        run = subprocess.run(command, capture_output=True, check=False)  # noqa: S603 - no shell, arguments of ours
    except FileNotFoundError as error:
        raise UsageError("git is asked, and there is none here") from error
    if run.returncode:
        said = run.stderr.decode(errors="replace").strip().splitlines()
        why = said[0] if said else "the two have no commit in common here; fetch the whole history"
        raise UsageError(f"git says: {why}")
    return run.stdout.decode(errors="surrogateescape")


def tracked(folder: Path) -> int:
    """How many files in a folder git keeps; 0 where it keeps none, or can't be asked."""
    try:
        return git(folder, "ls-files", "-z", "--", ".").count("\0")
    except UsageError:
        return 0
