"""Jenkins: the variables of a build, of its git plug-in, and of a multibranch job's change."""

from bot.client.ci import commit as git
from bot.client.ci.system import Environment, Run, System, known, number, repository


def _read(environment: Environment) -> Run:
    commit = environment.get("GIT_COMMIT")
    written = git.read(commit) if commit else {}
    origin = {
        "system": SYSTEM.name,
        "repository": repository(environment.get("GIT_URL", "")),
        "commit": commit,
        "pull_request": number(environment.get("CHANGE_ID")),
        "run_url": environment.get("BUILD_URL"),
        "run_id": environment.get("BUILD_NUMBER"),
        "job": environment.get("JOB_NAME"),
        **written,
    }
    _, _, author = written.get("author", "").rpartition("<")
    email = environment.get("CHANGE_AUTHOR_EMAIL") or environment.get("BUILD_USER_EMAIL")
    target = environment.get("CHANGE_TARGET")
    initiator = known({"email": email or author.rstrip(">")})
    return Run(known(origin), initiator, f"origin/{target}" if target else "")


SYSTEM = System("jenkins", lambda each: bool(each.get("JENKINS_URL")), _read)
