"""The data that a call loads: what the catalogue says of it, and what more than a name decides.

Rules
- Of a format, the files are the data; of a library's class, the class is. Files beside a data set's
  name are of that data set, but for those that lie elsewhere.
- What may as well be no data to train on counts only where its name is known.
- A class of the project's own that is called a data set is one of what it is handed by name.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import chain

from bot.check.known import KnownCall
from bot.check.python.bindings import argument_of
from bot.check.python.module import last_name
from bot.check.python.names import Names
from bot.check.python.reached import Name, Where
from bot.check.python.resolve import Resolver
from bot.check.python.roles import dataset_role, words
from bot.check.python.sites import Call, FoundUse, argument_by
from bot.check.uses import Flag, How, Kind

_FORMATS = frozenset(
    (
        *("json", "csv", "parquet", "text", "arrow", "pandas", "imagefolder", "audiofolder"),
        *("videofolder", "webdataset", "xml", "sql", "generator"),
    )
)
_ANY_FILE = ("numpy.", "pandas.", "polars.", "xgboost.", "lightgbm.")
_MADE_IN_CODE = frozenset(("FakeData",))
_FILE = re.compile(r".*\.(csv|tsv|jsonl|txt|parquet|arrow|npz|npy|tfrecord)(\.gz)?")
_ELSEWHERE = re.compile(r"\w+://|[/~]|(?:\./)*\.\./")
_ARCHIVE = re.compile(r"https?://.*\.(tgz|tar|zip|gz|bz2|xz|csv|tsv|jsonl?|txt|parquet|npz|mat)")
_NO_DATA = frozenset(
    (
        *("config", "requirements", "vocab", "label", "labels", "log", "readme", "template"),
        *("prompt", "secret"),
    )
)
_DATA = frozenset(("data", "dataset", "traindata", "corpus", "samples", "train", "features"))
_DOWNLOADS = frozenset(
    (
        *("requests.get", "urllib.request.urlretrieve", "urllib.request.urlopen", "wget.download"),
        *("gdown.download", "torchvision.datasets.utils.download_url", "pooch.retrieve"),
        *("torch.hub.download_url_to_file", "tensorflow.keras.utils.get_file"),
        *("keras.utils.get_file", "torchvision.datasets.utils.download_and_extract_archive"),
    )
)
_TABLE = re.compile(r"(?i)\b(?:from|join)\s+([\w.`\"\[\]:/-]+)")
_WITH = re.compile(r"(?i)\b(\w+)\s+as\s*\(")
_OWN = re.compile(r"\w*(Dataset|DataSet|Corpus|DataModule)")
_LIBRARIES = ("torch.", "torchdata.", "datasets.", "transformers.", "tensorflow.", "trl.", "keras.")
_HOLDS_DATA = (
    *("path", "root", "data_dir", "data_path", "root_dir", "data_root", "file", "filename"),
    *("csv_file", "data_file", "dataset_path", "dataset_name"),
)


class Datasets:
    """Reads the data sets of one file, call by call."""

    def __init__(self, resolver: Resolver, names: Names) -> None:
        self._resolver = resolver
        self._names = names

    def of(self, call: Call, entry: KnownCall) -> Iterator[FoundUse]:
        """What a call of the catalogue loads."""
        if not entry.arguments:
            cls = _class_name(call.dotted, entry.call)
            if cls not in _MADE_IN_CODE and cls[:1] != "_":
                at = call.module.span(call.node.func)
                yield self._loaded(call, Name(cls, How.LITERAL, at), entry.role)
            return
        for name, part in self._parts(call, entry):
            sure = name.text is not None or name.named
            if sure or not (call.dotted.startswith(_ANY_FILE) or entry.names_only):
                optional = [Flag.OPTIONAL] if entry.optional else []
                option = name.argument.name if name.argument else ""
                role = entry.role or dataset_role([part, option])
                yield self._loaded(call, name, role, *optional)

    def _loaded(self, call: Call, name: Name, role: str = "", *flags: Flag) -> FoundUse:
        return call.uses(Kind.DATASET, name, role or _role(call), *flags)

    def _parts(self, call: Call, entry: KnownCall) -> Iterator[tuple[Name, str]]:
        """The names that are loaded, each with the part of the data it is."""
        files = [each.value for each in call.node.keywords if each.arg in entry.files]
        read = [*chain(*(self._files(each, call.where) for each in files))]
        for name in self._names.at(call, entry):
            if entry.sql and name.text:
                yield from ((replace(name, text=table), "") for table in _tables(name.text))
            elif "\n" in (name.text or ""):
                continue  # it is the data itself
            elif entry.files and (name.text in _FORMATS or (read and Flag.DERIVED in name.flags)):
                yield from read
            else:
                yield name, ""
                yield from (each for each in read if _ELSEWHERE.match(each[0].text or ""))

    def _files(self, node: ast.expr, where: Where) -> Iterator[tuple[Name, str]]:
        """Files, each with the key it has in a mapping of them."""
        for reached in self._resolver.reach(node, where):
            mapping = reached.node
            if not isinstance(mapping, ast.Dict):
                yield from ((file, "") for file in self._names.of(node, where))
                return
            for key, value in zip(mapping.keys, mapping.values, strict=True):
                part = str(key.value) if isinstance(key, ast.Constant) else ""
                yield from ((file, part) for file in self._names.of(value, reached.where))

    def unlisted(self, call: Call) -> Iterator[FoundUse]:
        """What a call loads of which more than its name decides."""
        first = call.node.args[0] if call.node.args else None
        if first is None:
            pass
        elif call.dotted == "open":
            yield from self._opened(call, first)
        elif call.dotted == "torch.load":
            yield from self._unpickled(call, first)
        elif call.dotted in _DOWNLOADS:
            for name in self._names.of(first, call.where):
                if _ARCHIVE.fullmatch(name.text or ""):
                    yield self._loaded(call, name)
        elif call.dotted.endswith(".instantiate"):
            yield from self._instantiated(call, first)
        if _OWN.fullmatch(call.dotted.rpartition(".")[2]):
            yield from self._own(call)

    def _opened(self, call: Call, path: ast.expr) -> Iterator[FoundUse]:
        """A file of data that is opened to be read."""
        mode = argument_of(call.node, 0, 1, "mode")
        if isinstance(mode, ast.Constant) and any(each in str(mode.value) for each in "wax+"):
            return
        for name in self._names.of(path, call.where):
            text = (name.text or "").lower()
            if _FILE.fullmatch(text) and not words(text) & _NO_DATA:
                yield self._loaded(call, name)

    def _unpickled(self, call: Call, path: ast.expr) -> Iterator[FoundUse]:
        """`torch.load` of data, where the names around say so."""
        around = words(call.target) | words(last_name(path))
        for name in self._names.of(path, call.where):
            if (around | words((name.text or "").rpartition("/")[2])) & _DATA:
                yield self._loaded(call, name)

    def _instantiated(self, call: Call, node: ast.expr) -> Iterator[FoundUse]:
        """`instantiate(cfg.dataset)`: what a configuration says in full, by its key."""
        for name in self._names.by_key(node, call.where):
            if words(name.call.rpartition(".")[2]) & {"dataset", "datasets", "data", "datamodule"}:
                yield self._loaded(call, name, dataset_role([name.call]))

    def _own(self, call: Call) -> Iterator[FoundUse]:
        """What a class of the project's own is handed: a path, or an argument that holds data."""
        if call.dotted.startswith((".", *_LIBRARIES)):
            return
        node = argument_by(call.node, (*_HOLDS_DATA, 0))
        if node is None:
            return
        names = self._names.of(node, call.where)
        if not any(name.text or name.named for name in names):
            kept = self._names.of_attribute(node, "path", call.where, node)
            names = [name for name in kept if name.text]
        for name in names:
            option = words(name.argument.name) if name.argument else set()
            if re.search(r"[./]", name.text or "") or option & {*_DATA, "path", "dir", "root"}:
                yield self._loaded(call, name)


def _role(call: Call) -> str:
    """Whether data is loaded to evaluate, by what the call and the names around it say."""
    telling = []
    for keyword in call.node.keywords:
        value = keyword.value.value if isinstance(keyword.value, ast.Constant) else None
        if keyword.arg == "split" and isinstance(value, str):
            telling.append(value)
        elif keyword.arg in ("train", "is_train") and isinstance(value, bool):
            telling.append("train" if value else "test")
    first = last_name(call.node.args[0]) if call.node.args else ""
    return dataset_role([*telling, call.target, first])


def _tables(query: str) -> list[str]:
    """The tables that a query reads; the text itself where it is none."""
    if len(query.split()) == 1:
        return [query]
    named = [re.sub(r'[`"\[\]]', "", table) for table in _TABLE.findall(query)]
    inner = set(_WITH.findall(query))
    return [table for table in dict.fromkeys(named) if table not in inner] or [query]


def _class_name(dotted: str, pattern: str) -> str:
    """The part of a dotted name that the pattern leaves open."""
    parts = dotted.split(".")
    behind = len(pattern.rpartition("*")[2].strip(".").split(".")) if pattern[-1] != "*" else 0
    return parts[-1 - behind] if "*" in pattern else parts[-1]
