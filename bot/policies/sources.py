"""`sources.yaml`: which checks of other systems mean which policy, and where verdicts may be sent.

Rules
- Each source has a section under its name, of the shape that the source itself brings.
- Names in a mapping are patterns (see `patterns`).
- The file names the variable that holds a secret, never the secret. Whoever writes the secret
  there by mistake doesn't find it in an error message as well, and so in a log: while the shape
  is wrong, no line is shown.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import Annotated, NamedTuple

from pydantic import Field, SerializeAsAny, create_model

from bot.domain.value import Value
from bot.policies import patterns
from bot.yaml.problems import Problem, instead
from bot.yaml.reader import YamlFile
from bot.yaml.shape import shaped

# A name, or an address of either kind; `name:8080` and `https:` are neither.
HOST = r"^([A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_.])?|[0-9A-Fa-f]*:[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*)$"


class Mapped(NamedTuple):
    """What a name that a source reports is mapped to, and by which pattern of its section."""

    pattern: str
    policy: str


class SourceSection(Value):
    """One source: where its secret is, and which name that it reports is which policy.

    A source that needs more, or says it in words of its own, has a subclass.
    """

    secret_env: str = Field(
        pattern=r"^[A-Z_][A-Z0-9_]*$",
        repr=False,
        description="the name of an environment variable (A-Z, 0-9, _), not the secret itself",
    )
    policies: dict[str, str] = Field(
        min_length=1, description="names that the source reports, each with the id of a policy"
    )

    def mapped(self, name: str) -> Mapped | None:
        """What a name that the source reports is mapped to; None where no pattern takes it."""
        pattern = patterns.most_specific(self.policies, name)
        return None if pattern is None else Mapped(pattern, self.policies[pattern])


Sections = Mapping[str, type[SourceSection]]


class Callbacks(Value):
    """Where a `callback_url` may lead though it is not on the public internet."""

    allow: tuple[Annotated[str, Field(pattern=HOST)], ...] = Field(
        default=(),
        description="host names or addresses, without scheme, port and path: ci.internal.acme.test",
    )


class Sources(Value):
    """Every source that is configured: its section, by its name.

    `doubts` are what its mappings say and seldom mean, each with its place; they are of the file,
    and no part of what is kept of it.
    """

    sections: dict[str, SerializeAsAny[SourceSection]] = {}
    callbacks: Callbacks = Callbacks()
    doubts: tuple[str, ...] = Field(default=(), exclude=True)


def sources(
    source: YamlFile, shapes: Sections, known: Collection[str] | None, problems: list[Problem]
) -> Sources:
    """The sources of a file; a mapping that can't lead to a policy goes to `problems`.

    Without `known` policies, because their file can't be read, no mapping is called unknown.
    """
    read = shaped(source.unshown(), file_of(shapes), source.data, (), problems)
    for name in shapes:
        problems += _mistaken(source if read else source.unshown(), name, known)
    if read is None:
        return Sources()
    sections = {name: getattr(read, name) for name in shapes if getattr(read, name) is not None}
    doubts = tuple(
        f"{source.place((name, 'policies', pattern), key=True)}: {pattern!r}: {why}"
        for name, section in sections.items()
        for pattern, why in patterns.doubts(section.policies)
    )
    return Sources(sections=sections, callbacks=read.callbacks, doubts=doubts)


class _File(Value):
    callbacks: Callbacks = Callbacks()


def file_of(shapes: Sections) -> type[_File]:
    """The shape of the file, where sources have these sections."""
    fields = {name: (shape | None, None) for name, shape in shapes.items()}
    return create_model("Sources", __base__=_File, **fields)  # type: ignore[call-overload, no-any-return] # dynamic


def _mistaken(source: YamlFile, name: str, known: Collection[str] | None) -> Iterable[Problem]:
    """Read from the plain data: a mistake beside the mapping hides none in it."""
    section = source.data.get(name) if isinstance(source.data, dict) else None
    mapping = section.get("policies") if isinstance(section, dict) else None
    for key, policy in mapping.items() if isinstance(mapping, dict) else ():
        if why := patterns.unusable(key):
            yield source.problem((name, "policies", key), why, key=True)
        if isinstance(policy, str) and known is not None and policy not in known:
            message = f"found the unknown policy {policy!r}, {instead(policy, known)}"
            yield source.problem((name, "policies", key), message)
