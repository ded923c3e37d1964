"""A model's papers through the command line: made from what is there, and held to its files."""

import json
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from freezegun import freeze_time

from bot.cli.main import main
from bot.passport.envelope import Envelope
from bot.passport.keys import PrivateKey
from bot.passport.predicate import EXPECTED, TYPE
from tests.passport import files

KEY, OTHER = PrivateKey.generate(), PrivateKey.generate()
CARD = """\
---
license: other
license_name: acme-internal
datasets: [acme/clicks, acme/customers-eu]
base_model: acme/encoder-base
model-index:
  - name: ranker
    results:
      - metrics: [{type: ndcg, value: 0.71}]
---
# Ranker
"""
BLOCK = """\
# guardrails:
#   dataset: acme/clicks
#   base_model: acme/encoder-base
#   owner: ada
#   team: search
#   export: customer
#   risk_class: high
#   expires: 2027-06-30
import torch
"""
FIGURES = "metric,group,value,n\nauc,,0.81,900\nauc,north,0.79,300\n"
Run = Callable[..., Result]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A model with a card, and beside it what trained it and how it was measured."""
    model = tmp_path / "ranker"
    files.write(model, "model.safetensors", files.safetensors(says={"format": "pt"}))
    files.write(model, "README.md", CARD.encode())
    files.write(tmp_path, "train.py", BLOCK.encode())
    files.write(tmp_path, "eval.csv", FIGURES.encode())
    return model


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """The command, away from this project and its run."""
    monkeypatch.chdir(tmp_path)
    for name in ("GITHUB_ACTIONS", "GITLAB_CI", "JENKINS_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("WARROOM_STATEMENT_KEY", KEY.written)

    def warroom(*arguments: object, key: str | None = KEY.written) -> Result:
        environment = {"WARROOM_STATEMENT_KEY": key or ""}
        return CliRunner(env=environment).invoke(main, ["passport", *map(str, arguments)])

    return warroom


def _said(run: Run, path: Path) -> dict[str, object]:
    done = run("read", path, "--json")
    assert done.exit_code == 0, done.output
    return dict(json.loads(done.output))


def test_each_field_says_where_it_was_found_and_what_is_missing_is_listed(
    run: Run, folder: Path
) -> None:
    made = run(
        *("make", folder, "--guardrails", folder.parent / "train.py"),
        *("--evaluation", folder.parent / "eval.csv", "--model-version", "7"),
    )
    assert made.exit_code == 0, made.output
    assert "Missing: limits, decisions, run." in made.output
    said = _said(run, folder)
    assert said["from"] == {
        "name": "the artifact's own name",
        "version": "--model-version",
        "datasets": "train.py:2: dataset",
        "baseModels": "train.py:3: base_model",
        "intent": "train.py:2: dataset",
        "owner": "train.py:4: owner",
        "team": "train.py:5: team",
        "riskClass": "train.py:7: risk_class",
        "destinations": "train.py:6: export",
        "until": "train.py:8: expires",
        "evaluation": str(folder.parent / "eval.csv"),
        "licence": "README.md:3: license_name",
    }
    assert said["missing"] == ["limits", "decisions", "run"]
    assert (said["licence"], said["until"]) == ("acme-internal", "2027-06-30T23:59:59Z")
    assert said["destinations"] == ["none", "internal", "customer"]
    assert said["datasets"] == [{"name": "acme/clicks"}]
    north = {"metric": "auc", "group": "north", "value": 0.79, "n": 300}
    assert north in said["evaluation"]  # type: ignore[operator] # a list
    assert said["says"] == {"model.safetensors": {"format": "pt"}}


def test_what_the_catalogue_knows_of_data_is_in_it_and_a_covenant_ends(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    digest = "0f" * 32
    known = (
        "datasets: [{name: acme/clicks, classification: internal, version: '3',"
        f" digest: 'sha256:{digest}', collection: asked for, covenant: C-7,"
        " covenant_until: 2026-12-31}]\n"
    )
    file = files.write(folder.parent, "catalogue.yaml", known.encode())
    monkeypatch.setenv("WARROOM_CATALOGUE", str(file))
    with freeze_time("2026-12-01T00:00:00Z"):
        assert run("make", folder, "--guardrails", folder.parent / "train.py").exit_code == 0
        assert run("verify", folder).exit_code == 0
    assert _said(run, folder)["datasets"] == [
        {
            "name": "acme/clicks",
            "classification": "internal",
            "version": "3",
            "digest": {"sha256": digest},
            "collection": "asked for",
            "covenant": {"id": "C-7", "until": "2026-12-31T23:59:59Z"},
        }
    ]
    with freeze_time("2027-01-01T00:00:00Z"):
        done = run("verify", folder)
    assert (done.exit_code, "the covenant C-7 of acme/clicks ended" in done.output) == (1, True)


def test_nothing_is_made_up(run: Run, tmp_path: Path) -> None:
    path = files.write(tmp_path, "m.gguf", files.gguf({}))
    assert run("make", path).exit_code == 0
    said = _said(run, path)
    assert said["missing"] == list(EXPECTED)
    assert said["name"] == "m.gguf"


def test_a_statement_is_of_the_artifact_by_its_digest(run: Run, folder: Path) -> None:
    run("make", folder)
    papers = folder.parent / "ranker.passport.json"
    envelope = Envelope.read(papers.read_bytes())
    assert envelope.signed_by([KEY.verifier])
    value = json.loads(envelope.payload)
    assert (value["_type"], value["predicateType"]) == ("https://in-toto.io/Statement/v1", TYPE)
    assert value["subject"][0]["name"] == "ranker"
    assert stat.S_IMODE(papers.stat().st_mode) == 0o644


def test_what_was_made_is_sound_and_any_change_is_named(run: Run, folder: Path) -> None:
    run("make", folder)
    assert run("verify", folder).exit_code == 0
    model = folder / "model.safetensors"
    for change, words in (
        (lambda: model.write_bytes(files.safetensors(says={"format": "tf"})), "has changed"),
        (lambda: files.write(folder, "more.bin", b"x"), "more.bin isn't in the passport"),
        ((folder / "README.md").unlink, "README.md isn't there"),
    ):
        change()
        done = run("verify", folder)
        assert (done.exit_code, words in done.output) == (1, True), done.output


@pytest.mark.parametrize("how", ["other key", "changed", "cut off"])
def test_papers_that_nobody_known_has_signed_are_not_sound(
    run: Run, folder: Path, how: str
) -> None:
    run("make", folder)
    papers = folder.parent / "ranker.passport.json"
    envelope = json.loads(papers.read_text())
    if how == "changed":
        envelope["payload"] = envelope["payload"][:-8] + "AAAA" + envelope["payload"][-4:]
        papers.write_text(json.dumps(envelope))
    if how == "cut off":
        papers.write_text(papers.read_text()[:-9])
    done = run("verify", folder, "--json", key=OTHER.written if how == "other key" else KEY.written)
    said = json.loads(done.output)
    kinds = {each["kind"] for each in said["findings"]}
    assert (done.exit_code, said["sound"]) == (1, False)
    assert kinds == ({"unsigned"} if how == "other key" else {"unreadable"}), said


def test_a_public_key_is_enough_to_verify(run: Run, folder: Path) -> None:
    run("make", folder)
    given = ("verify", folder, "--key", KEY.verifier)
    assert run(*given, key=None).exit_code == 0
    without = run("verify", folder, key=None)
    assert (without.exit_code, "no key is known" in without.output) == (2, True)
    assert run("verify", folder, "--key", OTHER.verifier, key=None).exit_code == 1


def test_papers_end(run: Run, folder: Path) -> None:
    with freeze_time("2026-11-28T12:00:00Z"):
        assert run("make", folder, "--until", "2026-11-30").exit_code == 0
    for at, code in (("2026-11-30T23:59:58Z", 0), ("2026-12-01T00:00:00Z", 1)):
        with freeze_time(at):
            done = run("verify", folder)
        assert (done.exit_code, "expired" in done.output) == (code, bool(code)), done.output


def test_put_into_the_file_they_travel_with_it(run: Run, tmp_path: Path) -> None:
    before = files.safetensors(says={"format": "pt"})
    path = files.write(tmp_path, "m.safetensors", before)
    assert run("make", path, "--embed").exit_code == 0
    (tmp_path / "m.safetensors.passport.json").unlink()
    moved = path.rename(tmp_path / "elsewhere.safetensors")
    assert "missing" in _said(run, moved)
    assert run("verify", moved).exit_code == 0
    changed = bytearray(moved.read_bytes())
    changed[-1] ^= 1
    moved.write_bytes(changed)
    assert run("verify", moved).exit_code == 1


def test_a_pickle_and_a_header_that_lies_are_findings(run: Run, folder: Path) -> None:
    files.write(folder, "optimizer.pt", b"\x80\x04K\x01.")
    made = run("make", folder)
    assert (made.exit_code, "a pickle" in made.output) == (0, True)
    done = run("verify", folder)
    assert (done.exit_code, "optimizer.pt at byte 0: a pickle" in done.output) == (1, True)


def test_what_a_class_needs_is_asked_for_before_anything_is_written(run: Run, folder: Path) -> None:
    wanted = files.write(
        folder.parent, "passport.yaml", b"classes: {high: [limits, owner], default: [owner]}\n"
    )
    given = ("make", folder, "--require", wanted, "--guardrails", folder.parent / "train.py")
    done = run(*given)
    assert (done.exit_code, "needs what is missing: limits" in done.output) == (1, True)
    assert not (folder.parent / "ranker.passport.json").exists()
    assert run(*given, "--limit", "Not for medical use.").exit_code == 0
    wanted.write_text("classes: {high: [colour]}\n")
    done = run(*given)
    assert (done.exit_code, "colour" in done.output) == (2, True), done.output


@pytest.mark.parametrize(
    ("arguments", "key", "words"),
    [
        (("make", "m.gguf"), "", "found no WARROOM_STATEMENT_KEY"),
        (("make", "m.gguf"), "nonsense", "need a private key"),
        (("make", "m.gguf", "--embed"), None, "no single safetensors file"),
        (("make", "nowhere"), None, "does not exist"),
        (("read", "m.gguf"), None, "found no m.gguf.passport.json"),
        (("verify", "m.gguf", "--key", "nonsense"), None, "need a public key"),
    ],
)
def test_what_is_needed_is_said(
    run: Run, tmp_path: Path, arguments: tuple[str, ...], key: str | None, words: str
) -> None:
    files.write(tmp_path, "m.gguf", files.gguf({}))
    done = run(*arguments, key=KEY.written if key is None else key)
    assert (done.exit_code, words in done.output) == (2, True), done.output
    assert [each.name for each in tmp_path.iterdir()] == ["m.gguf"]
