"""What a script copies elsewhere by commands that it starts: `aws s3 cp`, `hf upload`.

Rules
- The target is the last word that is no option; one that can't be known is unknown, unless what is
  copied lies in a storage itself and so comes from there.
"""

import ast
import re
from collections.abc import Iterator

from bot.check.python.module import CallSite, last_name
from bot.check.python.names import Names
from bot.check.python.reached import Name, Where
from bot.check.python.resolve import Resolver
from bot.check.uses import How

STARTS = frozenset(
    (
        *("subprocess.run", "subprocess.call", "subprocess.check_call", "subprocess.Popen"),
        *("subprocess.check_output", "os.system", "os.popen", "subprocess.getoutput"),
    )
)
_COPIES = re.compile(
    r"(?:\S*/)?(?:aws(?: \S+)*? s3 (?:cp|mv|sync)|gsutil(?: -\S+)* (?:cp|mv|rsync)"
    r"|gcloud(?: alpha)? storage (?:cp|mv|rsync)|azcopy (?:cp|copy|sync)|s3cmd (?:put|sync)"
    r"|s5cmd(?: \S+)*? (?:cp|mv|sync)|rclone (?:copy|copyto|sync|move)|hdfs dfs -put)\s"
)
_UPLOADS = re.compile(r"(?:\S*/)?(?:hf|huggingface-cli) upload (?:-\S+ )*(\S+)")
_ADDRESS = re.compile(r"[a-z0-9]{1,10}://")
_UNKNOWN = "\N{REPLACEMENT CHARACTER}"


class Copied:
    """Answers for one file what its commands copy elsewhere."""

    def __init__(self, resolver: Resolver, names: Names) -> None:
        self._resolver = resolver
        self._names = names

    def of(self, site: CallSite) -> Iterator[tuple[Name, str]]:
        """The target of what a call starts, with the kind of export that it is."""
        if not site.node.args:
            return
        words = self._words(site.node.args[0], Where(site.scope, site.arms))
        command = " ".join(name.text or _UNKNOWN for name in words) + " "
        if match := _UPLOADS.match(command):
            yield self._named(match[1], words), "hub"
        elif _COPIES.match(command):
            plain = [each for each in command.split() if not each.startswith("-")]
            target, source = plain[-1], plain[-2]
            if _ADDRESS.match(target) or (_UNKNOWN in target and not _ADDRESS.match(source)):
                yield self._named(target, words), "storage"

    def _named(self, target: str, words: list[Name]) -> Name:
        """The word as it is known: by itself, or as a part of the command."""
        whole = next((each for each in words if each.text == target), words[-1])
        text = None if _UNKNOWN in target else target
        how = How.UNKNOWN if text is None else whole.how
        return Name(text, how, whole.span, whole.flags, whole.call, argument=whole.argument)

    def _words(self, node: ast.expr, where: Where) -> list[Name]:
        """A command in the words that it is handed over in; what isn't known has no text."""
        if isinstance(node, ast.Call) and last_name(node.func) == "split":
            node = node.args[0] if node.args else getattr(node.func, "value", node)
        for each in self._resolver.reach(node, where):
            if isinstance(each.node, ast.List | ast.Tuple):
                return [self._word(element, each.where) for element in each.node.elts]
            if isinstance(each.node, ast.JoinedStr):
                parts = [self._part(part, each.where) for part in each.node.values]
                text = "".join(part.text or _UNKNOWN for part in parts)
                last = parts[-1]
                return [Name(text, How.CONSTANT, last.span, call=last.call, argument=last.argument)]
        return [self._word(node, where)]

    def _part(self, node: ast.expr, where: Where) -> Name:
        return self._word(node.value if isinstance(node, ast.FormattedValue) else node, where)

    def _word(self, node: ast.expr, where: Where) -> Name:
        names = self._names.of(node, where)
        if names:
            return names[0]
        module = self._resolver.module
        return Name(None, How.UNKNOWN, module.span(node), call=module.words(node))
