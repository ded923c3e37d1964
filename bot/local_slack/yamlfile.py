"""Files that somebody wrote: read as YAML, checked by a model, refused in words that name them."""

import difflib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar, get_args

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from bot.local_slack.slack_errors import ConfigError

Model = TypeVar("Model", bound=BaseModel)
_Key = Sequence[int | str]


def mapping(path: Path) -> dict[str, Any]:
    """The keys and values of a file. Raises ConfigError naming the file, and the line."""
    try:
        with path.open(encoding="utf-8") as file:  # YAML names the file itself, by its name
            given = yaml.safe_load(file)
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: can't be read: {error}") from error
    except yaml.YAMLError as error:
        raise ConfigError(f"{path}: no valid YAML: {error}") from error
    if not isinstance(given, dict | None):
        raise ConfigError(f"{path}: must hold keys and values, not {type(given).__name__}")
    return given or {}


def checked(model: type[Model], given: dict[str, Any], path: Path) -> Model:
    """What a file holds, as a model. Raises ConfigError naming the file, and each key and line."""
    try:
        return model.model_validate(given)
    except ValidationError as error:
        root = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
        lines = [
            f"{path}: {_said(problem, model)}{_line(root, problem['loc'])}"
            for problem in error.errors(include_url=False)
        ]
        raise ConfigError("\n".join(lines)) from error


def problems(error: ValidationError) -> list[str]:
    """What is wrong, a line for each key."""
    return [_said(problem) for problem in error.errors(include_url=False)]


def _said(problem: ErrorDetails, model: type[BaseModel] | None = None) -> str:
    key, said = ".".join(str(part) for part in problem["loc"]), problem["msg"]
    if problem["type"] == "extra_forbidden" and model is not None:
        near = difflib.get_close_matches(str(problem["loc"][-1]), _keys(model, problem["loc"]), 1)
        said = "unknown key" + (f"; did you mean {near[0]}?" if near else "")
    return f"{key}: {said}" if key else said


def _keys(model: type[BaseModel], loc: _Key) -> list[str]:
    """The keys that there are beside the last of these."""
    for part in loc[:-1]:
        field = model.model_fields.get(str(part))
        if field is not None:
            model = next(_models(field.annotation), model)
    return [field.alias or name for name, field in model.model_fields.items()]


def _models(annotation: object) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inside in get_args(annotation):
        yield from _models(inside)


def _line(node: yaml.Node | None, loc: _Key) -> str:
    """` (line 12)`: where the key is, or the last part of it that is in the file."""
    line = 0
    for part in loc:
        if isinstance(node, yaml.MappingNode):
            found = next(((k, v) for k, v in node.value if k.value == str(part)), None)
            if found is None:
                break
            line, node = found[0].start_mark.line + 1, found[1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int):
            node = node.value[part]
            line = node.start_mark.line + 1
    return f" (line {line})" if line else ""
