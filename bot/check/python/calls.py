"""The data sets and models that a file's calls name, by the catalogue of known calls.

Rules
- A name that can't be known is a use; an object in the place of a name is none.
"""

from collections.abc import Iterator

from bot.check.known import KnownCalls
from bot.check.python.datasets import Datasets
from bot.check.python.models import Models
from bot.check.python.names import Names
from bot.check.python.reached import Where
from bot.check.python.resolve import Resolver
from bot.check.python.sites import Call, FoundUse
from bot.check.uses import Kind


def datasets_and_models(resolver: Resolver, names: Names, known: KnownCalls) -> Iterator[FoundUse]:
    """The uses in the order of the calls."""
    datasets = Datasets(resolver, names)
    models = Models(resolver, names, known)
    for site in resolver.module.calls:
        dotted = resolver.dotted.of(site.node.func, Where(site.scope, site.arms))
        call = Call(resolver.module, site, dotted)
        entries = known.of(dotted)
        for entry in entries:
            if entry.uses is Kind.DATASET:
                yield from datasets.of(call, entry)
            elif entry.uses is Kind.MODEL:
                yield from models.of(call, entry)
        if not entries:
            yield from datasets.unlisted(call)
        yield from models.unlisted(call)
