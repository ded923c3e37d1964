"""From plain data to values: pydantic's findings as problems with their place in the file."""

from typing import TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from bot.policies.errors import Problem, suggest
from bot.policies.yaml_source import KeyPath, Source

M = TypeVar("M", bound=BaseModel)


def shaped(
    source: Source, model: type[M], data: object, path: KeyPath, problems: list[Problem]
) -> M | None:
    """`data`, which stands at `path`, as a `model`; None where `problems` got longer."""
    try:
        return model.model_validate(data)
    except ValidationError as error:
        problems += [_problem(source, model, path, found) for found in error.errors()]
        return None


def _problem(source: Source, model: type[BaseModel], path: KeyPath, found: ErrorDetails) -> Problem:
    inside = (*path, *(part for part in found["loc"] if not str(part).startswith("function-")))
    name = ".".join(str(part) for part in inside)
    kind, given = found["type"], found.get("input")
    if kind == "missing":
        return source.problem(path, f"{name} is needed")
    if kind == "extra_forbidden":
        known = _keys(model, found["loc"][:-1])
        message = f"unknown key {inside[-1]!r}.{suggest(str(inside[-1]), known)}"
        return source.problem(inside, message, key=True)
    if kind == "enum":
        expected = str(found.get("ctx", {}).get("expected", "")).replace(" or ", ", ")
        words = [word.strip("' ") for word in expected.split(",")]
        return source.problem(inside, f"{name}: found {given!r}.{suggest(str(given), words)}")
    message = found["msg"].removeprefix("Value error, ")
    if kind == "value_error":
        return source.problem(inside, f"{name}: {message}")
    return source.problem(inside, f"{name}: found {given!r}, need: {message}")


def _keys(model: type[BaseModel], inside: tuple[str | int, ...]) -> list[str]:
    """The keys that are known where the unknown one stands."""
    current: type[BaseModel] = model
    for part in inside:
        field = current.model_fields.get(str(part)) or next(
            (each for each in current.model_fields.values() if each.alias == part), None
        )
        models = _models(field.annotation) if field else []
        current = models[0] if models else current
    return [field.alias or name for name, field in current.model_fields.items()]


def _models(annotation: object) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [each for part in getattr(annotation, "__args__", ()) for each in _models(part)]
