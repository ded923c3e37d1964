"""Where no CI runs us: what git says of the folder that we are in.

Rules
- Who made the change is the author of the last commit; of what isn't committed yet, whoever commits
  here.
- What isn't committed yet is of no commit: a verdict on it answers for none.
"""

from bot.client.ci import commit
from bot.client.ci.system import Run, known, repository

NAME = "git"


def read() -> Run:
    """What git says; nothing where it says nothing."""
    head = commit.git("rev-parse", "--verify", "--quiet", "HEAD").strip()
    if not head:
        return Run()
    origin = {
        "system": NAME,
        "repository": repository(commit.git("remote", "get-url", "origin").strip()),
    }
    if commit.git("status", "--porcelain", "--untracked-files=no"):
        email = commit.git("config", "user.email").strip()
        return Run(known(origin), known({"email": email}))
    written = commit.read(head)
    _, _, email = written.get("author", "").rpartition("<")
    initiator = known({"email": email.rstrip(">")})
    return Run(known({**origin, "commit": head, **written}), initiator)
