"""What a room's channel is called: `wr-{subject}-{version, else policy}-{room id}`.

Rules
- Only what is fixed in a room makes its name, so that it is the same at each attempt: a storm,
  whose violations come and go, is named after its policy; so is what has no usable character.
- Slack takes small letters, digits, `-` and `_`: accents fall off, `ß` and its like are spelt out,
  and what else there is becomes a dash. A commit or a digest is as short as people say it.
- What is longer than 80 characters is cut in the middle; the room's id is whole and last. By it a
  channel is known, and one with a name of an older form too.
"""

import re
import unicodedata

from bot.domain.war_room import WarRoom

MOST = 80
PREFIX = "wr-"
_CUT = "--"
_SPELT_OUT = str.maketrans("øłđðħ\u0131", "olddhi") | str.maketrans(
    {"æ": "ae", "œ": "oe", "þ": "th"}
)
_UNSEEN = frozenset({"Mn", "Cf"})  # accents and invisible characters
_OTHER = re.compile(r"[^a-z0-9_]+")
_HASH = re.compile(r"(?<![a-z0-9])([0-9a-f]{7})[0-9a-f]{25,}(?![a-z0-9])")


def channel_name(room: WarRoom) -> str:
    """The name of a room's channel, in at most 80 characters that Slack takes."""
    policy = _usable(room.policy_id)
    report = room.violation.report
    name, version = report.subject.name, report.subject.version
    if name == report.origin.commit and report.origin.repository:
        # What is only known by its commit is known to people by where that lies.
        _, _, name = report.origin.repository.rpartition("/")
    named = () if room.is_storm else (_usable(name), _usable(version))
    about = "-".join(part or policy for part in named) if any(named) else policy
    most = MOST - len(PREFIX) - len(room.id) - 1
    if len(about) > most:
        end = (most - len(_CUT)) // 2
        about = f"{about[: most - len(_CUT) - end].rstrip('-')}{_CUT}{about[-end:].lstrip('-')}"
    return f"{PREFIX}{about}-{room.id}"


def is_channel_of(name: str, room_id: str) -> bool:
    """Whether a channel's name is one of this room's, of whatever form."""
    return name.startswith(PREFIX) and name.endswith(f"-{room_id}")


def room_id_in(words: str) -> str:
    """The id of the room that is meant by its id, or by its channel's name with or without `#`."""
    name = words.removeprefix("#")
    return name.rpartition("-")[2] if name.startswith(PREFIX) else name


def _usable(text: str | None) -> str:
    """The part of a name that `text` makes; empty where nothing of it can stand in one."""
    apart = unicodedata.normalize("NFKD", text or "")
    seen = "".join(c for c in apart if unicodedata.category(c) not in _UNSEEN)
    plain = _OTHER.sub("-", seen.casefold().translate(_SPELT_OUT))
    return _HASH.sub(r"\1", plain.strip("-_"))
