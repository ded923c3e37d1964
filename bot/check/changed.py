"""`--changed-since`: what a branch changed since it left another, by git.

Rules
- Compared with where the two parted, as a pull request is; what isn't committed yet is changed too.
- A file is touched by a change of what it is read with: a declaration above it, a command or a
  configuration that names what it uses.
- Git is asked with arguments, never through a shell, and a revision can't be an option.
"""

import subprocess
from dataclasses import dataclass
from pathlib import Path

from bot.check.declarations import FILE_NAME
from bot.check.uses import FileReading
from bot.errors import UsageError


@dataclass(frozen=True, slots=True)
class Changed:
    """The files that a branch changed, relative to the folder that is checked."""

    paths: frozenset[str]

    def touches(self, reading: FileReading) -> bool:
        """Whether a file was changed, or something that it is read with."""
        if reading.path in self.paths:
            return True
        parents = reading.path.split("/")[:-1]
        above = ("/".join([*parents[:depth], FILE_NAME]) for depth in range(len(parents) + 1))
        within = (use.within.rpartition(":")[0] for use in reading.uses if use.within)
        return not self.paths.isdisjoint((*above, *within))


def since(revision: str, root: Path) -> Changed:
    """What changed below `root` since this branch left `revision`. UsageError."""
    if revision.startswith("-"):
        raise UsageError(
            f"--changed-since: found {revision!r}, need a revision such as origin/main"
        )
    base = _git(root, "merge-base", revision, "HEAD").strip()
    names = ("diff", "--relative", "--name-only", "--no-renames", "-z", base, "--")
    committed = _git(root, *names)
    new = _git(root, "ls-files", "--others", "--exclude-standard", "-z")
    return Changed(frozenset(name for name in (committed + new).split("\0") if name))


def _git(root: Path, *arguments: str) -> str:
    command = ["git", "-C", str(root), "-c", "core.fsmonitor=false", *arguments]
    try:
        run = subprocess.run(command, capture_output=True, check=False)  # noqa: S603 - no shell, arguments of ours
    except FileNotFoundError as error:
        raise UsageError("--changed-since asks git, and there is none here") from error
    if run.returncode:
        said = run.stderr.decode(errors="replace").strip().splitlines()
        raise UsageError(f"--changed-since: git says: {said[0] if said else 'nothing'}")
    return run.stdout.decode(errors="surrogateescape")
