"""What a script takes from its command line: by argparse, dataclasses, click, typer, fire, hydra.

Rules
- None and '' are no defaults: an argument with such a one is unknown without a command.
- A field of a library's dataclass is an argument too; its default is not known from here.
"""

import ast
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from bot.check.python.bindings import is_nothing
from bot.check.python.module import Binding, CallSite, Module, Scope, last_name, parameters
from bot.check.python.reached import Argument, Reached, Where
from bot.check.uses import How, Span

if TYPE_CHECKING:
    from bot.check.python.resolve import Resolver

# Methods and functions that give what the command line holds.
PARSING = frozenset(
    [
        "parse_args",
        "parse_known_args",
        "parse_intermixed_args",
        "parse_known_intermixed_args",
        "parse_args_into_dataclasses",
        "parse_args_and_config",
        "parse_yaml_file",
        "parse_json_file",
        "parse_dict",
        "cli",
        "auto_cli",
        "parse_arguments",
    ]
)
_DATACLASSES = frozenset(
    ("dataclass", "define", "frozen", "attrs", "s", "BaseModel", "BaseSettings")
)
_HYDRA = ("hydra.main", "torchtune.config.parse", "config.parse")
_COMMANDS = frozenset(("command", "callback", "group", "argument", "option", "auto_cli"))
_STARTERS = ("Fire", "run", "cli", "CLI", "auto_cli", "defopt")
_STARTING = frozenset(("fire", "typer", "tyro", "jsonargparse", "defopt"))


class Arguments:
    """Answers for one file what its arguments are."""

    def __init__(self, module: Module, resolver: "Resolver") -> None:
        self._module = module
        self._resolver = resolver

    def given(self, name: str, parsed: Reached) -> Iterator[Reached]:
        """The argument that a parser keeps under `name`."""
        own = self._by_destination.get(name) or self._fields.get(name)
        written = _written_out(parsed.node)
        for argument in own or ():
            if written is None:
                yield from self._reached(argument, parsed)
            elif value := _value_of(argument, written):
                yield Reached(parsed.where, value)
            else:
                by_default = self._reached(argument, parsed)
                yield from (replace(each, argument=None) for each in by_default)
        if not own:
            node = parsed.node
            span = self._module.span(node) if node else Span(1)
            argument = Argument(f"--{name}", span)
            yield Reached(parsed.where, argument=argument, outside=f"--{name}")

    def _reached(self, argument: Argument, parsed: Reached) -> Iterator[Reached]:
        default, where = argument.default, argument.where
        found = [*self._resolver.reach(default, where)] if default and where else []
        for each in found:
            if not is_nothing(each.node):
                yield replace(each.by(How.DEFAULT), argument=argument)
        if not found or all(is_nothing(each.node) for each in found):
            yield Reached(parsed.where, argument=argument, outside=argument.name)

    @cached_property
    def _by_destination(self) -> dict[str, list[Argument]]:
        """The arguments of argparse and absl, by the attribute that holds them."""
        found: dict[str, list[Argument]] = defaultdict(list)
        position = 0
        for site in self._module.calls_by_name.get("add_argument", ()):
            names = _texts(site.node.args)
            if not names:
                continue
            positional = not names[0].startswith("-")
            keywords = {each.arg: each.value for each in site.node.keywords if each.arg}
            longest = max(names, key=lambda name: (name.startswith("--"), names.index(name) == 0))
            argument = Argument(
                longest,
                self._module.span(site.node),
                tuple(name for name in names if name != longest),
                position if positional else -1,
                keywords.get("default"),
                Where(site.scope, site.arms),
            )
            position += positional
            destination = _texts([keywords["dest"]]) if "dest" in keywords else []
            found[(destination or [longest.lstrip("-").replace("-", "_")])[0]].append(argument)
        for site in self._module.calls_by_name.get("set_defaults", ()):
            self._set_defaults(site, found)
        return found

    def _set_defaults(self, site: CallSite, found: dict[str, list[Argument]]) -> None:
        for keyword in site.node.keywords:
            if keyword.arg in found:
                where = Where(site.scope, site.arms)
                found[keyword.arg] = [
                    replace(each, default=keyword.value, where=where) for each in found[keyword.arg]
                ]

    def flag(self, name: str, where: Where) -> Iterator[Reached]:
        """The flag of absl that `FLAGS.name` holds."""
        for call in ("DEFINE_string", "DEFINE_list", "DEFINE_enum", "DEFINE_multi_string"):
            for site in self._module.calls_by_name.get(call, ()):
                values = site.node.args
                if _texts(values[:1]) == [name]:
                    keywords = {each.arg: each.value for each in site.node.keywords}
                    default = values[1] if len(values) > 1 else keywords.get("default")
                    span = self._module.span(site.node)
                    there = Where(site.scope, site.arms)
                    argument = Argument(f"--{name}", span, default=default, where=there)
                    yield from self._reached(argument, Reached(where))

    @cached_property
    def _fields(self) -> dict[str, list[Argument]]:
        """The fields of the file's dataclasses, by name."""
        found: dict[str, list[Argument]] = defaultdict(list)
        for scope in self._module.scopes:
            if scope.cls is None or not self.is_dataclass(scope):
                continue
            for each in scope.cls.body:
                if isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name):
                    default = _field_default(each.value)
                    span = self._module.span(each.target)
                    argument = Argument(
                        f"--{each.target.id}", span, default=default, where=Where(scope)
                    )
                    found[each.target.id].append(argument)
        return found

    def is_dataclass(self, scope: Scope) -> bool:
        """Whether a class of the file is one whose fields are its arguments."""
        if scope.cls is None:
            return False
        decorators = [
            each.func if isinstance(each, ast.Call) else each for each in scope.cls.decorator_list
        ]
        return any(last_name(each) in _DATACLASSES for each in (*decorators, *scope.cls.bases))

    def field_default(self, value: Reached, how: How) -> Iterator[Reached]:
        """What a field has where nothing was given for it: `field(default=…)` is what it says."""
        if isinstance(value.node, ast.Call) and last_name(value.node.func) in (
            "field",
            "Field",
            "ib",
        ):
            default = _field_default(value.node)
            if default is not None:
                yield from (each.by(how) for each in self._resolver.reach(default, value.where))
                return
        yield value.by(how)

    def of_parameter(self, scope: Scope, binding: Binding) -> Iterator[Reached]:
        """What the command line gives to a function that a framework calls with it."""
        function = scope.function
        if function is None:
            return
        where = Where(scope.parent or scope)
        for decorator in function.decorator_list:
            call = decorator if isinstance(decorator, ast.Call) else None
            name = self._resolver.dotted.of(call.func if call else decorator, where)
            if name.endswith(_HYDRA):
                yield from self._configured(call, where, binding)
                return
            if call and name.rpartition(".")[2] in ("option", "argument"):
                argument = self._clicked(call, binding.text)
                if argument:
                    yield from self._reached(argument, Reached(where))
                    return
        if self._is_command(function, scope):
            default = _typed_default(binding, function)
            argument = Argument(
                f"--{binding.text}",
                self._module.span_at(binding.place),
                default=default,
                where=where,
            )
            yield from self._reached(argument, Reached(where))

    def _configured(
        self, call: ast.Call | None, where: Where, binding: Binding
    ) -> Iterator[Reached]:
        """The settings that hydra hands to a function: those of its file, else by override."""
        keywords = {each.arg: each.value for each in call.keywords} if call else {}
        folder = (_texts([keywords["config_path"]]) if "config_path" in keywords else []) or ["."]
        file = _texts([keywords["config_name"]]) if "config_name" in keywords else []
        for suffix in ("", ".yaml", ".yml"):
            path = f"{folder[0]}/{file[0]}{suffix}".removeprefix("./") if file else ""
            found = self._resolver.settings.find(path, self._module.path) if path else None
            if found:
                yield Reached(where, settings=found, overrides=True)
                return
        yield Reached(where, outside=binding.text, overrides=True)

    def _clicked(self, call: ast.Call, name: str) -> Argument | None:
        """The option or argument of click for a parameter, if this decorator is it."""
        names = _texts(call.args)
        plain = [each.lstrip("-").split("/")[0].replace("-", "_").lower() for each in names]
        if name not in plain:
            return None
        options = [each for each in names if each.startswith("-")]
        default = next((each.value for each in call.keywords if each.arg == "default"), None)
        longest = max(options, key=len, default=name)
        rest = tuple(each for each in options if each != longest)
        position = -1 if options else 0
        span = self._module.span(call)
        return Argument(longest, span, rest, position, default, Where(self._module.top))

    def _is_command(self, function: ast.FunctionDef | ast.AsyncFunctionDef, scope: Scope) -> bool:
        """Whether typer, fire, tyro or the like call the function with the command line."""
        for decorator in function.decorator_list:
            call = decorator.func if isinstance(decorator, ast.Call) else decorator
            if last_name(call) in _COMMANDS:
                return True
        return scope.name in self._started

    @cached_property
    def _started(self) -> set[str]:
        """The functions that are handed to what calls them with the command line."""
        started: set[str] = set()
        for starter in _STARTERS:
            for site in self._module.calls_by_name.get(starter, ()):
                where = Where(site.scope, site.arms)
                if self._resolver.dotted.of(site.node.func, where).split(".")[0] in _STARTING:
                    started.update(map(last_name, site.node.args))
        return started - {""}


def _written_out(parsing: ast.expr | None) -> list[ast.expr] | None:
    """The command line that a script writes out for its parser; None where it takes its own."""
    if isinstance(parsing, ast.Call) and parsing.args:
        given = parsing.args[0]
        if isinstance(given, ast.List | ast.Tuple) and len(_texts(given.elts)) == len(given.elts):
            return given.elts
    return None


def _value_of(argument: Argument, written: list[ast.expr]) -> ast.expr | None:
    """The value that a command line gives an option."""
    texts = _texts(written)
    for name in (argument.name, *argument.aliases):
        for at, text in enumerate(texts):
            if text == name and at + 1 < len(texts):
                return written[at + 1]
            if text.startswith(f"{name}="):
                return ast.copy_location(ast.Constant(text.partition("=")[2]), written[at])
    return written[argument.position] if 0 <= argument.position < len(written) else None


def _texts(nodes: list[ast.expr]) -> list[str]:
    return [
        each.value
        for each in nodes
        if isinstance(each, ast.Constant) and isinstance(each.value, str)
    ]


def _field_default(node: ast.expr | None) -> ast.expr | None:
    """The default that a field's right side gives."""
    if not isinstance(node, ast.Call) or last_name(node.func) not in (
        "field",
        "Field",
        "ib",
        "Option",
    ):
        return node
    for keyword in node.keywords:
        if keyword.arg == "default":
            return keyword.value
        if keyword.arg in ("default_factory", "factory") and isinstance(keyword.value, ast.Lambda):
            return keyword.value.body
    return node.args[0] if node.args else None


def _typed_default(
    binding: Binding, function: ast.FunctionDef | ast.AsyncFunctionDef
) -> ast.expr | None:
    """The default of typer's parameter: `= Option("x")` says "x", `= "x"` too."""
    default = dict(parameters(function.args)).get(binding.text)
    if isinstance(default, ast.Call) and last_name(default.func) in ("Option", "Argument"):
        value = default.args[0] if default.args else None
        return None if isinstance(value, ast.Constant) and value.value is ... else value
    return default
