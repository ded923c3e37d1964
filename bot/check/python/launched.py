"""What a command says that starts a file: the values that it gives to the file's options.

Rules
- A value that is a variable says nothing. What needs another option counts only beside it.
- A target that is derived from a folder counts only where none is given.
- The settings that a command names say what its options don't.
"""

from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

from bot.check.commands import Argument, arguments_of
from bot.check.configs import SettingsFiles
from bot.check.shell import is_open
from bot.check.uses import Flag, How, Launch, Option, Span, Use


def launched(
    launch: Launch, options: Sequence[Option], settings: SettingsFiles, from_: str
) -> tuple[Use, ...]:
    """What `launch`, which stands in the file `from_`, gives to the options of what it starts."""
    given = arguments_of(launch)
    names = {_plain(each.name) for each in given if each.name and not _is_off(each)}
    by_command = [*_by_command(given, options, names)]
    taken_options = {option for option, _ in by_command}
    by_settings = [
        (option, use)
        for option, use in _by_settings(launch, options, settings, from_)
        if option not in taken_options
    ]
    uses = [*by_command, *by_settings]
    direct = {(use.kind, use.export) for _, use in uses if Flag.DERIVED not in use.flags}
    return tuple(
        dict.fromkeys(
            use
            for _, use in uses
            if not (Flag.DERIVED in use.flags and (use.kind, use.export) in direct)
        )
    )


def _by_command(
    given: Sequence[Argument], options: Sequence[Option], names: set[str]
) -> Iterator[tuple[Option, Use]]:
    loose = [word for each in given if not each.name for word in each.values]
    for option in options:
        if option.needs and _plain(option.needs) not in names:
            continue
        own = {_plain(each) for each in (option.name, *option.aliases)}
        words = [word for each in given if _plain(each.name) in own for word in each.values[:1]]
        if option.position >= 0 and option.position < len(loose):
            words.append(loose[option.position])
        for word in words:
            if word.text and not is_open(word.text):
                yield option, _use(option, word.text, How.LAUNCH, word.span)


def _by_settings(
    launch: Launch, options: Sequence[Option], settings: SettingsFiles, from_: str
) -> Iterator[tuple[Option, Use]]:
    file = settings.find(launch.config, from_) if launch.config else None
    for option in options if file else ():
        setting = file.get(_plain(option.name)) if file else None
        needed = file.get(_plain(option.needs)) if file and option.needs else None
        if option.needs and not (needed and needed.value):
            continue
        if setting and isinstance(setting.value, str) and setting.value:
            within = f"{setting.file}:{setting.span.line}"
            yield option, _use(option, setting.value, How.CONFIG, launch.span, within)


def _use(option: Option, value: str, how: How, span: Span, within: str = "") -> Use:
    if option.export == "hub" and Flag.DERIVED in option.flags:
        value = PurePosixPath(value).name
    return Use(
        option.kind,
        value,
        how,
        span,
        option.name,
        option.role,
        option.export,
        within,
        option.flags,
    )


def _is_off(argument: Argument) -> bool:
    """Whether an option is given to say no: `--push_to_hub=False`."""
    return any(word.text.lower() in ("false", "no", "0", "off") for word in argument.values[:1])


def _plain(name: str) -> str:
    return name.lstrip("-").replace("-", "_")
