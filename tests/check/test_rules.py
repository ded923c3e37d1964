"""Each rule of the check: what breaks it, where that is shown, and what doesn't."""

import sys

import pytest
from freezegun import freeze_time

from tests.check.declared import CODE, DECLARED, Project, block


def test_what_does_as_it_declares_has_no_finding(project: Project) -> None:
    result = project.run("--offline")
    assert result.exit_code == 0, result.output
    assert "no findings; 2 files, 1 of them trains" in result.output


# What is changed in the declaration, what in the code, and the findings with what they stand on.
BROKEN: list[tuple[dict[str, str | None], tuple[str, str], list[tuple[str, str]]]] = [
    ({"dataset": "acme/tickets"}, ("", ""), [("dataset-mismatch", '"acme/clicks"')]),
    ({"dataset": None}, ("", ""), [("dataset-mismatch", '"acme/clicks"')]),
    (
        {},
        ("acme/clicks", "acme/Clicks"),
        [("dataset-mismatch", '"acme/Clicks"'), ("dataset-unlisted", '"acme/Clicks"')],
    ),
    (
        {"dataset": "acme/other"},
        ("acme/clicks", "acme/other"),
        [("dataset-unlisted", '"acme/other"')],
    ),
    (
        {"dataset": "acme/tickets"},
        ("acme/clicks", "acme/tickets"),
        [("dataset-class", '"acme/tickets"')],
    ),
    ({"dataset": "acme/tickets", "pii": "pseudonymous"}, ("acme/clicks", "acme/tickets"), []),
    (
        {"dataset": "acme/tickets", "pii": None},
        ("acme/clicks", "acme/tickets"),
        [("dataset-class", '"acme/tickets"')],
    ),
    (
        {"dataset": "internal"},
        ("acme/clicks", "acme/tickets"),
        [("dataset-class", '"acme/tickets"')],
    ),
    ({"dataset": "internal"}, ("", ""), []),
    ({"dataset": "internal"}, ("acme/clicks", "acme/open-web"), []),
    (
        {"dataset": "acme/odd", "pii": "pseudonymous"},
        ("acme/clicks", "acme/odd"),
        [("dataset-class", '"acme/odd"')],
    ),
    (
        {"dataset": "acme/customers", "pii": "present"},
        ("acme/clicks", "acme/customers"),
        [("use-case", '"acme/customers"')],
    ),
    (
        {"dataset": "acme/customers", "pii": "present", "use_case": None},
        ("acme/clicks", "acme/customers"),
        [("use-case", '"acme/customers"')],
    ),
    (
        {"dataset": "acme/customers", "pii": "present", "use_case": "churn"},
        ("acme/clicks", "acme/customers"),
        [],
    ),
    ({"base_model": "acme/chat"}, ("", ""), [("model-mismatch", '"acme/encoder"')]),
    ({"base_model": "acme/chat"}, ("acme/encoder", "acme/chat"), [("use-case", '"acme/chat"')]),
    ({"base_model": "acme/*"}, ("acme/encoder", "acme/new"), [("model-mismatch", '"acme/new"')]),
    ({"export": "none"}, ("", ""), [("export-mismatch", '"acme/ranker"')]),
    ({"export": None}, ("", ""), [("export-mismatch", '"acme/ranker"')]),
    ({}, ("acme/ranker", "ranker"), [("export-mismatch", '"ranker"')]),
    ({"export": "public"}, ("acme/ranker", "ranker"), []),
    ({}, ("acme/ranker", "acme/../evil/ranker"), [("export-mismatch", '"acme/../evil/ranker"')]),
    ({"owner": "vic"}, ("", ""), [("owner-unknown", "vic")]),
    ({"expires": "2026-11-19"}, ("", ""), [("declaration-expired", "2026-11-19")]),
    ({"expires": "2026-11-20"}, ("", ""), []),
    ({"pii": "some"}, ("", ""), [("declaration-invalid", "some")]),
    ({"datasets": "acme/clicks"}, ("", ""), [("declaration-invalid", "datasets")]),
    ({"reviewed": "false"}, ("", ""), [("undeclared", "false")]),
    (
        {"dataset": "'*'"},
        ("", ""),
        [("declaration-invalid", "'*'"), ("dataset-mismatch", '"acme/clicks"')],
    ),
    (
        {"base_model": "['**/*']"},
        ("", ""),
        [("declaration-invalid", "'**/*'"), ("model-mismatch", '"acme/encoder"')],
    ),
]


@freeze_time("2026-11-20 23:30")
@pytest.mark.parametrize(("declared", "code", "expected"), BROKEN)
def test_a_rule_finds_what_breaks_it_at_its_place(
    project: Project,
    declared: dict[str, str | None],
    code: tuple[str, str],
    expected: list[tuple[str, str]],
) -> None:
    text = block(**declared) + (CODE.replace(*code) if code[0] else CODE)
    project.write("train.py", text)
    lines = text.split("\n")
    found = [
        (finding["rule"], lines[finding["line"] - 1][finding["column"] - 1 :])
        for finding in project.found()
    ]
    assert len(found) == len(expected), found
    for (rule, at), (wanted, start) in zip(found, expected, strict=True):
        assert rule == wanted
        assert at.startswith(start), (rule, at)


def test_training_code_without_a_declaration_is_found(project: Project) -> None:
    project.write("train.py", CODE)
    (finding,) = project.found()
    assert finding["rule"] == "undeclared"
    assert "acme/clicks" in finding["found"]


def test_code_that_does_not_train_needs_no_declaration(project: Project) -> None:
    project.write("train.py", CODE.replace(".train()", ""))
    assert project.rules() == []


def test_code_that_declares_is_held_to_it_though_it_does_not_train(project: Project) -> None:
    code = CODE.replace(".train()", "").replace("acme/ranker", "elsewhere/ranker")
    project.write("train.py", block() + code)
    assert project.rules() == ["export-mismatch"]


UNKNOWN = CODE.replace('"acme/clicks"', "sys.argv[1]").replace(
    "from datasets", "import sys\nfrom datasets", 1
)


def test_what_cannot_be_known_is_found_unless_arguments_are_declared(project: Project) -> None:
    project.write("train.py", block() + UNKNOWN)
    assert project.rules() == ["not-known"]
    project.write("train.py", block(dataset="from arguments") + UNKNOWN)
    assert project.rules() == []


def test_a_comment_suppresses_nothing_and_is_found(project: Project) -> None:
    for comment in ("# guardrails: ignore", "# noqa: warroom", "# warroom: disable=undeclared"):
        code = CODE.replace("    data =", f"    {comment}\n    data =")
        project.write("train.py", block(export="none") + code)
        assert sorted(project.rules()) == ["export-mismatch", "suppression"], comment


def test_a_syntax_error_is_a_finding(project: Project) -> None:
    project.write("train.py", block() + CODE + "\n)\n")
    (finding,) = project.found()
    assert finding["rule"] == "syntax"
    assert finding["line"] == len((block() + CODE).split("\n")) + 1


def test_code_for_a_newer_python_is_mended_by_checking_with_that(project: Project) -> None:
    """Which one has read it is said where nothing is compared by: a fact and a fingerprint of the
    finding are the same whichever Python it was.
    """
    version = f"Python {sys.version_info.major}.{sys.version_info.minor}"
    prints = set()
    for wrong in (")", "x = = 1"):
        project.write("train.py", f"{block()}{CODE}\n{wrong}\n")
        (finding,) = project.found()
        assert "3." not in finding["message"]
        assert finding["mend"].startswith(f"Mend the file. {version} has read it; ")
        prints.add(finding["fingerprint"])
    assert len(prints) == 1


def test_a_rule_is_as_grave_as_the_project_says(project: Project) -> None:
    project.write("train.py", CODE)
    project.write("config/guardrails.yaml", "severities: {undeclared: critical}\n")
    assert [finding["severity"] for finding in project.found()] == ["critical"]


def test_the_nearest_declaration_wins_key_by_key(project: Project) -> None:
    project.write("guardrails.yaml", "export: public\nowner: viv\npii: none\n")
    project.write("a/guardrails.yaml", "guardrails:\n  dataset: acme/clicks\n  export: none\n")
    project.write("a/train.py", "# guardrails:\n#   base_model: acme/encoder\n" + CODE)
    project.write("train.py", block())
    (finding,) = project.found()
    assert (finding["path"], finding["rule"]) == ("a/train.py", "export-mismatch")


def test_a_wrong_file_above_is_told_once(project: Project) -> None:
    project.write("guardrails.yaml", "export: nowhere\n")
    project.write("b.py", block() + CODE)
    found = project.found()
    assert [(each["path"], each["line"], each["rule"]) for each in found] == [
        ("guardrails.yaml", 1, "declaration-invalid")
    ]


def test_nothing_above_the_checked_folder_declares(project: Project) -> None:
    project.folder.parent.joinpath("guardrails.yaml").write_text("dataset: acme/clicks\n")
    project.write("train.py", CODE)
    assert project.rules() == ["undeclared"]


def test_people_known_by_people_yaml_are_owners(project: Project) -> None:
    project.write(
        "config/people.yaml", "people:\n  val: {email: val@acme.test}\ngroups: {legal: [val]}\n"
    )
    for owner, rules in (
        ("val", []),
        ("legal", []),
        ("val@acme.test", []),
        ("viv", ["owner-unknown"]),
    ):
        project.write("train.py", block(owner=owner) + CODE)
        assert project.rules() == rules, owner


def test_the_checked_tree_names_no_catalogue(project: Project) -> None:
    """A `.env` in a branch, or a declaration, must not choose what the branch is held to."""
    project.write("generous.yaml", "datasets: [{pattern: '*', classification: public}]\n")
    project.write(".env", "WARROOM_CATALOGUE=generous.yaml\nWARROOM_CONFIG=elsewhere\n")
    project.write("train.py", block(dataset="x") + CODE.replace("acme/clicks", "x"))
    assert project.rules() == ["dataset-unlisted"]


def test_a_catalogue_elsewhere_is_named_by_the_environment(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.write("../elsewhere.yaml", "datasets: [{name: x, classification: public}]\n")
    monkeypatch.setenv("WARROOM_CATALOGUE", "../elsewhere.yaml")
    project.write("train.py", block(dataset="x", owner=None) + CODE.replace("acme/clicks", "x"))
    assert project.rules() == ["export-mismatch"]
    monkeypatch.setenv("WARROOM_CATALOGUE", "missing.yaml")
    result = project.run()
    assert result.exit_code == 2
    assert "missing.yaml" in result.output


def test_a_folder_that_is_named_and_is_not_there_stops_the_check(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a mistyped name nothing would be compared with any catalogue."""
    monkeypatch.setenv("WARROOM_CONFIG", "confg")
    result = project.run()
    assert result.exit_code == 2
    assert "WARROOM_CONFIG: found no folder confg, need" in result.output


def test_a_wrong_catalogue_stops_the_check_with_its_place(project: Project) -> None:
    project.write("config/catalogue.yaml", "datasets:\n  - {nme: x, classification: public}\n")
    result = project.run()
    assert result.exit_code == 2
    assert result.output.count("catalogue.yaml:") == 1
    place = "config/catalogue.yaml:2:6"
    assert f"{place}: found the unknown key 'nme', did you mean 'name'?" in result.output


def test_a_key_that_is_misspelt_is_told_once_and_where_the_rules_stand(project: Project) -> None:
    """A declaration may have the same file's name."""
    project.write("config/guardrails.yaml", "calls:\n  - {cal: acme.load}\n  - {uses: dataset}\n")
    result = project.run()
    assert result.exit_code == 2
    told = [line for line in result.output.splitlines() if "guardrails.yaml:" in line]
    assert told == [
        "warroom: config/guardrails.yaml:2:6: found the unknown key 'cal', did you mean 'call'?",
        "config/guardrails.yaml:3:5: found no 'call', need one here",
    ]


def test_without_a_catalogue_declared_and_found_are_compared_alone(project: Project) -> None:
    project.folder.joinpath("config/catalogue.yaml").unlink()
    project.write("train.py", block(dataset="x", export="public") + CODE)
    result = project.run("--offline")
    assert result.exit_code == 1
    assert "dataset-mismatch" in result.output
    assert "unlisted" not in result.output
    assert "note: There is no catalogue config/catalogue.yaml" in result.output


def test_every_declared_key_is_read(project: Project) -> None:
    more = {"team": "search", "risk_class": "high", "covenant": "c-1", "expires": "2099-01-01"}
    project.write("train.py", block(**DECLARED, **more) + CODE)
    assert project.rules() == []


def test_what_is_declared_and_used_by_no_known_call_cannot_be_known(project: Project) -> None:
    """A loader of one's own would else pass for whatever is declared, until it is named."""
    code = CODE.replace("from datasets import load_dataset", "import acme_lake")
    project.write("train.py", block() + code.replace("load_dataset(", "acme_lake.table("))
    (finding,) = project.found()
    assert (finding["rule"], finding["line"]) == ("not-known", 2)
    assert "under `calls:`" in finding["mend"]
    summary = project.run("--offline").output.splitlines()[-1]
    assert summary.startswith("1 finding that can't be known from here; ")
    named = "calls: [{call: acme_lake.table, uses: dataset, argument: 0}]\n"
    project.write("config/guardrails.yaml", named)
    assert project.rules() == []
    project.write(
        "train.py",
        block(dataset="acme/tickets") + code.replace("load_dataset(", "acme_lake.table("),
    )
    assert project.rules() == ["dataset-mismatch"]
    project.write(
        "train.py",
        block(base_model="acme/chat") + CODE.replace("AutoModel.from_pretrained", "acme.model"),
    )
    assert "not-known" in project.rules()


UNREADABLE = "# guardrails:\n#   dataset: [acme/clicks\n#   owner: viv\n"


@pytest.mark.parametrize("place", ["train.py", "guardrails.yaml"])
def test_what_is_done_under_a_declaration_that_cant_be_read_is_a_part_of_the_finding(
    project: Project, place: str
) -> None:
    """An exception on the one doesn't hold once the file does something else."""
    if place == "train.py":
        begin = UNREADABLE
    else:
        begin = ""
        project.write("guardrails.yaml", "dataset: [acme/clicks\nowner: viv\n")
    told = []
    for data in ("acme/clicks", "acme/customers"):
        project.write("train.py", begin + CODE.replace("acme/clicks", data))
        found = [each for each in project.found() if each["path"] == "train.py"]
        assert {each["rule"] for each in found} == {"declaration-invalid"}
        assert all(f"learns from {data}" in each["found"] for each in found)
        told.append({each["fingerprint"] for each in found})
    assert not told[0] & told[1]


@pytest.mark.parametrize("head", ["guardrail", "guardrials", "Guardrails", "guard-rails"])
def test_a_head_with_a_slip_in_it_is_named(project: Project, head: str) -> None:
    """What was meant to declare declares nothing, and that would be hard to see."""
    project.write("train.py", "# Trains.\n" + block().replace("guardrails", head) + CODE)
    (finding,) = project.found()
    assert finding["rule"] == "undeclared"
    assert finding["message"].endswith("Is line 2 meant as `guardrails:`?")


@pytest.mark.parametrize("words", ["# Note: see guardrails", "# details: none", "# guards: no"])
def test_other_words_are_no_slip(project: Project, words: str) -> None:
    project.write("train.py", f"{words}\n{CODE}")
    (finding,) = project.found()
    assert finding["message"] == "Trains, and declares nothing."
