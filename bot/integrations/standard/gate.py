"""`POST /gate`: a violation from whoever shows a token, told as the webhook takes it.

Rules
- Several tokens are taken, each with a name or none: what a policy's conditions know as `source`.
- A token that is bound to repositories reports of no other, so that it can't end rooms of another
  repository's pull requests either, and is answered about no other.
- The delivery's id is the header `Idempotency-Key`; without it every request is a new one.
"""

import re
import secrets as random
from collections.abc import Sequence

from bot.domain.violation import Report
from bot.integrations.request_error import Detail, invalid, no_token, other_repository, shown
from bot.integrations.source import (
    Description,
    Message,
    Reported,
    Source,
    SourceSettings,
    Surroundings,
)
from bot.integrations.standard import source as standard
from bot.settings import Settings
from bot.signatures import ID_MOST, Bearer, Secret, SignatureError, bearer

KEY = "Idempotency-Key"
VARIABLES = "WARROOM_GATE_TOKEN (or WARROOM_API_TOKEN)"
TOKEN_CHARACTERS = 16  # what nobody guesses, of any alphabet, at the speed of HTTP
_PRINTED = re.compile(rf"[!-~]{{1,{ID_MOST}}}", re.ASCII)


def tokens(settings: Settings, _: None) -> tuple[Secret, ...]:
    """All tokens that open the gate."""
    return settings.gate_tokens


def flaw(token: str) -> str | None:
    """What is weak about a token."""
    if len(token) < TOKEN_CHARACTERS:
        return f"short: {len(token)} characters, need {TOKEN_CHARACTERS}"
    return None


def who_shows(tokens: Sequence[Secret], header: str) -> Bearer:
    """Who shows a token in a header `Authorization`. RequestError where that is none of ours."""
    try:
        return bearer(tokens, header)
    except SignatureError as error:
        raise no_token(f"{error}, with {VARIABLES}") from error


def require_own(shown: Bearer, report: Report) -> None:
    """RequestError unless whoever shows this may speak of the repository that is reported of."""
    repository = report.origin.repository
    if not shown.speaks_for(repository):
        found = f"origin.repository {repository!r}" if repository else "no origin.repository"
        own = " or ".join(shown.repositories or ())
        raise other_repository(f"this token is for {own}, found {found}")


def verify(message: Message, around: Surroundings[None]) -> str | None:
    """The name of the token that is shown. RequestError where that is none of ours."""
    return _shown(message, around).name


def _shown(message: Message, around: Surroundings[None]) -> Bearer:
    return who_shows(around.secrets, message.headers.get("authorization", ""))


def read(message: Message, around: Surroundings[None]) -> tuple[Reported]:
    """The violation in the body."""
    key = message.headers.get(KEY.lower())
    if key is not None and not _PRINTED.fullmatch(key):
        need = f"need 1 to {ID_MOST} printable ASCII characters without blanks"
        raise invalid(Detail(KEY, need, shown(key)))
    delivery = random.token_hex(16) if key is None else key
    reported = standard.reported(message, around, delivery, KEY)
    require_own(_shown(message, around), reported.report)
    return (reported,)


SOURCE = Source(
    name="gate",
    title="the gate",
    address="/gate",
    settings=SourceSettings(None, tokens, lambda _: VARIABLES, flaw),
    verify=verify,
    read=read,
    description=Description(
        summary="Report a violation with a token; the gate is asked for its verdict then",
        headers=(),
        optional=(KEY,),
        bearer=True,
        content=standard.SOURCE.description.content,
        refusals=(*standard.SOURCE.description.refusals, 403),
    ),
)
