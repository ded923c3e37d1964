"""From plain data to values: pydantic's findings as problems with their place in the file.

A field's description says what it needs, and ends the sentence "found …, need …". A field
that isn't shown in its model's repr isn't shown in a problem either: it may hold a secret.
"""

from typing import Any, TypeVar

from pydantic import BaseModel, BeforeValidator, GetJsonSchemaHandler, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import CoreSchema, ErrorDetails

from bot.yaml.problems import Problem, instead, shown
from bot.yaml.reader import KeyPath, YamlFile

M = TypeVar("M", bound=BaseModel)


class _OneOrList(BeforeValidator):
    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        inner = handler(schema)
        kinds = inner.get("anyOf", [inner])
        return {"anyOf": [*(each["items"] for each in kinds if "items" in each), *kinds]}


# For a list of texts: one text may stand by itself, and is a list of one.
OneOrList = _OneOrList(lambda value: [value] if isinstance(value, str) else value)

_NEEDS = {
    "string_type": "text, in quotes where it looks like something else",
    "bool_type": "true or false",
    "int_type": "a whole number",
    "list_type": "a list",
    "dict_type": "keys with values",
    "model_type": "keys with values",
    "string_too_short": "some text",
    "string_too_long": "at most {max_length} characters",
    "too_short": "at least {min_length}",
    "greater_than_equal": "at least {ge}",
    "less_than_equal": "at most {le}",
}


def shaped(
    source: YamlFile, model: type[M], data: object, path: KeyPath, problems: list[Problem]
) -> M | None:
    """`data`, which stands at `path`, as a `model`; None where `problems` got longer."""
    try:
        return model.model_validate(data)
    except ValidationError as error:
        problems += [_problem(source, model, path, found) for found in error.errors()]
        return None


def _problem(
    source: YamlFile, model: type[BaseModel], path: KeyPath, found: ErrorDetails
) -> Problem:
    inside = (*path, *found["loc"])
    key = str(found["loc"][-1]) if found["loc"] else ""
    if found["type"] == "missing":
        return source.problem(inside[:-1], f"found no {key!r}, need one here")
    if found["type"] == "extra_forbidden":
        around = _field(model, found["loc"][:-1])
        models = _models(around.annotation) if around else [model]
        known = [name for each in models for name, _ in _named(each)]
        message = f"found the unknown key {key!r}, {instead(key, known)}"
        return source.problem(inside, message, key=True)
    field = _field(model, found["loc"])
    if field and not field.repr:
        return source.problem(inside, f"{_name(inside)}: need {field.description}")
    return source.problem(inside, f"{_name(inside)}: {_said(found, field)}")


def _said(found: ErrorDetails, field: FieldInfo | None) -> str:
    given: Any = found["input"]
    context = found.get("ctx", {})
    if found["type"] == "value_error":
        return str(context["error"])
    if found["type"] == "enum":
        expected = str(context["expected"]).replace(" or ", ", ").split(", ")
        words = [word.strip("'") for word in expected]
        return f"found {shown(given)}, {instead(str(given), words)}"
    if field and field.description and given is not None:
        return f"found {shown(given)}, need {field.description}"
    need = _NEEDS.get(found["type"])
    return f"found {shown(given)}, need {need.format(**context) if need else found['msg']}"


def _name(path: KeyPath) -> str:
    """The last key of a path: the place says the rest."""
    return next((part for part in reversed(path) if isinstance(part, str)), "the file")


def _field(model: type[BaseModel], path: tuple[str | int, ...]) -> FieldInfo | None:
    """The field that `path` leads to, or into the list of."""
    found: FieldInfo | None = None
    inside: type[BaseModel] | None = model
    for part in path:
        if isinstance(part, int):
            continue
        found = dict(_named(inside)).get(part) if inside else None
        if found is None:  # a key of the user's own, such as a person's name
            return None
        inside = next(iter(_models(found.annotation)), None)
    return found


def _named(model: type[BaseModel]) -> list[tuple[str, FieldInfo]]:
    return [(field.alias or name, field) for name, field in model.model_fields.items()]


def _models(annotation: object) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [each for part in getattr(annotation, "__args__", ()) for each in _models(part)]
