"""What a script takes from its command line, and what of it is known without one."""

import pytest

from bot.check.uses import Flag, Kind
from tests.check.python.reading import read, told, training, uses

CASES = {
    "a default of argparse": (
        """
        import argparse, datasets
        parser = argparse.ArgumentParser()
        parser.add_argument("--data", default="imdb")
        args = parser.parse_args()
        datasets.load_dataset(args.data)
        """,
        ["dataset imdb default :3"],
    ),
    "an argument without a default": (
        """
        import argparse, datasets
        parser = argparse.ArgumentParser()
        parser.add_argument("--data", required=True)
        args = parser.parse_args()
        datasets.load_dataset(args.data)
        """,
        ["dataset ? unknown :5"],
    ),
    "an argument whose default is nothing": (
        """
        import argparse, datasets
        parser = argparse.ArgumentParser()
        parser.add_argument("--data", default="")
        datasets.load_dataset(parser.parse_args().data)
        """,
        ["dataset ? unknown :4"],
    ),
    "an argument by its destination": (
        """
        import argparse, datasets
        parser = argparse.ArgumentParser()
        parser.add_argument("-d", "--data-name", dest="name", default="imdb")
        args, rest = parser.parse_known_args()
        datasets.load_dataset(args.name)
        """,
        ["dataset imdb default :3"],
    ),
    "arguments as a mapping": (
        """
        import argparse, datasets
        parser = argparse.ArgumentParser()
        parser.add_argument("--data-name", default="imdb")
        args = vars(parser.parse_args())
        datasets.load_dataset(args["data_name"])
        """,
        ["dataset imdb default :3"],
    ),
    "an argument of a group, a parent or a command below": (
        """
        import argparse, datasets
        common = argparse.ArgumentParser(add_help=False)
        common.add_argument_group("data").add_argument("--data", default="imdb")
        parser = argparse.ArgumentParser(parents=[common])
        below = parser.add_subparsers().add_parser("train")
        below.add_argument("--more", default="squad")
        args = parser.parse_args()
        datasets.load_dataset(args.data)
        datasets.load_dataset(args.more)
        """,
        ["dataset imdb default :3", "dataset squad default :6"],
    ),
    "a default that is set apart": (
        """
        import argparse, datasets
        parser = argparse.ArgumentParser()
        parser.add_argument("--data")
        parser.set_defaults(data="imdb")
        datasets.load_dataset(parser.parse_args().data)
        """,
        ["dataset imdb default :4"],
    ),
    "a default that is a constant": (
        """
        import argparse, datasets
        NAME = "imdb"
        parser = argparse.ArgumentParser()
        parser.add_argument("--data", default=NAME)
        datasets.load_dataset(parser.parse_args().data)
        """,
        ["dataset imdb default :2"],
    ),
    "arguments that are handed on": (
        """
        import argparse, datasets
        def parse():
            parser = argparse.ArgumentParser()
            parser.add_argument("--data", default="imdb")
            return parser.parse_args()
        def main(args):
            load(args)
        def load(options):
            datasets.load_dataset(options.data)
        if __name__ == "__main__":
            main(parse())
        """,
        ["dataset imdb default :4"],
    ),
    "an argument that was set afterwards": (
        """
        import argparse, datasets
        parser = argparse.ArgumentParser()
        parser.add_argument("--data", default="imdb")
        args = parser.parse_args()
        args.data = "squad"
        datasets.load_dataset(args.data)
        """,
        ["dataset squad constant :5"],
    ),
    "an argument or what stands in for it": (
        """
        import argparse, datasets
        parser = argparse.ArgumentParser()
        parser.add_argument("--data")
        args = parser.parse_args()
        datasets.load_dataset(args.data or "imdb")
        """,
        ["dataset ? unknown :5 +branch", "dataset imdb literal :5 +branch"],
    ),
    "a field of a dataclass that is parsed": (
        """
        from dataclasses import dataclass, field
        import datasets
        from transformers import HfArgumentParser
        @dataclass
        class Data:
            name: str = field(default="imdb", metadata={"help": "…"})
            other: str = "squad"
            third: str = None
        data, = HfArgumentParser((Data,)).parse_args_into_dataclasses()
        datasets.load_dataset(data.name)
        datasets.load_dataset(data.other)
        datasets.load_dataset(data.third)
        """,
        ["dataset imdb default :6", "dataset squad default :7", "dataset ? unknown :12"],
    ),
    "the one dataclass of those that are parsed": (
        """
        from dataclasses import dataclass
        import datasets
        from transformers import HfArgumentParser
        @dataclass
        class Data:
            name: str = "imdb"
        data: Data = HfArgumentParser(Data).parse_args_into_dataclasses()[0]
        datasets.load_dataset(data.name)
        """,
        ["dataset imdb default :6"],
    ),
    "a field of a library's dataclass": (
        """
        import datasets
        from trl import ModelConfig, ScriptArguments, TrlParser
        script_args, model_args = TrlParser((ScriptArguments, ModelConfig)).parse_args_and_config()
        datasets.load_dataset(script_args.dataset_name)
        """,
        ["dataset ? unknown :4"],
    ),
    "a dataclass that is made by hand": (
        """
        from dataclasses import dataclass
        import datasets
        @dataclass
        class Config:
            name: str = "imdb"
            other: str = "squad"
        config = Config(other="glue")
        datasets.load_dataset(config.name)
        datasets.load_dataset(config.other)
        """,
        ["dataset imdb default :5", "dataset glue literal :7"],
    ),
    "an option of click": (
        """
        import click, datasets
        @click.command()
        @click.option("--data-name", "-d", default="imdb")
        @click.argument("other")
        def main(data_name, other):
            datasets.load_dataset(data_name)
            datasets.load_dataset(other)
        main()
        """,
        ["dataset imdb default :3", "dataset ? unknown :7"],
    ),
    "an option of typer": (
        """
        import typer, datasets
        app = typer.Typer()
        @app.command()
        def main(
            name: str = typer.Option("imdb"), other: str = "squad", third=typer.Option(...)
        ):
            datasets.load_dataset(name)
            datasets.load_dataset(other)
            datasets.load_dataset(third)
        app()
        """,
        ["dataset imdb default :5", "dataset squad default :5", "dataset ? unknown :9"],
    ),
    "a function that fire calls": (
        """
        import fire, datasets
        def main(name="imdb", other=None):
            datasets.load_dataset(name)
            datasets.load_dataset(other)
        fire.Fire(main)
        """,
        ["dataset imdb default :2", "dataset ? unknown :4"],
    ),
    "a flag of absl": (
        """
        from absl import flags
        import datasets
        FLAGS = flags.FLAGS
        flags.DEFINE_string("data", "imdb", "which")
        datasets.load_dataset(FLAGS.data)
        """,
        ["dataset imdb default :4"],
    ),
    "the command line itself": (
        """
        import sys, datasets
        datasets.load_dataset(sys.argv[1])
        """,
        ["dataset ? unknown :2"],
    ),
}


@pytest.mark.parametrize(("source", "expected"), CASES.values(), ids=CASES)
def test_an_argument_is_known_by_its_default_alone(source: str, expected: list[str]) -> None:
    assert sorted(uses(source)) == sorted(expected)


def test_an_unknown_name_says_by_which_option_it_comes() -> None:
    reading = training(
        """
        from datasets import load_dataset
        from trl import ScriptArguments, TrlParser
        (args,) = TrlParser((ScriptArguments,)).parse_args_and_config()
        load_dataset(args.dataset_name)
        """
    )
    assert [use.call for use in reading.uses] == ["--dataset_name"]


def test_the_options_say_what_they_are_for() -> None:
    reading = training(
        """
        import argparse
        from datasets import load_dataset
        from transformers import AutoModel
        parser = argparse.ArgumentParser()
        parser.add_argument("folder")
        parser.add_argument("--data", "-d", default="imdb")
        parser.add_argument("--teacher-model")
        parser.add_argument("--epochs", default=3)
        args = parser.parse_args()
        load_dataset(args.data)
        teacher = AutoModel.from_pretrained(args.teacher_model)
        teacher.save_pretrained(args.folder)
        """
    )
    assert {(each.name, each.aliases, each.kind, each.role) for each in reading.options} == {
        ("--data", ("-d",), Kind.DATASET, ""),
        ("--teacher-model", (), Kind.MODEL, "teacher"),
        ("folder", (), Kind.EXPORT, ""),
    }
    (folder,) = (each for each in reading.options if each.kind is Kind.EXPORT)
    assert (folder.export, folder.position, folder.span.line) == ("file", 0, 5)


def test_an_option_that_needs_another_says_so() -> None:
    reading = read(
        """
        from transformers import HfArgumentParser, Trainer, TrainingArguments
        (training_args,) = HfArgumentParser((TrainingArguments,)).parse_args_into_dataclasses()
        trainer = Trainer(args=training_args)
        trainer.train()
        if training_args.push_to_hub:
            trainer.push_to_hub()
        """
    )
    assert [(each.name, each.needs, each.flags) for each in reading.options] == [
        ("--hub_model_id", "--push_to_hub", frozenset()),
        ("--output_dir", "--push_to_hub", {Flag.DERIVED}),
    ]


def test_a_command_line_that_the_script_writes_out_settles_its_arguments() -> None:
    reading = training(
        """
        import argparse
        from datasets import load_dataset
        from transformers import AutoModel
        parser = argparse.ArgumentParser()
        parser.add_argument("--dataset", default="acme/default")
        parser.add_argument("--base", default="acme/base")
        args = parser.parse_args(["--dataset=acme/clicks"])
        load_dataset(args.dataset)
        AutoModel.from_pretrained(args.base)
        """
    )
    assert [told(use) for use in reading.uses] == [
        "dataset acme/clicks literal :7",
        "model acme/base default :6",
    ]
    assert reading.options == ()
