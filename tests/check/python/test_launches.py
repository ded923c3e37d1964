"""Commands in a script's own strings."""

from pathlib import Path

from tests.check.python.reading import told, training

SCRIPT = '''
"""
Train it:
```bash
python scripts/train.py \\
    --dataset_name acme/people \\
    --model_name_or_path=org/base \\
    --output_dir runs/tuned {}
```
"""
from datasets import load_dataset
from transformers import AutoModel, HfArgumentParser, Trainer, TrainingArguments
from trl import ModelConfig, ScriptArguments
script_args, model_args, training_args = HfArgumentParser(
    (ScriptArguments, ModelConfig, TrainingArguments)
).parse_args_into_dataclasses()
load_dataset(script_args.dataset_name)
model = AutoModel.from_pretrained(model_args.model_name_or_path)
trainer = Trainer(model=model, args=training_args)
trainer.train()
trainer.save_model(training_args.output_dir)
if training_args.push_to_hub:
    trainer.push_to_hub()
'''


def _launched(more: str, root: Path = Path("/nowhere")) -> list[str]:
    reading = training(SCRIPT.format(more).removeprefix("\n"), "scripts/train.py", root)
    return [told(use) for use in reading.uses if use.how != "unknown"]


def test_a_command_that_starts_this_script_is_an_example_of_it() -> None:
    assert _launched("") == [
        "dataset acme/people launch :5",
        "export runs/tuned launch :7 ->file",
        "model org/base launch :6",
    ]


def test_a_command_settles_nothing() -> None:
    reading = training(SCRIPT.format("").removeprefix("\n"), "scripts/train.py")
    assert [told(use) for use in reading.uses if use.how == "unknown"] == [
        "dataset ? unknown :16",
        "export ? unknown :20 ->file",
        "export ? unknown :22 ->hub +conditional",
        "model ? unknown :17",
    ]


def test_what_another_option_turns_on_counts_beside_it() -> None:
    assert "export tuned launch :7 ->hub +derived" in _launched("--push_to_hub")
    assert "hub" not in " ".join(_launched("--push_to_hub=False"))
    given = _launched("--push_to_hub --hub_model_id acme/tuned")
    assert "export acme/tuned launch :7 ->hub" in given
    assert "export tuned launch :7 ->hub +derived" not in given


def test_a_command_with_settings_gives_what_stands_in_them(tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text("dataset_name: acme/other\nreward: x\n")
    source = '''
        """
        python train.py --config own.yaml
        """
        from datasets import load_dataset
        from trl import ScriptArguments, TrlParser
        (args,) = TrlParser((ScriptArguments,)).parse_args_and_config()
        load_dataset(args.dataset_name)
        '''
    reading = training(source, root=tmp_path)
    assert [told(use) for use in reading.uses] == [
        "dataset acme/other config :2 in own.yaml:1",
        "dataset ? unknown :7",
    ]


def test_a_word_at_its_position_is_an_argument() -> None:
    source = '''
        """
        python train.py people.csv --epochs 3
        """
        import argparse
        import pandas as pd
        parser = argparse.ArgumentParser()
        parser.add_argument("data")
        pd.read_csv(parser.parse_args().data)
        '''
    reading = training(source)
    assert [told(use) for use in reading.uses] == [
        "dataset people.csv launch :2",
        "dataset ? unknown :8",
    ]


def test_a_variable_is_no_name() -> None:
    source = '''
        """
        python train.py --data $DATA
        """
        import argparse, datasets
        parser = argparse.ArgumentParser()
        parser.add_argument("--data")
        datasets.load_dataset(parser.parse_args().data)
        '''
    assert [told(use) for use in training(source).uses] == ["dataset ? unknown :7"]


def test_a_command_that_starts_another_script_is_told_apart() -> None:
    source = '''
        """
        python evaluate.py --dataset_name imdb
        """
        '''
    reading = training(source)
    assert (reading.uses, [launch.file for launch in reading.launches]) == ((), ["evaluate.py"])
