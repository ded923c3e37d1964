"""GitHub Actions: its variables, the event that started the run, and its files and annotations.

Rules
- A pull request's commit is its head: what is checked out, a merge that nobody wrote, is another
  one with each change of the base.
- A login that ends with `[bot]` is nobody: who opened the pull request is taken, or who wrote the
  commit.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bot.client.ci import commit as git
from bot.client.ci.system import End, Environment, Output, Run, System, known, number
from bot.errors import UsageError

LEVELS = {"allow": "notice", "pending": "warning"}


def _read(environment: Environment) -> Run:
    event = _event(environment)
    pull_request = event.get("pull_request") or {}
    reference = environment.get("GITHUB_REF", "").split("/")
    of_reference = reference[2] if reference[:2] == ["refs", "pull"] else None
    commit = (pull_request.get("head") or {}).get("sha") or environment.get("GITHUB_SHA")
    repository = environment.get("GITHUB_REPOSITORY")
    run = environment.get("GITHUB_RUN_ID")
    server = environment.get("GITHUB_SERVER_URL", "https://github.com")
    attempt = environment.get("GITHUB_RUN_ATTEMPT", "1")
    origin = {
        "system": SYSTEM.name,
        "repository": repository,
        "commit": commit,
        "pull_request": pull_request.get("number") or number(of_reference),
        "run_url": f"{server}/{repository}/actions/runs/{run}/attempts/{attempt}" if run else None,
        "run_id": run,
        "job": environment.get("GITHUB_JOB"),
        **_written(event, commit or ""),
    }
    logins = ((pull_request.get("user") or {}).get("login"), environment.get("GITHUB_ACTOR"))
    human = next((login for login in logins if login and not login.endswith("[bot]")), None)
    author = (event.get("head_commit") or {}).get("author") or {}
    initiator = {"github": human or author.get("username"), "email": author.get("email")}
    branch = environment.get("GITHUB_BASE_REF")
    base = (pull_request.get("base") or {}).get("sha") or (f"origin/{branch}" if branch else "")
    return Run(known(origin), known(initiator), base)


def _written(event: dict[str, Any], commit: str) -> dict[str, Any]:
    """What is known of the commit: from git, or else from the event of a push."""
    head = event.get("head_commit") or {}
    author = head.get("author") or {}
    said = {"commit_message": head.get("message"), "author": author.get("name")}
    return known(said) | (git.read(commit) if commit else {})


def _event(environment: Environment) -> dict[str, Any]:
    """The event that started the run; nothing where it can't be read."""
    try:
        read = json.loads(Path(environment["GITHUB_EVENT_PATH"]).read_text(encoding="utf-8"))
    except (KeyError, OSError, ValueError):
        return {}
    return read if isinstance(read, dict) else {}


def _tell(environment: Environment, end: End) -> Iterator[str]:
    """An annotation; the step's summary and outputs stand in the files that the runner names."""
    title = f"War room: {end.verdict}"
    where = end.values["room_url"] or end.values["room_id"]
    message = f"{end.said} {where}".strip()
    level = LEVELS.get(end.verdict, "error")
    yield f"::{level} title={_escaped(title, ':,')}::{_escaped(message)}"
    _append(environment, "GITHUB_OUTPUT", "".join(f"{k}={v}\n" for k, v in end.values.items()))
    link = f"[The war room]({end.values['room_url']})\n" if end.values["room_url"] else ""
    _append(environment, "GITHUB_STEP_SUMMARY", f"### {title}\n\n{_plain(end.said)}\n\n{link}")


def _append(environment: Environment, variable: str, text: str) -> None:
    """Add to the file that a variable names, where there is one."""
    if not (name := environment.get(variable)):
        return
    try:
        with Path(name).open("a", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise UsageError(f"{variable}: can't write {name}: {error.strerror}") from error


def _escaped(text: str, more: str = "") -> str:
    """`text` as a workflow command takes it."""
    return "".join(f"%{ord(each):02X}" if each in f"%\r\n{more}" else each for each in text)


def _plain(text: str) -> str:
    """`text` in Markdown, meaning nothing but itself."""
    return "".join(f"\\{each}" if each in "\\`*_{}[]()<>#+-!|~@" else each for each in text)


SYSTEM = System("github-actions", lambda each: each.get("GITHUB_ACTIONS") == "true", _read)
OUTPUT = Output("github", _tell)
