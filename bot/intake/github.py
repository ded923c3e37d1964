"""`POST /webhooks/github`: a workflow run or a check run that failed, by the name it has there.

Rules
- There is no timestamp to check: a delivery is known by `X-GitHub-Delivery`, which it keeps when
  it is sent again.
- A run over the same commit with the same name is the same decision.
- What is no failure, or has no policy, is answered with the reason and opens nothing.
"""

import hashlib
from typing import Annotated, Any, Literal
from urllib.parse import parse_qs

from pydantic import AwareDatetime, BaseModel, Field, ValidationError

from bot.domain.violation import Initiator, Origin, Report, Subject
from bot.intake import body
from bot.intake.problem import Detail, RequestError, invalid, malformed, unsigned
from bot.intake.signatures import ID_MOST, SignatureError, verify_github
from bot.intake.source import Ignored, Message, Reported, Surroundings

FAILED = frozenset({"failure", "timed_out", "action_required", "startup_failure"})
TITLE_MOST = 300


class _Account(BaseModel):
    login: str = Field(min_length=1)


class _PullRequest(BaseModel):
    number: int


class _Repository(BaseModel):
    full_name: str


class _Run(BaseModel):
    """What a workflow run and a check run have in common."""

    name: str | None = None
    head_sha: str
    html_url: str | None = None
    conclusion: str | None = None
    pull_requests: list[_PullRequest] = []


class _WorkflowRun(_Run):
    actor: _Account
    display_title: str | None = None
    head_branch: str | None = None
    run_number: int | None = None
    ended: AwareDatetime | None = Field(default=None, alias="updated_at")


class _CheckRun(_Run):
    ended: AwareDatetime | None = Field(default=None, alias="completed_at")


class _Workflow(BaseModel):
    name: str = ""


class _WorkflowReport(BaseModel):
    kind: Literal["workflow_run"]
    workflow_run: _WorkflowRun
    workflow: _Workflow | None = None
    repository: _Repository

    @property
    def run(self) -> _WorkflowRun:
        return self.workflow_run

    @property
    def name(self) -> str:
        return self.run.name or (self.workflow.name if self.workflow else "")

    @property
    def login(self) -> str:
        return self.run.actor.login

    @property
    def facts(self) -> dict[str, Any]:
        run = self.run
        return {"branch": run.head_branch, "run": run.run_number, "title": run.display_title}


class _CheckReport(BaseModel):
    kind: Literal["check_run"]
    check_run: _CheckRun
    repository: _Repository
    sender: _Account

    @property
    def run(self) -> _CheckRun:
        return self.check_run

    @property
    def name(self) -> str:
        return self.run.name or ""

    @property
    def login(self) -> str:
        return self.sender.login

    @property
    def facts(self) -> dict[str, Any]:
        return {}


class _Envelope(BaseModel):
    report: Annotated[_WorkflowReport | _CheckReport, Field(discriminator="kind")]


def take(message: Message, around: Surroundings) -> Reported | Ignored:
    """A failed run whose name a policy is mapped to."""
    source = around.config.sources.github
    if source is None:
        raise RequestError(404, "not_found", "GitHub is not configured: see sources.yaml")
    if not around.github_secret:
        raise unsigned(f"no secret is configured: set {source.secret_env}")
    try:
        signature = message.headers.get("x-hub-signature-256", "")
        verify_github(around.github_secret, signature, message.body)
    except SignatureError as error:
        raise unsigned(str(error)) from error
    data = body.parse(_content(message))
    if not isinstance(data, dict):
        raise malformed("GitHub sends a JSON object")
    event = message.headers.get("x-github-event", "")
    if event not in ("workflow_run", "check_run"):
        return Ignored(f"event {event!r} reports no violation")
    if data.get("action") != "completed":
        return Ignored(f"action {data.get('action')!r} is no end")
    return _reported(_read({**data, "kind": event}), message, source.policies)


def _reported(
    read: _WorkflowReport | _CheckReport, message: Message, policies: dict[str, str]
) -> Reported | Ignored:
    run = read.run
    if run.conclusion not in FAILED:
        return Ignored(f"{read.name!r} ended as {run.conclusion}")
    policy = policies.get(read.name)
    if policy is None:
        return Ignored(f"no policy is mapped to {read.name!r}: see github.policies in sources.yaml")
    delivery = message.headers.get("x-github-delivery", "")
    if not delivery or len(delivery) > ID_MOST:
        raise malformed("X-GitHub-Delivery: a header is needed")
    facts = {"check": read.name, "conclusion": run.conclusion, **read.facts}
    place = f"{policy} {read.repository.full_name} {run.head_sha} {read.name}"
    report = Report(
        policy=policy,
        title=f"{read.name} failed for {read.repository.full_name}"[:TITLE_MOST],
        detected_at=run.ended,
        initiator=Initiator(github=read.login),
        subject=Subject(kind="commit", name=run.head_sha),
        origin=Origin(
            system="github-actions",
            repository=read.repository.full_name,
            commit=run.head_sha,
            run_url=run.html_url,
            pull_request=run.pull_requests[0].number if run.pull_requests else None,
        ),
        facts={key: value for key, value in facts.items() if value is not None},
        dedup_key=hashlib.sha256(place.encode()).hexdigest()[:32],
    )
    return Reported(report, delivery)


def _read(data: dict[str, Any]) -> _WorkflowReport | _CheckReport:
    try:
        return _Envelope.model_validate({"report": data}).report
    except ValidationError as error:
        detail = [
            Detail(".".join(str(part) for part in found["loc"][2:]), found["msg"])
            for found in error.errors()
        ]
        raise invalid(*detail) from error


def _content(message: Message) -> bytes:
    kind = message.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded":
        return message.body
    try:
        found = parse_qs(message.body.decode("ascii"), strict_parsing=True)
    except ValueError as error:
        raise malformed("the form can't be read") from error
    if "payload" not in found:
        raise malformed("the form has no `payload`")
    return found["payload"][0].encode()
