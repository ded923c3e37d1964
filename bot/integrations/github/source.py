"""`POST /webhooks/github`: a workflow run or a check run that failed, by the name it has there.

Rules
- There is no timestamp to check, and `X-GitHub-Delivery` is not signed: a delivery is known by its
  body, which GitHub keeps when it sends it again. Replayed under another id it changes nothing.
- A run over the same commit with the same name is the same decision.
- What is no failure, or has no policy, is answered with the reason and opens nothing.
"""

import hashlib
from typing import Annotated, Any, Literal
from urllib.parse import parse_qs

from pydantic import AwareDatetime, BaseModel, Field, ValidationError

from bot.domain.person import GITHUB
from bot.domain.violation import CONTRIBUTORS, Report
from bot.integrations import body
from bot.integrations.github.doctor import CHECK
from bot.integrations.github.people import Account, People, humans
from bot.integrations.request_error import (
    DETAIL_MOST,
    detail,
    details,
    invalid,
    malformed,
)
from bot.integrations.source import (
    KIB,
    Description,
    Ignored,
    Message,
    Reported,
    Source,
    Surroundings,
    in_section,
)
from bot.policies.sources import SourceSection
from bot.signatures import verify_github

FAILED = frozenset({"failure", "timed_out", "action_required", "startup_failure"})
FORM = "application/x-www-form-urlencoded"
TITLE_MOST = 300
SAID_MOST = 100


class GithubSection(SourceSection):
    """GitHub's webhooks: where the secret is, and which workflow or check is which policy."""

    policies: dict[str, str] = Field(
        min_length=1, description="names of workflows or checks, each with the id of a policy"
    )


class _Repository(BaseModel):
    full_name: str


class _Run(People):
    """What a workflow run and a check run have in common; GitHub may send null for most of it."""

    name: str | None = None
    head_sha: str
    html_url: str | None = None
    conclusion: str | None = None


class _WorkflowRun(_Run):
    display_title: str | None = None
    head_branch: str | None = None
    run_number: int | None = None
    ended: AwareDatetime | None = Field(default=None, alias="updated_at")


class _CheckRun(_Run):
    ended: AwareDatetime | None = Field(default=None, alias="completed_at")


class _Workflow(BaseModel):
    name: str | None = None


class _WorkflowReport(BaseModel):
    kind: Literal["workflow_run"]
    workflow_run: _WorkflowRun
    workflow: _Workflow | None = None
    repository: _Repository
    sender: Account | None = None

    @property
    def run(self) -> _WorkflowRun:
        return self.workflow_run

    @property
    def name(self) -> str:
        return self.run.name or (self.workflow and self.workflow.name) or ""

    @property
    def facts(self) -> dict[str, Any]:
        run = self.run
        return {"branch": run.head_branch, "run": run.run_number, "title": run.display_title}


class _CheckReport(BaseModel):
    kind: Literal["check_run"]
    check_run: _CheckRun
    repository: _Repository
    sender: Account | None = None

    @property
    def run(self) -> _CheckRun:
        return self.check_run

    @property
    def name(self) -> str:
        return self.run.name or ""

    @property
    def facts(self) -> dict[str, Any]:
        return {}


class _Envelope(BaseModel):
    report: Annotated[_WorkflowReport | _CheckReport, Field(discriminator="kind")]


def verify(message: Message, around: Surroundings[GithubSection]) -> None:
    """SignatureError unless GitHub has signed it with the secret that both know."""
    signature = message.headers.get("x-hub-signature-256", "")
    verify_github(around.secrets[0], signature, message.body)


def read(message: Message, around: Surroundings[GithubSection]) -> tuple[Reported] | tuple[Ignored]:
    """A failed run whose name a policy is mapped to."""
    data = body.parse(_content(message))
    if not isinstance(data, dict):
        raise malformed("GitHub sends a JSON object")
    event = message.headers.get("x-github-event", "")
    if event not in ("workflow_run", "check_run"):
        return (Ignored(f"event {event[:SAID_MOST]!r} reports no violation"),)
    if data.get("action") != "completed":
        return (Ignored(f"action {str(data.get('action'))[:SAID_MOST]!r} is no end"),)
    run = _envelope({**data, "kind": event})
    name, ended = run.name[:SAID_MOST], run.run.conclusion
    if ended not in FAILED:
        return (Ignored(f"{name!r} ended as {str(ended)[:SAID_MOST]}"),)
    policy = around.section.policies.get(run.name)
    if policy is None:
        return (Ignored(f"no policy is mapped to {name!r}: see github.policies in sources.yaml"),)
    delivery = hashlib.sha256(message.body).hexdigest()
    try:
        return (Reported(_report(run, policy), delivery),)
    except ValidationError as error:
        raise invalid(*details(error)) from error


def _report(read: _WorkflowReport | _CheckReport, policy: str) -> Report:
    run, repository = read.run, read.repository.full_name
    facts = {"check": read.name, "conclusion": run.conclusion, **read.facts}
    place = f"{policy} {repository} {run.head_sha} {read.name}"
    first, *others = humans(run, read.sender) or [{GITHUB: ""}]
    # From plain data, so that what is wrong is named by its whole path.
    return Report.model_validate(
        {
            "policy": policy,
            "title": f"{read.name} failed for {repository}"[:TITLE_MOST],
            "detected_at": run.ended if run.ended and run.ended > body.EARLIEST else None,
            "initiator": first,
            "contributors": others[:CONTRIBUTORS],
            "subject": {"kind": "commit", "name": run.head_sha},
            "origin": {
                "system": "github-actions",
                "repository": repository,
                "commit": run.head_sha,
                "run_url": run.html_url,
                "pull_request": run.pull_requests[0].number if run.pull_requests else None,
            },
            "facts": {key: value for key, value in facts.items() if value is not None},
            "dedup_key": hashlib.sha256(place.encode()).hexdigest()[:32],
        }
    )


def _envelope(data: dict[str, Any]) -> _WorkflowReport | _CheckReport:
    try:
        return _Envelope.model_validate({"report": data}).report
    except ValidationError as error:
        inside = ("report", data["kind"])  # where our own models put it
        found = [each | {"loc": each["loc"][len(inside) :]} for each in error.errors()]
        raise invalid(*(detail(each) for each in found[:DETAIL_MOST])) from error


def _content(message: Message) -> bytes:
    if message.media_type != FORM:
        return message.body
    try:
        found = parse_qs(message.body.decode("ascii"), strict_parsing=True)
    except ValueError as error:
        raise malformed("the form can't be read") from error
    if "payload" not in found:
        raise malformed("the form has no `payload`")
    return found["payload"][0].encode()


SOURCE = Source(
    name="github",
    title="GitHub",
    settings=in_section(GithubSection),
    verify=verify,
    read=read,
    # GitHub sends a check's whole output along, never sends again, and leaves no choice.
    body_limit=2048 * KIB,
    description=Description(
        summary="GitHub's webhooks: a failed workflow or check run",
        headers=("X-GitHub-Event", "X-Hub-Signature-256"),
        content={
            "application/json": {"type": "object"},
            FORM: {
                "type": "object",
                "required": ["payload"],
                "properties": {"payload": {"type": "string"}},
            },
        },
        refusals=(400, 401, 404, 413, 422, 503),
    ),
    doctor_check=CHECK,
)
