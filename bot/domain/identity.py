"""How identities are spelt: what somebody typed, and which accounts it means.

Rules
- An account is a system and what identifies somebody there, in one spelling (see `person`).
- Characters that nobody sees are no part of an identity, and compatible forms are one.
- E-mail: with or without a display name, brackets or `mailto:`; in lower case.
- A plus tag is the mailbox's own business: `val+ci@acme.test` is `val@acme.test`, unless somebody
  is listed with the tag.
- A GitHub noreply address is the login in it. A login may come with `@`, or as the address of a
  profile.
- The suffix of a managed account (`val_acme`) is the company's: `val_acme` may be `val`, and nobody
  has said so. It makes `val` an initiator, and who it is stays unknown.
- Slack: an id, a mention, or the address of a profile. A name there identifies nobody: people
  choose it themselves.
- `noreply@github.com`, `web-flow` and whatever login ends with `[bot]` stand for nobody.
"""

import re
import unicodedata
from dataclasses import dataclass
from urllib.parse import parse_qs, unquote, urlsplit

from bot.domain.person import EMAIL, GITHUB, SLACK, account

MOST = 200  # characters of an identity

_UNSEEN = frozenset({"Cf", "Cc"})  # what formats and what controls
_NOBODY = frozenset({"email:noreply@github.com", "github:web-flow"})
_BOT = "[bot]"
_COMMENT = re.compile(r"\A\([^()]*\)\s+|\s+\([^()]*\)\Z")
_PART = r"[^@\s<>,;:\"\\\[\]\x00-\x1f\x7f-\x9f\ud800-\udfff]+"  # on one side of its @
_ADDRESS = re.compile(rf"{_PART}(?:\[bot\])?@{_PART}")
_NOREPLY = re.compile(r"(?:\d+\+)?(?P<login>[^@+]+)@users\.noreply\.[^@]+")
_LOGIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}(?:\[bot\])?", re.ASCII)
_PROFILE = re.compile(
    r"(?:https?://)?[^/\s]+\.[^/\s]+/(?P<kind>apps/|users/)?(?P<login>[^/\s]+)/?",
    re.IGNORECASE,
)
_MANAGED = re.compile(r"(?P<login>[a-z0-9-]+)_[a-z0-9]+", re.ASCII)
_SLACK_ID = re.compile(r"[UW][A-Z0-9]{2,}", re.ASCII)
_MENTION = re.compile(r"<@(?P<user>[A-Za-z0-9]+)(?:\|[^<>]*)?>")
# What an identity of each system has to be, in words.
NEED = {
    EMAIL: "need an e-mail address such as ada@acme.test",
    GITHUB: "need a GitHub login such as ada, or https://github.com/ada",
    SLACK: "need a Slack user id such as U01ADA, <@U01ADA> or a profile's address: "
    "a name identifies nobody there",
}


@dataclass(frozen=True, slots=True)
class Identity:
    """What one spelling means: an account, and others that it may be called by.

    `same` are further accounts of whoever has this one; `perhaps` are those that only look like it.
    """

    account: str
    same: tuple[str, ...] = ()
    perhaps: tuple[str, ...] = ()

    @property
    def is_nobody(self) -> bool:
        """Whether it stands for nobody, wherever it is named."""
        return self.account in _NOBODY or self.account.endswith(_BOT)


def read(system: str, text: str) -> Identity:
    """What `text` means as an identity of `system`; ValueError says what is needed instead."""
    plain = visible(text)
    identity = _READ[system](plain) if len(plain) <= MOST else None
    if identity is None:
        raise ValueError(f"found {text[:MOST]!r}, {NEED[system]}")
    return identity


def visible(text: str) -> str:
    """`text` in the compatible form, without what nobody sees."""
    if text.isascii() and text.isprintable():  # as most are: nothing in it is hidden
        return text.strip()
    normal = unicodedata.normalize("NFKC", text)
    return "".join(each for each in normal if unicodedata.category(each) not in _UNSEEN).strip()


def account_of(system: str, text: str) -> str:
    """The account that `text` means; where it can't be an identity, the text stands for itself."""
    try:
        return read(system, text).account
    except ValueError:
        return account(system, text)


def _email(text: str) -> Identity | None:
    text = _COMMENT.sub("", text)
    _, bracket, rest = text.partition("<")
    address = rest.removesuffix(">") if bracket and text.endswith(">") else text
    scheme, colon, path = address.strip().partition(":")
    if colon and scheme.lower() == "mailto":
        # In one of Slack's messages an address is `<mailto:ada@acme.test|ada@acme.test>`.
        address = visible(unquote(path.partition("?")[0].partition("|")[0]))
    address = address.strip().strip("'").replace('"', "").rstrip(".").lower()
    if not _ADDRESS.fullmatch(address):
        return None
    if noreply := _NOREPLY.fullmatch(address):
        return _github(noreply["login"])
    local, _, host = address.rpartition("@")
    mailbox, domain = local.partition("+")[0], _ascii(host)
    same = (account(EMAIL, f"{mailbox}@{domain}"),) if mailbox and mailbox != local else ()
    return Identity(account(EMAIL, f"{local}@{domain}"), same=same)


def _github(text: str) -> Identity | None:
    profile = _PROFILE.fullmatch(text.partition("?")[0].partition("#")[0])
    login = (profile["login"] if profile else text).removeprefix("@")
    if profile and profile["kind"] == "apps/":
        login += _BOT
    if not _LOGIN.fullmatch(login):
        return None
    managed = _MANAGED.fullmatch(login.lower())
    perhaps = (account(GITHUB, managed["login"]),) if managed else ()
    return Identity(account(GITHUB, login), perhaps=perhaps)


def _slack(text: str) -> Identity | None:
    mention = _MENTION.fullmatch(text)
    user = mention["user"] if mention else text
    if "://" in text:
        try:
            address = urlsplit(text)
        except ValueError:  # brackets that hold no IPv6 address
            return None
        named = parse_qs(address.query).get("id", ())
        user = named[0] if named else address.path.rstrip("/").rpartition("/")[2]
    # In small letters it is an id only where no name looks like it.
    if user.upper() != user and not any(each.isdecimal() for each in user):
        return None
    user = user.upper()
    return Identity(account(SLACK, user)) if _SLACK_ID.fullmatch(user) else None


def _ascii(host: str) -> str:
    """An international domain as it is looked up."""
    try:
        return host.encode("idna").decode() if not host.isascii() else host
    except UnicodeError:
        return host


_READ = {EMAIL: _email, GITHUB: _github, SLACK: _slack}
