"""`sources.yaml`: which checks of other systems mean which policy."""

from collections.abc import Collection

from bot.domain.value import Value
from bot.policies.errors import Problem, suggest
from bot.policies.shape import shaped
from bot.policies.yaml_source import Source


class GithubSource(Value):
    """GitHub's webhooks: where the secret is, and which workflow or check is which policy."""

    secret_env: str
    policies: dict[str, str]


class Sources(Value):
    """Every source that is configured."""

    github: GithubSource | None = None


def sources(source: Source, known: Collection[str], problems: list[Problem]) -> Sources:
    """The sources of a file; a mapping to an unknown policy goes to `problems`."""
    read = shaped(source, Sources, source.data, (), problems)
    if read is None or read.github is None:
        return read or Sources()
    for name, policy in read.github.policies.items():
        if policy not in known:
            message = f"unknown policy {policy!r}.{suggest(policy, known)}"
            problems.append(source.problem(("github", "policies", name), message))
    return read
