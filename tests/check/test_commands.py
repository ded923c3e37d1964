"""Which commands start a program, and what they hand on to it."""

import time

import pytest

from bot.check.commands import arguments_of, launch_of, launches_in, starts


def _told(text: str) -> list[tuple[str, dict[str, list[str]]]]:
    return [
        (
            launch.file,
            {each.name: [word.text for word in each.values] for each in arguments_of(launch)},
        )
        for launch in launches_in(text)
    ]


@pytest.mark.parametrize(
    ("text", "file"),
    [
        ("python train.py", "train.py"),
        ("python3.12 -u -W ignore a/train.py", "a/train.py"),
        ("/opt/venv/bin/python train.py", "train.py"),
        ("./train.py --x y", "./train.py"),
        ("scripts/train.py --x y", "scripts/train.py"),
        ("scripts/train.sh", "scripts/train.sh"),
        ("bash run.sh a", "run.sh"),
        ("python -m acme.train", "acme.train"),
        ("python -m torch.distributed.launch --nproc_per_node 2 train.py", "train.py"),
        ("accelerate launch --config_file c.yaml --num_processes 8 train.py", "train.py"),
        ("torchrun --nproc-per-node=2 -m acme.train", "acme.train"),
        ("deepspeed --num_gpus=2 train.py --deepspeed ds.json", "train.py"),
        ("uv run --with trl train.py", "train.py"),
        ("tune run --nproc_per_node 2 lora_finetune --config llama/8B", "lora_finetune"),
        ("trl sft --dataset_name imdb", "trl sft"),
        ("$ CUDA_VISIBLE_DEVICES=0,1 WANDB=off python train.py", "train.py"),
        ("sudo -E nohup python train.py > log.txt 2>&1 &", "train.py"),
        ("srun -n 4 bash -c 'cd /x && python train.py'", "/x/train.py"),
        ("docker run --gpus all acme/trainer python train.py", "train.py"),
        ("echo start; if true; then python train.py; fi", "train.py"),
        ("Run it with `python train.py` on one card.", "train.py"),
        ("Usage: python train.py", "train.py"),
        ("cd examples\npython train.py", "examples/train.py"),
    ],
)
def test_a_command_is_known_by_what_it_starts(text: str, file: str) -> None:
    assert [launch.file for launch in launches_in(text)] == [file]


@pytest.mark.parametrize(
    "text",
    [
        "# python train.py",
        ">>> python train.py",
        "echo done # then python train.py",
        "pip install python",
        "python -c 'import train'",
        "cat train.py",
        "the file train.py trains",
        "train.py trains a model",
        "https://example.com/train.py",
        "examples/train.py shows how",
        "tune download meta/x",
        'echo "python train.py"',
        "python - <<EOF",
    ],
)
def test_what_starts_nothing_is_no_launch(text: str) -> None:
    assert launches_in(text) == ()


def test_options_are_read_however_they_are_written() -> None:
    text = """\
    python train.py \\
        --dataset_name=acme/tickets \\
        --base-model 'acme/base' --files a.csv b.csv \\
        --stop '<|end|>' data.name=imdb --push_to_hub
    """
    assert _told(text) == [
        (
            "train.py",
            {
                "dataset_name": ["acme/tickets"],
                "base_model": ["acme/base"],
                "files": ["a.csv", "b.csv"],
                "stop": ["<|end|>"],
                "data.name": ["imdb"],
                "push_to_hub": [],
            },
        )
    ]


def test_a_word_is_told_where_it_stands() -> None:
    [launch] = launches_in(
        "x\npython train.py \\\n  --data acme/tickets --base='acme/base'", line=7
    )
    data, base = arguments_of(launch)
    assert (launch.span.line, launch.span.column, launch.span.end_line) == (8, 1, 9)
    assert data.values[0].span == data.values[0].span.__class__(9, 10, 9, 22)
    assert base.values[0].span.line == 9


def test_a_variable_that_the_text_sets_is_put_in_and_another_is_open() -> None:
    text = """\
    BASE=acme/base
    export DATA="acme/tickets"
    ARGS=(--epochs 3  # enough
          --to "acme/out")
    ARGS+=(--push)
    python train.py --base $BASE --data ${DATA} --eval ${EVAL:-acme/eval} --x $X "${ARGS[@]}"
    """
    [(_, given)] = _told(text)
    assert given["base"] == ["acme/base"]
    assert given["data"] == ["acme/tickets"]
    assert given["eval"] == ["acme/eval"]
    assert given["x"] == ["$X"]
    assert given["to"] == ["acme/out"]
    assert "push" in given


def test_an_apostrophe_in_words_quotes_nothing() -> None:
    assert _told("If it doesn't run: python train.py --a b, and that's it") == [
        ("train.py", {"a": ["b,", "and", "that's", "it"]})
    ]


@pytest.mark.parametrize(
    ("text", "config"),
    [
        ("python train.py --config conf/a.yaml", "conf/a.yaml"),
        ("accelerate launch --config_file acc.yaml train.py --epochs 3", ""),
        ("llamafactory-cli train conf/a.yaml", "conf/a.yaml"),
        ("tune run lora --config llama/8B x.y=z", "llama/8B"),
        ("python train.py settings.json", "settings.json"),
    ],
)
def test_the_configuration_is_the_programs_and_not_the_launchers(text: str, config: str) -> None:
    [launch] = launches_in(text)
    assert launch.config == config


def test_a_launch_starts_the_file_that_it_names() -> None:
    assert starts(launches_in("python old/place/train.py")[0], "new/train.py")
    assert starts(launches_in("python -m acme.train")[0], "src/acme/train.py")
    assert starts(launches_in("python -m acme.train")[0], "src/acme/train/__main__.py")
    assert not starts(launches_in("python other.py")[0], "train.py")
    assert not starts(launches_in("python train.py")[0], "train.yaml")


def test_a_command_given_word_by_word_is_known_too() -> None:
    launch = launch_of(["python", "train.py", "--dataset_name", "acme/two words"])
    assert launch is not None
    assert launch.arguments == ("--dataset_name", "acme/two words")
    assert launch_of(["make", "train"]) is None


@pytest.mark.parametrize(
    "piece",
    ['"', "'", "${", "${{", "a=(", "\\", "<", "=a", ">", "$a", "a\n", "A=$A$A\n", "`", "(", "\\\n"],
)
def test_the_time_that_a_text_takes_grows_with_it_alone(piece: str) -> None:
    began = time.process_time()
    launches_in(piece * (200_000 // len(piece)) + "\npython train.py")
    assert time.process_time() - began < 5
