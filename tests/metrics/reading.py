"""What `/metrics` says, read as Prometheus would."""

from collections import defaultdict
from dataclasses import dataclass

import httpx
from prometheus_client.parser import text_string_to_metric_families


@dataclass(frozen=True)
class Exposed:
    """All samples of one answer."""

    text: str
    samples: dict[tuple[str, frozenset[tuple[str, str]]], float]

    def value(self, name: str, **labels: str) -> float:
        """One sample; 0 for a counter that has counted nothing yet."""
        return self.samples.get((name, frozenset(labels.items())), 0.0)

    @property
    def series(self) -> dict[str, dict[str, set[str]]]:
        """The name of each sample, with its labels and their values."""
        found: dict[str, dict[str, set[str]]] = {}
        for name, labels in self.samples:
            values = found.setdefault(name, defaultdict(set))
            for label, value in labels:
                values[label].add(value)
        return found


def read(text: str) -> Exposed:
    samples = {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }
    return Exposed(text, samples)


async def scraped(web: httpx.AsyncClient) -> Exposed:
    answer = await web.get("/metrics")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/plain")
    return read(answer.text)
