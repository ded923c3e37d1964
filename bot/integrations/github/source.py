"""`POST /webhooks/github`: a workflow run or a check run that ended, by the name it has there.

Rules
- There is no timestamp to check, and `X-GitHub-Delivery` is not signed: a delivery is known by its
  body, which GitHub keeps when it sends it again. Replayed under another id it changes nothing.
- A run over the same commit with the same name is the same decision, and a success of it is told
  in the room that its failure has opened.
- What a check says in its own words, title and summary, are facts, as text: it is Markdown that
  anybody may have written. What is empty, or null, is no fact.
- What else is no failure, or has no policy, is answered with the reason and opens nothing.
"""

import hashlib
from datetime import datetime
from typing import Annotated, Any, Literal
from urllib.parse import parse_qs

from pydantic import AwareDatetime, BaseModel, Field, ValidationError

from bot.domain.violation import Report, Success
from bot.integrations import body
from bot.integrations.github.people import Account, Commit, People, humans
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
    Result,
    Source,
    Succeeded,
    Surroundings,
    in_section,
)
from bot.policies.sources import SourceSection
from bot.signatures import verify_github

FAILED = frozenset({"failure", "timed_out", "action_required", "startup_failure"})
SUCCEEDED = "success"
FORM = "application/x-www-form-urlencoded"
TITLE_MOST = 300
MESSAGE_MOST, AUTHOR_MOST = 4000, 300
SUMMARY_MOST = 65_535  # as many as GitHub takes
SAID_MOST = 100
NAMELESS = "(no name)"


class GithubSection(SourceSection):
    """GitHub's webhooks: where the secret is, and which workflow or check is which policy."""

    policies: dict[str, str] = Field(
        min_length=1,
        description="names of workflows or checks or patterns of them, each with a policy's id",
    )


class _Repository(BaseModel):
    full_name: str


class _Run(People):
    """What a workflow run and a check run have in common; GitHub may send null for most of it."""

    name: str | None = None
    head_sha: str
    html_url: str | None = None
    run_attempt: int | None = None
    conclusion: str | None = None


class _WorkflowRun(_Run):
    display_title: str | None = None
    head_branch: str | None = None
    run_number: int | None = None
    ended: AwareDatetime | None = Field(default=None, alias="updated_at")


class _CheckOutput(BaseModel):
    title: str | None = None
    summary: str | None = None


class _CheckRun(_Run):
    output: _CheckOutput | None = None
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
        output = self.run.output or _CheckOutput()
        title, summary = (output.title or "").strip(), (output.summary or "").strip()
        return {"title": title[:TITLE_MOST] or None, "summary": summary[:SUMMARY_MOST] or None}


class _Envelope(BaseModel):
    report: Annotated[_WorkflowReport | _CheckReport, Field(discriminator="kind")]


def verify(message: Message, around: Surroundings[GithubSection]) -> None:
    """SignatureError unless GitHub has signed it with the secret that both know."""
    signature = message.headers.get("x-hub-signature-256", "")
    verify_github(around.secrets[0].text, signature, message.body)


def read(message: Message, around: Surroundings[GithubSection]) -> tuple[Result]:
    """A failed run whose name is mapped to a policy, or a success of one."""
    data = body.parse(_content(message))
    if not isinstance(data, dict):
        raise malformed("GitHub sends a JSON object")
    event = message.headers.get("x-github-event", "")
    if event not in ("workflow_run", "check_run"):
        return (Ignored(f"event {event[:SAID_MOST]!r} reports no violation"),)
    if data.get("action") != "completed":
        return (Ignored(f"action {str(data.get('action'))[:SAID_MOST]!r} is no end"),)
    run = _envelope({**data, "kind": event})
    delivery = hashlib.sha256(message.body).hexdigest()
    try:
        return (_result(run, around, delivery),)
    except ValidationError as error:
        raise invalid(*details(error)) from error


def _result(
    read: _WorkflowReport | _CheckReport, around: Surroundings[GithubSection], delivery: str
) -> Result:
    name, ended = read.name[:SAID_MOST], read.run.conclusion
    mapped = around.section.mapped(read.name)
    if mapped and ended in FAILED:
        return Reported(_report(read, mapped.policy), delivery, mapped.pattern)
    if mapped and ended == SUCCEEDED:
        success = _success(read, mapped.policy, around.now)
        return Succeeded(mapped.policy, success, delivery, mapped.pattern)
    if ended in FAILED:
        reason = f"no policy is mapped to {name!r}: see github.policies in sources.yaml"
        return Ignored(reason, unmapped=read.name or NAMELESS)
    end = f"ended as {ended[:SAID_MOST]}" if ended else "ended without a conclusion"
    return Ignored(f"{name!r} {end}", mapped and mapped.pattern)


def _report(read: _WorkflowReport | _CheckReport, policy: str) -> Report:
    run, repository = read.run, read.repository.full_name
    # The first ones are shown: what the title has already comes last.
    facts = {**read.facts, "conclusion": run.conclusion, "check": read.name}
    initiator, contributors = humans(run, run.head_sha, read.sender)
    again = f", attempt {run.run_attempt}" if (run.run_attempt or 1) > 1 else ""
    # From plain data, so that what is wrong is named by its whole path.
    return Report.model_validate(
        {
            "policy": policy,
            "title": f"{read.name} failed for {repository}{again}"[:TITLE_MOST],
            "detected_at": run.ended if run.ended and run.ended > body.EARLIEST else None,
            "initiator": initiator,
            "contributors": contributors,
            "subject": {"kind": "commit", "name": run.head_sha},
            "origin": {
                "system": "github-actions",
                "repository": repository,
                "commit": run.head_sha,
                "run_url": run.html_url,
                "pull_request": run.pull_request,
                **_commit(run.head_commit),
            },
            "facts": {key: value for key, value in facts.items() if value is not None},
            "dedup_key": _key(read, policy),
        }
    )


def _commit(commit: Commit | None) -> dict[str, str]:
    """What the head commit says, for people to read: who made the change is asked otherwise."""
    author = commit and commit.author and commit.author.name
    said = {
        "commit_message": ((commit and commit.message) or "").strip()[:MESSAGE_MOST],
        "author": (author or "").strip()[:AUTHOR_MOST],
    }
    return {key: text for key, text in said.items() if text}


def _success(read: _WorkflowReport | _CheckReport, policy: str, now: datetime) -> Success:
    run = read.run
    return Success.model_validate(
        {
            "key": _key(read, policy),
            "check": read.name[:SAID_MOST] or NAMELESS,
            "at": min(run.ended, now) if run.ended and run.ended > body.EARLIEST else now,
            "run_url": run.html_url,
            "attempt": run.run_attempt,
            "commit": run.head_sha,
            "repository": read.repository.full_name,
        }
    )


def _key(read: _WorkflowReport | _CheckReport, policy: str) -> str:
    """What a run over the same commit with the same name has too."""
    place = f"{policy} {read.repository.full_name} {read.run.head_sha} {read.name}"
    return hashlib.sha256(place.encode()).hexdigest()[:32]


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
    repeats=False,
    description=Description(
        summary="GitHub's webhooks: a workflow or check run that failed, or succeeded later",
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
)
