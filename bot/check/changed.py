"""What a branch changed since it left another, by git: `--changed-since`, or a pull request's base.

Rules
- Compared with where the two parted, as a pull request is; what isn't committed yet is changed too.
- Where a CI names the base of a pull request, the rules are compared with it unasked: who changes
  them doesn't choose whether that is seen. That it can't be compared is told, and no answer.
- A file is touched by a change of what it is read with: a declaration above it, a command or a
  configuration that names what it uses. Of a repository inside of another, git tells the folder:
  all in it is touched.
- A revision can't be an option of git.
"""

import os
from dataclasses import dataclass
from pathlib import Path

from bot.check.declarations import FILE_NAME
from bot.check.git import git
from bot.check.uses import FileReading
from bot.errors import UsageError


@dataclass(frozen=True, slots=True)
class Changed:
    """The files that a branch changed, relative to the folder that is checked.

    With `only` nothing else is told. `unknown` says why it can't be known what was changed.
    """

    paths: frozenset[str]
    only: bool = True
    unknown: str = ""

    def tells(self, reading: FileReading) -> bool:
        """Whether what is found in a file is told: it was changed, or what it is read with."""
        if not self.only or reading.path in self.paths:
            return True
        parents = reading.path.split("/")[:-1]
        above = ("/".join([*parents[:depth], FILE_NAME]) for depth in range(len(parents) + 1))
        folders = ("/".join(parents[:depth]) for depth in range(1, len(parents) + 1))
        within = (use.within.rpartition(":")[0] for use in reading.uses if use.within)
        return not self.paths.isdisjoint((*above, *folders, *within))

    def alters(self, file: Path, root: Path) -> bool:
        """Whether a file was changed, or a link that leads to it."""
        path = Path(os.path.relpath(file, root))
        links = {parent.as_posix() for parent in path.parents}
        real = os.path.relpath(os.path.realpath(file), os.path.realpath(root))
        return not self.paths.isdisjoint({path.as_posix(), Path(real).as_posix(), *links})


def since(revision: str, root: Path) -> Changed:
    """What changed since this branch left `revision`, as seen from `root`. UsageError."""
    try:
        return Changed(_changed(revision, root))
    except UsageError as error:
        raise UsageError(f"--changed-since: {error}") from error


def of_pull_request(base: str, root: Path) -> Changed:
    """What a pull request changes that is compared with `base`, a revision that a CI names."""
    try:
        return Changed(_changed(base, root), only=False)
    except UsageError as error:
        return Changed(frozenset(), only=False, unknown=str(error))


def _changed(revision: str, root: Path) -> frozenset[str]:
    if revision.startswith("-"):
        raise UsageError(f"found {revision!r}, need a revision such as origin/main")
    top = Path(git(root, "rev-parse", "--show-toplevel").removesuffix("\n"))
    base = git(root, "merge-base", revision, "HEAD").strip()
    names = ("diff", "--no-relative", "--name-only", "--no-renames", "-z", base, "--")
    committed = git(top, *names)
    new = git(top, "ls-files", "--others", "--exclude-standard", "-z")
    seen_from = os.path.realpath(root)
    every = (name for name in (committed + new).split("\0") if name)
    return frozenset(Path(os.path.relpath(top / name, seen_from)).as_posix() for name in every)
