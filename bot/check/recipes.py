"""Training configurations: files of settings that a recipe or a program of others trains by.

Rules
- A file is one if it names a model, data to train on, and how to train: an optimizer, a learning
  rate, epochs. Settings to evaluate, to generate or to quantise aren't, nor are a launcher's own.
- Data is named by its source; where only the component that loads it is named, by that.
- A model that is built without weights is an architecture. Its weights are what is loaded into it.
- What the commands in the comments at its head fetch is where the weights come from.
"""

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from bot.check.commands import arguments_of, launches_in
from bot.check.configs import Setting, SettingsFile
from bot.check.option_names import Named, named
from bot.check.shell import commands_in, is_open
from bot.check.uses import Flag, How, Kind, Use, first_of_each

_TRAINS_BY = re.compile(
    r"(?:.*\.)?(?:(?:optimizer|optim|optimizers)(?:\..*)?|learning_rate|lr|num_train_epochs|epochs"
    r"|num_epochs|max_epochs|max_steps|train_steps|micro_batch_size|per_device_train_batch_size"
    r"|train_batch_size|gradient_accumulation_steps|do_train)"
)
_COMPONENTS = ("_component_", "_target_", "class_path")
_SOURCES = (
    "source",
    "path",
    "dataset_name",
    "name_or_path",
    "repo_id",
    "hf_name",
    "remote",
    "local",
)
_FORMATS = frozenset(("json", "csv", "parquet", "text", "arrow", "imagefolder", "audiofolder"))
_FILES = ("data_files", "data_dir", "file", "files")
_WEIGHTS = ("checkpoint_dir", "pretrained_model_name_or_path", "name_or_path", "path")
_PARTS = {
    "train": "",
    "training": "",
    **dict.fromkeys(("eval", "val", "validation", "test"), "evaluation"),
}
_CHECKPOINTER = "checkpointer"
_FETCHES = re.compile(r"\b(?:tune|huggingface-cli|hf)\s+download\s")


@dataclass(frozen=True, slots=True)
class _Group:
    """The settings of one mapping, and what its own name says that it holds."""

    key: str
    named: Named | None
    settings: Mapping[str, Setting]

    @property
    def is_checkpointer(self) -> bool:
        return self.key.rpartition(".")[2].endswith(_CHECKPOINTER)


def recipe_uses(file: SettingsFile, text: str) -> tuple[Use, ...]:
    """What a training configuration uses; nothing, where a file isn't one."""
    groups = [*_groups(file)]
    uses = {key: use for group in groups for key, use in _uses(group, file)}
    kinds = {use.kind for use in uses.values()}
    trains = any(_TRAINS_BY.fullmatch(key) for key in file.settings)
    if not trains or not {Kind.DATASET, Kind.MODEL} <= kinds:
        return ()
    weights = [use.name for use in uses.values() if use.kind is Kind.MODEL and use.name]
    told = [use for use in uses.values() if not _is_explained(use, weights)]
    return tuple(first_of_each((*told, *_at_head(file, text, uses))))


def _groups(file: SettingsFile) -> Iterator[_Group]:
    """Each mapping of the file; the values of a list stand under the list's own key."""
    groups: dict[str, dict[str, Setting]] = {}
    for key in file.settings:
        setting = file.get(key)
        around, _, last = key.rpartition(".")
        if last.isdigit():
            around, _, last = around.rpartition(".")[0], "", f"{around.rpartition('.')[2]}.{last}"
        if setting:
            groups.setdefault(around, {})[last] = setting
    for key, settings in groups.items():
        yield _Group(key, _named(key.split(".")), settings)


def _named(parts: Sequence[str]) -> Named | None:
    words = [part for part in parts if not part.isdigit()]
    if len(words) > 1 and words[-1] in _PARTS:
        around = named(words[-2])
        return around and replace(around, role=_PARTS[words[-1]])
    return named(words[-1]) if words else None


def _uses(group: _Group, file: SettingsFile) -> Iterator[tuple[str, Use]]:
    """The uses in one mapping, each with the key that it is known by."""
    kind = group.named.kind if group.named else None
    if kind is Kind.DATASET and group.named:
        yield from _data(group, group.named, file)
        return
    if group.is_checkpointer or kind is Kind.MODEL:
        yield from _weights(group, group.named or Named(Kind.MODEL), file)
        return
    for name, setting in group.settings.items():
        says = named(name.partition(".")[0])
        if says and (isinstance(setting.value, str) or setting.value is None):
            for text in str(setting.value).split(",") if setting.value else (None,):
                use = _use(setting, says, file)
                yield f"{setting.key}:{text}", replace(use, name=text and text.strip())


def _data(group: _Group, says: Named, file: SettingsFile) -> Iterator[tuple[str, Use]]:
    settings = group.settings
    source = next((settings[name] for name in _SOURCES if name in settings), None)
    files = [each for name, each in settings.items() if name.partition(".")[0] in _FILES]
    if files and (source is None or source.value in _FORMATS):
        told = files
    elif source:
        told = [source]
    else:
        named_so = (settings[name] for name in (*_COMPONENTS, "name") if name in settings)
        told = [*itertools.islice(named_so, 1)]
    yield from ((each.key, _use(each, says, file)) for each in told)
    if told:
        return
    for name, setting in settings.items():
        use = _use(setting, says, file)
        part = _PARTS.get(name.partition(".")[0])
        if part is not None and isinstance(setting.value, str):
            yield setting.key, replace(use, role=part)
        elif "/" in name and isinstance(setting.value, int | float):  # a mixture, with shares
            yield setting.key, replace(use, name=name, how=How.CONFIG)


def _weights(group: _Group, says: Named, file: SettingsFile) -> Iterator[tuple[str, Use]]:
    settings = group.settings
    loaded = next((settings[name] for name in _WEIGHTS if name in settings), None)
    whole = settings.get("name")
    if loaded is None and whole and "/" in str(whole.value):  # whose it is, and what it is called
        loaded = whole
    if loaded:
        yield loaded.key, _use(loaded, says, file)
    if group.is_checkpointer:
        if target := settings.get("output_dir"):
            yield target.key, _use(target, Named(Kind.EXPORT, export="file"), file)
        return
    component = next((settings[name] for name in _COMPONENTS if name in settings), None)
    if component and says.role != "tokenizer":
        use = _use(component, Named(Kind.MODEL, "architecture"), file)
        yield component.key, replace(use, flags=use.flags | {Flag.OPTIONAL})


def _use(setting: Setting, says: Named, file: SettingsFile) -> Use:
    written = file.settings[setting.key].value
    derived = isinstance(written, str) and "${" in written and not file.refers(setting.key)
    name = None if setting.value in (None, "") else str(setting.value)
    return Use(
        says.kind,
        name,
        How.UNKNOWN if name is None else How.CONFIG,
        setting.span,
        setting.key,
        says.role,
        says.export,
        flags=frozenset((Flag.DERIVED,)) if derived and name else frozenset(),
    )


def _is_explained(use: Use, weights: Sequence[str]) -> bool:
    """Whether a tokenizer lies with weights that are told anyhow."""
    if use.role != "tokenizer":
        return False
    return use.name is None or any(
        use.name.startswith(name.rstrip("/")) for name in weights if name != use.name
    )


def _at_head(file: SettingsFile, text: str, uses: Mapping[str, Use]) -> Iterator[Use]:
    """What the commands in the comments at the head fetch, and set in this very configuration."""
    head: list[str] = []
    for line in text.split("\n"):
        if line.strip() and not line.lstrip().startswith("#"):
            break
        head.append(line.replace("#", " ", 1))
    comments = "\n".join(head)
    for words in commands_in(comments, _FETCHES):
        if len(words) > 2 and words[1].text == "download" and not is_open(words[2].text):  # noqa: PLR2004 - a program, its word, a name
            call = f"{words[0].text} download"
            flags = frozenset((Flag.OPTIONAL,))
            yield Use(
                Kind.MODEL, words[2].text, How.LAUNCH, words[2].span, call, "origin", flags=flags
            )
    own = PurePosixPath(file.path).with_suffix("").as_posix()
    for launch in launches_in(comments):
        config = PurePosixPath(launch.config).with_suffix("").as_posix() if launch.config else ""
        for argument in arguments_of(launch) if config and own.endswith(config) else ():
            use = uses.get(argument.name)
            for word in argument.values[:1]:
                if use and not is_open(word.text):
                    yield replace(
                        use, name=word.text, how=How.LAUNCH, span=word.span, flags=frozenset()
                    )
