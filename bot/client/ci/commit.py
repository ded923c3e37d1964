"""What git knows of a commit: its message, who wrote it, which files it changed.

Where there is no git, no repository, or not that commit, nothing is known.
"""

import subprocess
from typing import Any

SECONDS = 10.0
FILES_MOST, PATH_MOST = 100, 500


def read(commit: str) -> dict[str, Any]:
    """`commit_message`, `author` and `changed_files` of a commit in this folder's repository."""
    said = git("show", "--no-patch", "--format=%an <%ae>%x00%B", commit, "--")
    author, mark, message = said.partition("\0")
    if not mark:
        return {}
    names = ("diff-tree", "--no-commit-id", "--name-only", "-r", "-z", "-m", commit, "--")
    changed = git(*names)
    files = sorted({name for name in changed.split("\0") if name and len(name) <= PATH_MOST})
    found = {
        "author": author.strip(),
        "commit_message": message.strip(),
        "changed_files": files[:FILES_MOST],
    }
    return {name: value for name, value in found.items() if value}


def git(*arguments: str) -> str:
    """What git answers to arguments of ours; nothing where it can't."""
    words = ["git", "--no-pager", "-c", "core.fsmonitor=false", *arguments]
    try:
        done = subprocess.run(  # noqa: S603 - no shell, and a commit stands before `--`
            words, capture_output=True, timeout=SECONDS, check=False, stdin=subprocess.DEVNULL
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.decode("utf-8", "replace") if done.returncode == 0 else ""
