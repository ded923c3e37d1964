"""The catalogue of known calls."""

from importlib.resources import files
from pathlib import Path

import pytest

from bot.check.known import KnownCall, KnownCalls, packaged
from bot.check.uses import Kind
from bot.yaml.reader import read


def test_ours_is_read_by_the_strict_reader_and_says_each_thing_once() -> None:
    entries = read(Path(str(files("bot.check") / "known_calls.yaml"))).data["calls"]
    assert len(packaged().entries) == len(entries)
    told = [
        (each["call"], each.get("uses"), each.get("role"), str(each.get("argument")))
        for each in entries
    ]
    assert len(told) == len(set(told))


@pytest.mark.parametrize("entry", packaged().entries, ids=lambda entry: entry.call)
def test_an_entry_says_what_its_call_does(entry: KnownCall) -> None:
    assert entry.uses or entry.trains
    assert bool(entry.export) == (entry.uses is Kind.EXPORT)


@pytest.mark.parametrize(
    ("dotted", "call"),
    [
        ("datasets.load_dataset", "datasets.load_dataset"),
        ("transformers.AutoModel.from_pretrained", "*.from_pretrained"),
        ("peft.PeftModel.from_pretrained", "*PeftModel*.from_pretrained"),
        ("torchvision.datasets.MNIST", "torchvision.datasets.*"),
        ("torchvision.datasets.ImageFolder", "torchvision.datasets.ImageFolder"),
        ("boto3.client().upload_file", "boto3.*.upload_file"),
        ("trl.experimental.gkd.GKDTrainer", "trl.*Trainer"),
    ],
)
def test_the_most_exact_entry_counts(dotted: str, call: str) -> None:
    assert {entry.call for entry in packaged().of(dotted)} == {call}


def test_a_call_that_nobody_knows_has_no_entry() -> None:
    assert packaged().of("acme.load") == ()


def test_several_things_may_be_used_by_one_call() -> None:
    known = KnownCalls.with_own(
        [
            {"call": "acme.tune", "uses": "model", "argument": "base", "trains": True},
            {"call": "acme.tune", "uses": "dataset", "argument": [0]},
        ]
    )
    assert [entry.uses for entry in known.of("acme.tune")] == [Kind.MODEL, Kind.DATASET]
    assert known.may_train("tune")
    assert not known.may_train("load")
