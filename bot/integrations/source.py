"""What a source of violations is: one value, with all that `POST /webhooks/{name}` needs of it.

Rules
- First the signature, then the body: `read` is asked only for what `verify` has let pass.
- A source without its section in `sources.yaml`, or without a secret, takes nothing.
- Nothing is missed in silence: a failure that is mapped to no policy is read as `Ignored` with its
  name, and each result says by which pattern of the section its name was taken.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, TypeVar

from bot.domain.violation import Report, Success
from bot.errors import UsageError
from bot.integrations.doctor_check import DoctorCheck
from bot.policies.load import Config
from bot.policies.sources import Sections, SourceSection
from bot.settings import Settings
from bot.signatures import Secret, SignatureError

KIB = 1024
BODY_LIMIT = 256 * KIB
WEBHOOKS = "/webhooks/"

Section = TypeVar("Section", bound=SourceSection | None)
Shape = TypeVar("Shape", bound=SourceSection)


@dataclass(frozen=True, slots=True)
class Message:
    """A request as it came: headers by lower-case name, and the raw body."""

    headers: Mapping[str, str]
    body: bytes

    @property
    def media_type(self) -> str:
        """What the body is said to be, in lower case and without parameters."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


@dataclass(frozen=True, slots=True)
class Surroundings(Generic[Section]):
    """What a source needs to know: the configuration, its own part of it, its secrets, the time.

    `callback_refusal` says why a callback can't go to an address, or nothing.
    """

    config: Config
    section: Section
    secrets: tuple[Secret, ...]
    callback_refusal: Callable[[str], str | None]
    now: datetime


@dataclass(frozen=True, slots=True)
class Reported:
    """A violation, and the id under which its delivery is known to its source.

    `policy_path` is where its policy stands in the body, or would. `delivery_path` is where its
    sender wrote the id of its delivery; None where that follows from what was sent.
    """

    report: Report
    delivery: str
    pattern: str | None = None
    policy_path: str = "policy"
    delivery_path: str | None = None


@dataclass(frozen=True, slots=True)
class Ignored:
    """A message that is well and reports no violation.

    `unmapped` is the name of a failure that no pattern of the section takes: it is logged, counted,
    and told by `warroom doctor`.
    """

    reason: str
    pattern: str | None = None
    unmapped: str | None = None


@dataclass(frozen=True, slots=True)
class Succeeded:
    """A check that has succeeded where a violation of this policy may have reported its failure.

    `delivery` is as in `Reported`. The open room is told that holds violations with the success's
    key; the decision stays people's.
    """

    policy: str
    success: Success
    delivery: str
    pattern: str | None = None


Result = Reported | Ignored | Succeeded


def _no_flaw(_: str) -> None:
    """Any text will do as a secret."""


@dataclass(frozen=True, slots=True)
class SourceSettings(Generic[Section]):
    """What has to be configured before a source takes anything.

    `section` is the shape of its part of `sources.yaml`; None where it needs none. `secrets` reads
    what messages may be signed with, as it was written, and `variable` is where it was written.
    `flaw` says what is weak about one of the secrets, or nothing, and raises SignatureError where
    it can't be used.
    """

    section: type[SourceSection] | None
    secrets: Callable[[Settings, Section], tuple[Secret, ...]]
    variable: Callable[[Section], str]
    flaw: Callable[[str], str | None] = _no_flaw

    def usable(self, settings: Settings, section: Section) -> tuple[Secret, ...]:
        """All the secrets. UsageError where one can't be used."""
        secrets = self.secrets(settings, section)
        for number, secret in enumerate(secrets, start=1):
            try:
                self.flaw(secret.text)
            except SignatureError as error:
                message = f"{self.variable(section)}: {secret.place(number)}: {error}"
                raise UsageError(message) from error
        return secrets


def with_own_names(secrets: Mapping[str, tuple[Secret, ...]], sources: Collection[str]) -> None:
    """UsageError where a secret of one source is called as another of all `sources` is.

    `secrets` are those of each source. A policy tells by this name who has signed.
    """
    for source, own in secrets.items():
        taken = {*sources} - {source}
        names: defaultdict[str, set[str | None]] = defaultdict(set)
        for number, each in enumerate(own, start=1):
            place = f"a secret of {source}, {each.place(number)}"
            names[each.text].add(each.name)
            if len(names[each.text]) > 1:
                raise UsageError(f"{place}: found under two names, need one: it says who signed")
            if each.name in taken:
                message = f"{place}: {each.name!r} is the name of another source, need its own"
                raise UsageError(message)


def in_section(shape: type[Shape]) -> SourceSettings[Shape]:
    """Settings of a source whose section names the variable of its one secret."""

    def secrets(settings: Settings, section: Shape) -> tuple[Secret, ...]:
        secret = settings.named(section.secret_env)
        return (Secret(secret),) if secret else ()

    return SourceSettings(shape, secrets, lambda section: section.secret_env)


@dataclass(frozen=True, slots=True)
class Description:
    """What the API's description says of a source.

    `content` has the JSON schema of each media type that is taken; `refusals` are the statuses that
    are answered instead of 202. `other_names` are what some of the headers may be called too;
    `optional` are headers that may be missing. `bearer`: a token is shown, and nothing signed.
    """

    summary: str
    headers: tuple[str, ...]
    content: Mapping[str, dict[str, Any]]
    refusals: tuple[int, ...]
    other_names: Mapping[str, str] = field(default_factory=dict)
    optional: tuple[str, ...] = ()
    bearer: bool = False


@dataclass(frozen=True, slots=True)
class Source(Generic[Section]):
    """One way in: `name` is what its violations are recorded under.

    It is the last part of its path too, unless it is heard at an `address` of its own. `title`
    names the system to people. `verify` raises SignatureError for what the system didn't send, and
    gives the name of the secret that it was signed with: none stands for the source's own name.
    `read` gives what was reported, RequestError where that can't be taken; each report and success
    has a delivery id of its own. `body_limit` is in bytes. `repeats`: whoever sends there sends
    again what was answered 503; what isn't repeated is taken for as long as there is room for it.
    """

    name: str
    title: str
    settings: SourceSettings[Section]
    verify: Callable[[Message, Surroundings[Section]], str | None]
    read: Callable[[Message, Surroundings[Section]], tuple[Result, ...]]
    description: Description
    body_limit: int = BODY_LIMIT
    repeats: bool = True
    doctor_check: DoctorCheck | None = None
    address: str = ""

    @property
    def path(self) -> str:
        """Where it is heard."""
        return self.address or f"{WEBHOOKS}{self.name}"


def sections_of(sources: Iterable[Source[Any]]) -> Sections:
    """The shapes of what `sources.yaml` may hold, by the names of these sources."""
    return {each.name: each.settings.section for each in sources if each.settings.section}
