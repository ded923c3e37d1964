"""What is known of data sets, models and destinations: `catalogue.yaml`, and how it is matched.

Rules
- A name matches letter by letter; in a pattern, `*` stands for any letters.
- An exact name comes before a pattern, of patterns the one with the most letters; of those at odds
  the stricter counts.
- A path is compared by where it leads: `./a` is `a`, and what climbs out of a folder by `..` is
  not below it.
- A classification that nobody has ranked ranks above all others, and counts as personal.
"""

import posixpath
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any, TypeVar

from bot.check.declaration import Pii, Reach
from bot.check.keys import Day, Keys, Kind, Many, OneOf, Shape, Text

_ENTRY: dict[str, Kind] = {
    "name": Text("Its name, as it stands in code."),
    "pattern": Text("Many names: * stands for any letters."),
    "classification": Text("How sensitive it is, in words of `classifications`."),
    "owner": Text("Who may say how it is used: a person or group of people.yaml."),
    "use_cases": Many(
        Text(), "What it may be used for; left out: anything, []: nothing.", alone=False, empty=True
    ),
}
_NAMED = (("name", "pattern"),)
CATALOGUE = Shape(
    "What data sets, models and destinations are",
    Keys(
        {
            "classifications": Many(
                Keys(
                    {
                        "name": Text("The word."),
                        "pii": OneOf(tuple(Pii), "What such data holds about people."),
                    },
                    needed=("name", "pii"),
                ),
                "How sensitive data can be, the least first; left out: public, internal, "
                "confidential, pseudonymous, pii or personal, special or sensitive.",
                alone=False,
            ),
            "datasets": Many(
                Keys(
                    {
                        **_ENTRY,
                        "version": Text("The version that this was said of."),
                        "digest": Text("The digest that this was said of."),
                        "covenant": Text("The agreement under which it may be used."),
                        "covenant_until": Day("The last day of that agreement."),
                        "collection": Text("How it was collected, and for what."),
                    },
                    needed=("classification",),
                    either=_NAMED,
                ),
                "What code may learn from.",
                alone=False,
                empty=True,
            ),
            "models": Many(
                Keys(_ENTRY, either=_NAMED), "What code may start from.", alone=False, empty=True
            ),
            "destinations": Many(
                Keys(
                    {
                        "pattern": Text("Where results go: * stands for any letters."),
                        "export": OneOf(tuple(Reach), "Who can reach what is there."),
                    },
                    needed=("pattern", "export"),
                ),
                "Where results go; what isn't listed counts as public.",
                alone=False,
                empty=True,
            ),
        }
    ),
)
BUILT_IN = (
    ("public", 0, Pii.NONE),
    ("internal", 1, Pii.NONE),
    ("confidential", 2, Pii.NONE),
    ("pseudonymous", 3, Pii.PSEUDONYMOUS),
    ("pii", 4, Pii.PRESENT),
    ("personal", 4, Pii.PRESENT),
    ("special", 5, Pii.PRESENT),
    ("sensitive", 5, Pii.PRESENT),
)
UNRANKED = 1_000  # above whatever a file can rank
E = TypeVar("E", "Entry", "Destination")
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Entry:
    """What is known of a data set or a model. `use_cases` None: it may be used for anything.

    What only a data set has: the version and the digest of which this was said, how it was
    collected, and the agreement under which it may be used until the end of a day.
    """

    match: str
    exact: bool
    classification: str = ""
    owner: str = ""
    use_cases: tuple[str, ...] | None = None
    version: str = ""
    digest: str = ""
    collection: str = ""
    covenant: str = ""
    covenant_until: date | None = None


@dataclass(frozen=True, slots=True)
class Destination:
    """Who can reach what is sent there."""

    match: str
    reach: Reach
    exact: bool = False


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What is known. `models` is None where nothing is said of models at all."""

    classes: tuple[tuple[str, int, Pii], ...] = ()
    datasets: tuple[Entry, ...] = ()
    models: tuple[Entry, ...] | None = None
    destinations: tuple[Destination, ...] = ()

    def dataset(self, name: str) -> Entry | None:
        """What is known of a data set."""
        return max(_best(self.datasets, name), key=self._strictness, default=None)

    def model(self, name: str) -> Entry | None:
        """What is known of a model."""
        return max(_best(self.models or (), name), key=self._strictness, default=None)

    def destination(self, target: str) -> Destination | None:
        """What is known of a destination."""
        far = tuple(Reach)
        best = _best(self.destinations, target)
        return max(best, key=lambda one: far.index(one.reach), default=None)

    def rank(self, classification: str) -> int:
        """How sensitive a classification is; one that nobody has ranked is above all."""
        ranks = self._known(classification)
        return ranks[0] if ranks else UNRANKED

    def pii(self, classification: str) -> Pii:
        """What data of a classification holds about people."""
        ranks = self._known(classification)
        return ranks[1] if ranks else Pii.PRESENT

    def is_classification(self, word: str) -> bool:
        """Whether a word of a declaration is a classification, and no data set's name."""
        return self._known(word) is not None and self.dataset(word) is None

    def _known(self, classification: str) -> tuple[int, Pii] | None:
        for word, rank, pii in self.classes:
            if word == classification.lower():
                return rank, pii
        return None

    def _strictness(self, entry: Entry) -> tuple[int, bool, int]:
        allowed = entry.use_cases
        return self.rank(entry.classification), allowed is not None, -len(allowed or ())


def catalogue(values: dict[str, Any]) -> Catalogue:
    """The catalogue that a file says, read by `CATALOGUE` without a problem."""
    ranked = values.get("classifications")
    if ranked:
        classes = tuple(
            (one["name"].lower(), rank, Pii(one["pii"])) for rank, one in enumerate(ranked)
        )
    else:
        classes = BUILT_IN
    models = values.get("models")
    return Catalogue(
        classes,
        tuple(_entries(values.get("datasets", ()))),
        None if models is None else tuple(_entries(models)),
        tuple(
            Destination(one["pattern"], Reach(one["export"]), "*" not in one["pattern"])
            for one in values.get("destinations", ())
        ),
    )


NOTHING_KNOWN = Catalogue(BUILT_IN)


def _entries(written: Iterable[dict[str, Any]]) -> Iterable[Entry]:
    for one in written:
        yield Entry(
            one.get("name") or one["pattern"],
            "name" in one,
            one.get("classification", ""),
            one.get("owner", ""),
            one.get("use_cases"),
            **{name: one[name] for name in _OF_DATASETS if name in one},
        )


_OF_DATASETS = ("version", "digest", "collection", "covenant", "covenant_until")


def matches(pattern: str, name: str) -> bool:
    """Whether a name is meant by a pattern, in which * stands for any letters."""
    return bool(_pattern(pattern).fullmatch(_led(name)))


def _best(entries: Sequence[E], name: str) -> Sequence[E]:
    """The entries that are about a name, of those the most exact."""
    led = _led(name)
    fitting = [
        entry
        for entry in entries
        if (_led(entry.match) == led if entry.exact else _pattern(entry.match).fullmatch(led))
    ]
    most = max(map(_exactness, fitting), default=None)
    return [entry for entry in fitting if _exactness(entry) == most]


def _exactness(entry: Entry | Destination) -> tuple[bool, int]:
    return entry.exact, len(entry.match.replace("*", ""))


@cache
def _pattern(pattern: str) -> re.Pattern[str]:
    return re.compile(".*".join(re.escape(part) for part in pattern.split("*")), re.DOTALL)


def _led(name: str) -> str:
    """A path without detours; the name of anything else as it is."""
    scheme, rest = ("", name)
    if found := _SCHEME.match(name):
        scheme, rest = name[: found.end()], name[found.end() :]
    if "/./" not in rest and "//" not in rest and ".." not in rest and not rest.startswith("./"):
        return name
    lead = "//" if scheme and rest.startswith("//") else ""
    return f"{scheme}{lead}{posixpath.normpath(rest.removeprefix(lead))}"
