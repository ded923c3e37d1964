"""Files of settings that a script or a command names: their values by dotted keys.

Rules
- Tolerant: these files are somebody else's, and follow other rules than ours.
- `${key}` is what stands at that key of the same file; what comes from outside of it is None.
- A file is opened only where it lies inside of the folder that is checked, is a plain file, and
  isn't larger than any that a person writes.
- The choices of a Hydra `defaults` list stand under their group.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

from bot.check.modules import ModuleFiles
from bot.check.opening import SkippedError, UnreadableError, content_of, decoded
from bot.check.uses import Span, Unreadable
from bot.check.values import json_values, toml_values, yaml_values
from bot.yaml.scalars import Scalar

MAX_BYTES = 1_000_000
ENDINGS = (".yaml", ".yml", ".json", ".toml")
_REFERENCE = re.compile(r"\$\{([^{}]{1,200})\}")
_MAX_REFERENCES = 8
_MAX_TEXT = 2_000
_MISSING = "???"


@dataclass(frozen=True, slots=True)
class Setting:
    """One value, and where it stands. None: nothing, or nothing that can be known from here."""

    key: str  # dotted; places in a list are numbers: data.files.0
    value: Scalar
    span: Span
    file: str  # relative to the folder that is checked


@dataclass(frozen=True, slots=True)
class SettingsFile:
    """The settings in one file, by their dotted keys."""

    path: str
    settings: Mapping[str, Setting] = field(default_factory=dict)
    unreadable: Unreadable | None = None

    def get(self, key: str) -> Setting | None:
        """The setting at a key, what it refers to put in; None where there is none.

        One that is nothing but a reference stands where the text does that it refers to.
        """
        setting = self.settings.get(key)
        if not setting or not isinstance(setting.value, str):
            return setting
        value = self._known(setting.value, _MAX_REFERENCES)
        return replace(setting, value=value, span=self._text_of(setting).span)

    def refers(self, key: str) -> bool:
        """Whether what stands at a key is nothing but a reference to another."""
        setting = self.settings[key]
        return self._text_of(setting) is not setting

    def _text_of(self, setting: Setting) -> Setting:
        for _ in range(_MAX_REFERENCES):
            match = _REFERENCE.fullmatch(str(setting.value))
            if not match or match[1] not in self.settings:
                break
            setting = self.settings[match[1]]
        return setting

    def under(self, key: str) -> tuple[Setting, ...]:
        """The settings at a key and below it, in the file's order."""
        return tuple(
            setting
            for each in self.settings
            if (each == key or each.startswith(f"{key}.")) and (setting := self.get(each))
        )

    def _known(self, value: str, depth: int) -> Scalar:
        if value == _MISSING:
            return None
        for match in _REFERENCE.finditer(value):
            other = self.settings.get(match[1])
            if not other or not depth:
                return None
            known = other.value
            if isinstance(known, str):
                known = self._known(known, depth - 1)
            if known is None or match[0] == value:
                return known
            value = value.replace(match[0], str(known))
            if len(value) > _MAX_TEXT:
                return None
        return value


@dataclass(slots=True)
class SettingsFiles:
    """Opens the files of settings that are named, each once."""

    root: Path
    modules: ModuleFiles = field(init=False)
    _read: dict[Path, SettingsFile | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.modules = ModuleFiles(self.root)

    def find(self, path: str, from_: str) -> SettingsFile | None:
        """The file that is called `path` in the file `from_`, which is relative to the root.

        It is looked for beside `from_`, then in each folder above it, up to the root. A name
        without an ending may be that of a YAML file. None where there is none, or where it lies
        outside of the root.
        """
        names = (path,) if path.endswith(ENDINGS) else (f"{path}.yaml", f"{path}.yml", path)
        for folder in PurePosixPath(from_).parents:
            for name in names:
                if file := self._at(self.root / folder / name):
                    return file
        return None

    def _at(self, path: Path) -> SettingsFile | None:
        if path not in self._read:
            self._read[path] = None  # until it is read: its defaults may lead back to it
            self._read[path] = self._opened(path)
        return self._read[path]

    def _opened(self, path: Path) -> SettingsFile | None:
        try:
            lies = path.resolve().relative_to(self.root.resolve()).as_posix()
            content = content_of(path, MAX_BYTES)
        except (SkippedError, OSError, RuntimeError, ValueError):
            return None
        try:
            file = settings_in(lies, decoded(content))
        except UnreadableError as error:
            return SettingsFile(lies, unreadable=error.unreadable)
        return replace(file, settings=self._with_choices(file, path.parent))

    def _with_choices(self, file: SettingsFile, folder: Path) -> dict[str, Setting]:
        """The settings with those of the files that a Hydra `defaults` list names."""
        settings: dict[str, Setting] = {}
        for choice in file.under("defaults"):
            group = ".".join(choice.key.split(".")[2:]).removeprefix("override ").lstrip("/")
            if not isinstance(choice.value, str) or choice.value == "_self_":
                continue
            chosen = self._at(folder / group / f"{choice.value}.yaml")
            prefix = f"{group.replace('/', '.')}." if group else ""
            for key, setting in chosen.settings.items() if chosen else ():
                settings[f"{prefix}{key}"] = setting
        return settings | dict(file.settings)


def settings_in(path: str, text: str) -> SettingsFile:
    """The settings in the text of a file of that name. UnreadableError where it isn't its kind."""
    read = {".json": json_values, ".toml": toml_values}.get(PurePosixPath(path).suffix, yaml_values)
    settings: dict[str, Setting] = {}
    for each in read(text):
        key = ".".join(str(part) for part in each.keys if part != "<<")
        if "<<" not in each.keys or key not in settings:
            settings[key] = Setting(key, each.value, each.span, path)
    return SettingsFile(path, settings)
