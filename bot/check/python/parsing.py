"""A Python file's text, parsed and walked: a module, or why it is none."""

import ast
import re
import sys
import warnings
from collections.abc import Callable

from bot.check.python.module import Module, Scope
from bot.check.python.walk import fill
from bot.check.uses import Span, Unreadable

_LINE_END = re.compile(r"\r\n|\n|\r")
# In the mend alone: what a finding says is compared, and mustn't depend on who checks.
_NEWER = "Python {}.{} has read it; a check that runs with a newer one reads what is newer.".format(
    *sys.version_info
)


def parse(
    path: str,
    text: str,
    *,
    imported: bool = False,
    shadowed: Callable[[str], bool] = lambda _: False,
) -> Module | Unreadable:
    """The file, or why it is none; never an error, whatever the text is.

    One that is `imported` runs without what stands behind the guard of a script's entry point.
    What is `shadowed` is no library, but a module that lies beside the file.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of the file that is read; it isn't ours to mend
            tree = ast.parse(text)
    except SyntaxError as error:
        line = max(error.lineno or 1, 1)
        span = Span(line, max(error.offset or 1, 1))
        return Unreadable(f"no valid Python: {error.msg}", span, _NEWER)
    except (RecursionError, MemoryError):
        return Unreadable("nested too deeply to be read", Span(1))
    except ValueError as error:
        return Unreadable(f"no valid Python: {error}", Span(1))
    top = Scope(tree)
    module = Module(path, tree, _LINE_END.split(text), top)
    fill(module, shadowed, imported=imported)
    return module
