"""What training code says that it is for: a `guardrails` block, as values."""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from bot.check.keys import Day, Flag, Keys, Many, OneOf, Pattern, Shape, Text
from bot.check.uses import Span

FROM_ARGUMENTS = "from arguments"


class Pii(StrEnum):
    """What the data holds about people, the least first."""

    NONE = "none"
    PSEUDONYMOUS = "pseudonymous"
    PRESENT = "present"


class Reach(StrEnum):
    """How far a result goes, the nearest first."""

    NONE = "none"
    INTERNAL = "internal"
    CUSTOMER = "customer"
    PUBLIC = "public"


KEYS = Keys(
    {
        "dataset": Many(
            Pattern(),
            f"The data sets: names, with * for any letters; a classification of the catalogue; or "
            f"{FROM_ARGUMENTS!r}, where the command line names them.",
        ),
        "base_model": Many(
            Pattern(),
            f"What the training starts from: names, with * for any letters, or {FROM_ARGUMENTS!r}.",
        ),
        "use_case": Text("What the result is for, in the catalogue's words."),
        "pii": OneOf(tuple(Pii), "What the data holds about people."),
        "owner": Text("Who answers for it: a person or group of people.yaml."),
        "team": Text("Whose it is."),
        "export": OneOf(tuple(Reach), "How far the result may go."),
        "risk_class": Text("How grave its risk is, in the policies' words."),
        "expires": Day("The last day on which this holds."),
        "covenant": Text("The agreement under which the data may be used."),
        "reviewed": Flag("false until somebody has read what a machine wrote; leave it out then."),
    },
    why="What this training code is for.",
)
DECLARATION = Shape("Declared intent of training code", KEYS)
BLOCK = Keys({"guardrails": KEYS}, needed=("guardrails",))


@dataclass(frozen=True, slots=True)
class Declaration:
    """What is declared for one file, its own block and those above it merged.

    A key that is declared nowhere is None. `places` says for each key where it stands: the file,
    relative to the folder that is checked, and the span of its value.
    """

    dataset: tuple[str, ...] | None = None
    base_model: tuple[str, ...] | None = None
    use_case: str | None = None
    pii: Pii | None = None
    owner: str | None = None
    team: str | None = None
    export: Reach | None = None
    risk_class: str | None = None
    expires: date | None = None
    covenant: str | None = None
    reviewed: bool = True
    places: dict[str, tuple[str, Span]] = field(default_factory=dict)
