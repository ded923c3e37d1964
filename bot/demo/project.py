"""The example project that the demo's pipeline checks, and what a CI says of a commit there.

Rules
- It is a copy of the repository's own, written anew each time; a bot that was installed without the
  repository has none.
- Each commit is a new one, of the pull request that its script has: a newer one supersedes the
  war room of an older one.
"""

import secrets
import shutil
from dataclasses import dataclass
from pathlib import Path

CONFIG = Path(__file__).parents[2] / "config"
EXAMPLES = CONFIG / "examples"
STANDARDS = ("catalogue.yaml", "guardrails.yaml", "people.yaml")
REPOSITORY = "acme/models"
EMAIL = "ada@acme.test"


@dataclass(frozen=True, slots=True)
class Script:
    """Something to check: how, and the pull request that brings it, with its commit's message."""

    name: str
    label: str
    arguments: tuple[str, ...]
    pull_request: int
    message: str

    @property
    def command(self) -> str:
        """What is typed for it."""
        return " ".join(("warroom", *self.arguments))

    def commit(self) -> dict[str, str]:
        """What a CI says of a new commit, by variables as GitLab has them."""
        run = secrets.randbelow(900_000) + 100_000
        return {
            "GITLAB_CI": "true",
            "GITLAB_USER_EMAIL": EMAIL,
            "CI_PROJECT_PATH": REPOSITORY,
            "CI_COMMIT_SHA": secrets.token_hex(20),
            "CI_COMMIT_MESSAGE": self.message,
            "CI_COMMIT_AUTHOR": f"Ada Byron <{EMAIL}>",
            "CI_MERGE_REQUEST_IID": str(self.pull_request),
            "CI_PIPELINE_ID": str(run),
            "CI_JOB_NAME": "guardrails",
            "CI_JOB_URL": f"https://ci.acme.test/runs/{run}",
        }


SCRIPTS = {
    script.name: script
    for script in (
        Script(
            "reranker",
            "reranker: declares nothing",
            ("check", "--gate", "reranker"),
            11,
            "Train a second ranker on last month's sessions",
        ),
        Script(
            "ranker",
            "ranker: does other than it declares",
            ("check", "--gate", "--one", "ranker"),
            12,
            "Fine-tune the ranker on what customers buy",
        ),
        Script(
            "churn",
            "churn: does what it declares",
            ("check", "--gate", "churn"),
            13,
            "Start the forecast anew from the encoder",
        ),
    )
}


def is_here() -> bool:
    """Whether this bot was installed with the example project."""
    return EXAMPLES.is_dir()


def write(folder: Path) -> None:
    """Copy the example project and what it is held to, where it is here. OSError."""
    if not is_here():
        return
    shutil.copytree(EXAMPLES, folder, dirs_exist_ok=True)
    (folder / "config").mkdir(exist_ok=True)
    for name in STANDARDS:
        shutil.copyfile(CONFIG / name, folder / "config" / name)
