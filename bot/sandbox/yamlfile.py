"""Files that somebody wrote: read as YAML, checked by a model, refused in words that name them."""

from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from bot.sandbox.errors import ConfigError

Model = TypeVar("Model", bound=BaseModel)


def mapping(path: Path) -> dict[str, Any]:
    """The keys and values of a file. Raises ConfigError naming the file, and the line."""
    try:
        given = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: can't be read: {error}") from error
    except yaml.YAMLError as error:
        raise ConfigError(f"{path}: no valid YAML: {error}") from error
    if not isinstance(given, dict | None):
        raise ConfigError(f"{path}: must hold keys and values, not {type(given).__name__}")
    return given or {}


def checked(model: type[Model], given: dict[str, Any], path: Path) -> Model:
    """What a file holds, as a model. Raises ConfigError naming the file and each key."""
    try:
        return model.model_validate(given)
    except ValidationError as error:
        raise ConfigError("\n".join(f"{path}: {line}" for line in problems(error))) from error


def problems(error: ValidationError) -> list[str]:
    """What is wrong, a line for each key."""
    found = []
    for problem in error.errors(include_url=False):
        key = ".".join(str(part) for part in problem["loc"])
        found.append(f"{key}: {problem['msg']}" if key else problem["msg"])
    return found
