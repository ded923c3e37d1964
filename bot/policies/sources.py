"""`sources.yaml`: which checks of other systems mean which policy, and where verdicts may be sent.

The file names the variable that holds a secret, never the secret. Whoever writes the secret
there by mistake doesn't find it in an error message as well, and so in a log: while the shape
is wrong, no line is shown.
"""

from collections.abc import Collection, Iterable
from typing import Annotated

from pydantic import Field

from bot.domain.value import Value
from bot.yaml.problems import Problem, instead
from bot.yaml.reader import Source
from bot.yaml.shape import shaped

# A name, or an address of either kind; `name:8080` and `https:` are neither.
HOST = r"^([A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_.])?|[0-9A-Fa-f]*:[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*)$"


class GithubSource(Value):
    """GitHub's webhooks: where the secret is, and which workflow or check is which policy."""

    secret_env: str = Field(
        pattern=r"^[A-Z_][A-Z0-9_]*$",
        repr=False,
        description="the name of an environment variable (A-Z, 0-9, _), not the secret itself",
    )
    policies: dict[str, str] = Field(
        min_length=1, description="names of workflows or checks, each with the id of a policy"
    )


class Callbacks(Value):
    """Where a `callback_url` may lead though it is not on the public internet."""

    allow: tuple[Annotated[str, Field(pattern=HOST)], ...] = Field(
        default=(),
        description="host names or addresses, without scheme, port and path: ci.internal.acme.test",
    )


class Sources(Value):
    """Every source that is configured."""

    github: GithubSource | None = None
    callbacks: Callbacks = Callbacks()


def sources(source: Source, known: Collection[str] | None, problems: list[Problem]) -> Sources:
    """The sources of a file; a mapping to an unknown policy goes to `problems`.

    Without `known` policies, because their file can't be read, no mapping is called unknown.
    """
    read = shaped(source.unshown(), Sources, source.data, (), problems)
    if known is not None:
        problems += _unknown(source if read else source.unshown(), known)
    return read or Sources()


def _unknown(source: Source, known: Collection[str]) -> Iterable[Problem]:
    """Read from the plain data: a mistake beside the mapping hides none in it."""
    github = source.data.get("github") if isinstance(source.data, dict) else None
    mapping = github.get("policies") if isinstance(github, dict) else None
    for name, policy in mapping.items() if isinstance(mapping, dict) else ():
        if isinstance(policy, str) and policy not in known:
            message = f"found the unknown policy {policy!r}, {instead(policy, known)}"
            yield source.problem(("github", "policies", name), message)
