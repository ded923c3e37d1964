"""What a model card says in its front matter, as Hugging Face has it.

Rules
- The front matter is YAML between two lines of dashes, at the file's start. Keys that mean nothing
  here are passed over.
- A figure of `model-index` is one of the whole, by its metric's name.
"""

from collections.abc import Iterator
from typing import Any

from bot.passport.making import Said
from bot.yaml.problems import ConfigError
from bot.yaml.reader import YamlFile, read_text

FENCE = "---"
_OTHER = "other"


class CardError(Exception):
    """A model card whose front matter can't be read; the message says where and why."""


def front_matter(name: str, text: str) -> YamlFile | None:
    """The card's front matter, with its places in the file; None where it has none. CardError."""
    lines = text.removeprefix("\ufeff").splitlines()
    if not lines or lines[0].rstrip() != FENCE:
        return None
    end = next((at for at, line in enumerate(lines[1:], 1) if line.rstrip() == FENCE), None)
    if end is None:
        raise CardError(f"{name}:1: the front matter has no end, need a line {FENCE}")
    inside = "\n".join(["", *lines[1:end]]) + "\n"  # so that lines keep their numbers
    if not inside.strip():
        return None
    try:
        return read_text(name, inside)
    except ConfigError as error:
        raise CardError(str(error)) from error


def of_card(name: str, text: str) -> dict[str, Said]:
    """What a card says of a model's fields. CardError."""
    source = front_matter(name, text)
    if source is None or not isinstance(source.data, dict):
        return {}
    said: dict[str, Said] = {}

    def take(field: str, key: str, value: Any) -> None:  # noqa: ANN401 - as the predicate has it
        if value:
            said[field] = Said(value, f"{name}:{source.place((key,)).line}: {key}")

    licence = "license_name" if source.data.get("license") == _OTHER else "license"
    take("licence", licence, _text(source.data.get(licence)))
    take("datasets", "datasets", [{"name": each} for each in _texts(source.data.get("datasets"))])
    bases = [{"name": each} for each in _texts(source.data.get("base_model"))]
    take("baseModels", "base_model", bases)
    take("evaluation", "model-index", list(_figures(source.data.get("model-index"))))
    return said


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _texts(value: object) -> list[str]:
    each = value if isinstance(value, list) else [value]
    return [one for one in each if isinstance(one, str) and one]


def _figures(index: object) -> Iterator[dict[str, Any]]:
    for model in index if isinstance(index, list) else ():
        results = model.get("results") if isinstance(model, dict) else None
        for result in results if isinstance(results, list) else ():
            metrics = result.get("metrics") if isinstance(result, dict) else None
            for metric in metrics if isinstance(metrics, list) else ():
                if figure := _figure(metric):
                    yield figure


def _figure(metric: object) -> dict[str, Any] | None:
    if not isinstance(metric, dict):
        return None
    name, value = metric.get("name") or metric.get("type"), metric.get("value")
    if not isinstance(name, str) or isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return {"metric": name, "value": value}
