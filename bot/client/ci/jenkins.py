"""Jenkins: the variables of a build, of its git plug-in, and of a multibranch job's change."""

import re

from bot.client.ci import commit as git
from bot.client.ci.system import Environment, Run, System, known, number

_REPOSITORY = re.compile(r"(?:\w+://[^/]+/|[^/]+:)(?P<name>.+?)(?:\.git)?/?")


def _read(environment: Environment) -> Run:
    repository = _REPOSITORY.fullmatch(environment.get("GIT_URL", ""))
    commit = environment.get("GIT_COMMIT")
    written = git.read(commit) if commit else {}
    origin = {
        "system": SYSTEM.name,
        "repository": repository["name"] if repository else None,
        "commit": commit,
        "pull_request": number(environment.get("CHANGE_ID")),
        "run_url": environment.get("BUILD_URL"),
        "run_id": environment.get("BUILD_NUMBER"),
        "job": environment.get("JOB_NAME"),
        **written,
    }
    _, _, author = written.get("author", "").rpartition("<")
    email = environment.get("CHANGE_AUTHOR_EMAIL") or environment.get("BUILD_USER_EMAIL")
    return Run(known(origin), known({"email": email or author.rstrip(">")}))


SYSTEM = System("jenkins", lambda each: bool(each.get("JENKINS_URL")), _read)
