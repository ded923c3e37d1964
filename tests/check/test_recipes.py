"""Training configurations: which files are some, and what they use."""

import pytest

from bot.check.configs import settings_in
from bot.check.recipes import recipe_uses
from bot.check.uses import Flag, How, Kind, Use

RECIPE = """\
# To fetch the weights:
#   tune download acme/base-1B --output-dir /tmp/base
# To launch:
#   tune run lora --config small/1B epochs=3 checkpointer.checkpoint_dir=/data/base
#   tune run lora --config other checkpointer.checkpoint_dir=/data/other
#   tune run lora --config small/1B checkpointer.checkpoint_dir=<YOUR_DIR>

output_dir: /tmp/out
model:
  _component_: acme.models.base_1b
tokenizer:
  path: /tmp/base/tokenizer.model
checkpointer:
  _component_: acme.Checkpointer
  checkpoint_dir: /tmp/base/
  output_dir: ${output_dir}
teacher_checkpointer:
  checkpoint_dir: /tmp/teacher/
  output_dir: ${output_dir}/teacher
dataset:
  _component_: acme.datasets.tickets
optimizer:
  lr: 1e-4
epochs: 1
"""


def _uses(text: str, path: str = "small/1B.yaml") -> tuple[Use, ...]:
    return recipe_uses(settings_in(path, text), text)


def _told(text: str) -> set[tuple[Kind, str | None, str, int]]:
    return {(use.kind, use.name, use.role, use.span.line) for use in _uses(text)}


def test_a_recipe_tells_its_data_its_weights_and_where_they_go() -> None:
    assert _told(RECIPE) == {
        (Kind.DATASET, "acme.datasets.tickets", "", 21),
        (Kind.MODEL, "acme.models.base_1b", "architecture", 10),
        (Kind.MODEL, "/tmp/base/", "", 15),
        (Kind.MODEL, "/data/base", "", 4),
        (Kind.MODEL, "/tmp/teacher/", "teacher", 18),
        (Kind.MODEL, "acme/base-1B", "origin", 2),
        (Kind.EXPORT, "/tmp/out", "", 8),
        (Kind.EXPORT, "/tmp/out/teacher", "", 19),
    }


def test_a_command_at_the_head_counts_for_its_own_configuration_alone() -> None:
    launched = {use.name for use in _uses(RECIPE) if use.how is How.LAUNCH}
    assert launched == {"/data/base", "acme/base-1B"}


def test_what_is_made_of_other_settings_says_so() -> None:
    derived = [use.name for use in _uses(RECIPE) if Flag.DERIVED in use.flags]
    assert derived == ["/tmp/out/teacher"]


@pytest.mark.parametrize(
    ("text", "data", "models"),
    [
        (
            """\
base_model: acme/base
datasets:
  - path: a/b
  - {path: json, data_files: c.json}
micro_batch_size: 1
""",
            ["a/b", "c.json"],
            ["acme/base"],
        ),
        (
            "model_name_or_path: acme/base\nstage: sft\ndataset: one,two\nlearning_rate: 1\n",
            ["one", "two"],
            ["acme/base"],
        ),
        (
            "model_name_or_path: acme/base\ndataset_name: a/b\nnum_train_epochs: 1\n",
            ["a/b"],
            ["acme/base"],
        ),
        (
            "model_name_or_path: acme/base\ndataset_mixer: {a/b: 1.0, c/d: 0.5}\nmax_steps: 1\n",
            ["a/b", "c/d"],
            ["acme/base"],
        ),
        (
            "model: {name: acme/base}\ndata: {name: cifar10, workers: 4}\nepochs: 1\n",
            ["cifar10"],
            ["acme/base"],
        ),
        (
            "model: acme/base\ndata: {train: [a.csv, b.csv], val: c.csv}\nepochs: 1\n",
            ["a.csv", "b.csv", "c.csv"],
            ["acme/base"],
        ),
        (
            "model: {name_or_path: acme/base}\ntrain_files: [a.csv, b.csv]\noptim: adam\n",
            ["a.csv", "b.csv"],
            ["acme/base"],
        ),
    ],
)
def test_configurations_of_known_programs_are_read(
    text: str, data: list[str], models: list[str]
) -> None:
    uses = _uses(text)
    assert [use.name for use in uses if use.kind is Kind.DATASET] == data
    assert [use.name for use in uses if use.kind is Kind.MODEL] == models


def test_data_to_evaluate_on_and_a_hub_are_told_as_such() -> None:
    text = (
        "base_model: acme/base\ndata:\n  train: {path: a/b}\n  validation: {path: c/d}\n"
        "eval_dataset: e/f\nepochs: 1\nhub_model_id: acme/out\n"
    )
    roles = {use.name: use.role for use in _uses(text) if use.kind is Kind.DATASET}
    assert roles == {"a/b": "", "c/d": "evaluation", "e/f": "evaluation"}
    [export] = [use for use in _uses(text) if use.kind is Kind.EXPORT]
    assert (export.name, export.export) == ("acme/out", "hub")


def test_what_a_recipe_needs_and_doesnt_hold_is_unknown() -> None:
    [data] = [
        use
        for use in _uses("dataset: ???\nbase_model: acme/base\nlr: 1\n")
        if use.kind is Kind.DATASET
    ]
    assert (data.name, data.how) == (None, How.UNKNOWN)


@pytest.mark.parametrize(
    "text",
    [
        RECIPE.partition("optimizer:")[0],  # nothing says how to train
        "model: acme/base\nquantizer: {groupsize: 256}\nepochs: 1\n",
        "distributed_type: DEEPSPEED\nnum_processes: 8\nmixed_precision: bf16\n",
        "model: {name: x}\ntasks: [y]\nbatch_size: 8\n",
        "on: push\njobs: {a: {steps: [{run: make}]}}\n",
    ],
)
def test_what_only_looks_like_a_recipe_uses_nothing(text: str) -> None:
    assert _uses(text) == ()
