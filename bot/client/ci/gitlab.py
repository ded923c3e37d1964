"""GitLab CI: its variables, and a dotenv report for later jobs.

A merge request's commit is its head: with merged results another one is checked out, that nobody
wrote and that changes with the target.
"""

from collections.abc import Iterator
from pathlib import Path

from bot.client.ci.system import End, Environment, Output, Run, System, known, number
from bot.errors import UsageError

REPORT = "warroom.env"


def _read(environment: Environment) -> Run:
    head = environment.get("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA")
    origin = {
        "system": SYSTEM.name,
        "repository": environment.get("CI_PROJECT_PATH"),
        "commit": head or environment.get("CI_COMMIT_SHA"),
        "pull_request": number(environment.get("CI_MERGE_REQUEST_IID")),
        "run_url": environment.get("CI_JOB_URL"),
        "environment": environment.get("CI_ENVIRONMENT_NAME"),
        "run_id": environment.get("CI_PIPELINE_ID"),
        "job": environment.get("CI_JOB_NAME"),
        "commit_message": environment.get("CI_COMMIT_MESSAGE", "").strip(),
        "author": environment.get("CI_COMMIT_AUTHOR"),
    }
    base = environment.get("CI_MERGE_REQUEST_DIFF_BASE_SHA", "")
    return Run(known(origin), known({"email": environment.get("GITLAB_USER_EMAIL")}), base)


def _tell(_: Environment, end: End) -> Iterator[str]:
    """Variables for the jobs behind this one, as `artifacts:reports:dotenv` takes them."""
    lines = (f"WARROOM_{name.upper()}={value}\n" for name, value in end.values.items())
    try:
        Path(REPORT).write_text("".join(lines), encoding="utf-8")
    except OSError as error:
        raise UsageError(f"can't write {REPORT}: {error.strerror}") from error
    yield from ()


SYSTEM = System("gitlab-ci", lambda each: each.get("GITLAB_CI") == "true", _read)
OUTPUT = Output("gitlab", _tell)
