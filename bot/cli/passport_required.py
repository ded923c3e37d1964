"""What a passport of each class needs: `config/passport.yaml`."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bot.check.keys import Many, OneOf
from bot.errors import UsageError
from bot.passport.predicate import EXPECTED
from bot.yaml.problems import Problem
from bot.yaml.reader import read

OTHERS = "default"
_FIELDS = Many(OneOf(EXPECTED), "The fields that may not be missing.", alone=False, empty=True)


def required(file: Path, predicate: Mapping[str, Any]) -> list[str]:
    """The fields that this passport's class needs, and that are missing. UsageError."""
    source = read(file)
    classes = source.data.get("classes") if isinstance(source.data, dict) else None
    if not isinstance(classes, dict) or not classes:
        need = f"need `classes`, each with a list of fields, such as {OTHERS}: [owner]"
        raise UsageError(f"{file}: {need}")
    problems: list[Problem] = []
    needed = {name: _FIELDS.read(source, ("classes", name), problems) or () for name in classes}
    if problems:
        raise UsageError("\n".join(map(str, problems)))
    held = needed.get(str(predicate.get("riskClass")), needed.get(OTHERS, ()))
    return [field for field in held if field in predicate["missing"]]
