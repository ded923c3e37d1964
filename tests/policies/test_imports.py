"""Where people come from besides the file: what `import` says, how rows are read, who they are."""

from collections.abc import Iterable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot.cli.main import command_line
from bot.domain.person import Person, unnamed
from bot.policies.claims import with_claims
from bot.policies.imported import ImportFailedError, read
from bot.policies.imports import CommandImport, CsvImport, SlackImport
from bot.policies.load import load
from bot.policies.nearest import nearest
from bot.policies.people import Directory
from tests.build import DIRECTORY, ada, val
from tests.policies.conftest import PEOPLE, Refuse


def _importing(folder: Path, text: str) -> None:
    (folder / "people.yaml").write_text(f"{PEOPLE}import: {text}\n")


def test_people_come_from_a_file_a_command_and_slack_in_the_order_of_the_list(folder: Path) -> None:
    (folder / "staff.csv").write_text("slack\n")
    _importing(
        folder,
        "[{csv: staff.csv}, {command: [ldapsearch, -x]}, {command: [ldapsearch]}, "
        "{slack: {github_field: GitHub}}]",
    )
    assert load(folder).people.imports == (
        CsvImport(name="csv staff.csv", path=folder / "staff.csv", place="people.yaml:8:16"),
        CommandImport(name="command ldapsearch", argv=("ldapsearch", "-x"), folder=folder),
        CommandImport(name="command ldapsearch (2)", argv=("ldapsearch",), folder=folder),
        SlackImport(name="slack", github_field="GitHub"),
    )


@pytest.mark.parametrize(
    ("entries", "place", "said"),
    [
        ("[{cvs: staff.csv}]", "8:11", "did you mean 'csv'?"),
        ("[{csv: 4}]", "8:16", "csv: found 4, need the path of a CSV file"),
        ("[{command: ldapsearch -x}]", "8:20", "need a list: a program and its arguments"),
        ("[{command: []}]", "8:20", "need a list: a program and its arguments"),
        ("[{slack: {github_feld: X}}]", "8:19", "did you mean 'github_field'?"),
        ("[{slack: {}}]", "8:18", "found no 'github_field'"),
        ("[{}]", "8:10", "need one of csv, command or slack"),
        ("[{csv: a.csv, command: [b]}]", "8:10", "need one of csv, command or slack"),
        ("[{slack: {github_field: X}}, {slack: {github_field: Y}}]", "8:38", "'slack' twice"),
        ("{csv: staff.csv}", "8:9", "need a list with `csv: FILE`"),
        ("[staff.csv]", "8:10", "found 'staff.csv'"),
    ],
)
def test_an_import_that_cannot_be_is_refused_with_its_place(
    folder: Path, refused: Refuse, entries: str, place: str, said: str
) -> None:
    _importing(folder, entries)
    told = refused()
    assert f"people.yaml:{place}: " in told
    assert said in told


def _lint(folder: Path) -> Result:
    return CliRunner().invoke(command_line(), ["policy", "lint", str(folder)])


@pytest.mark.parametrize("file", ["stff.csv", ".", "no/folder/staff.csv", "a" * 5000, "\\0"])
def test_an_import_of_a_file_that_is_not_there_stops_no_start_and_lint_says_where_it_is_named(
    folder: Path, file: str
) -> None:
    _importing(folder, f'[{{command: [ls]}}, {{csv: "{file}"}}]')
    assert len(load(folder).people.imports) == 2
    done = _lint(folder)
    assert done.exit_code == 1, done.output
    assert done.output.startswith(f"people.yaml:8:33: csv: found no file {folder}")
    assert (
        "need one: the path starts in its folder; until then its last import holds" in done.output
    )
    assert done.output.endswith("\n1 policy, 1 finding.\n")


def test_lint_names_those_who_decide_and_may_be_strangers_in_a_report(folder: Path) -> None:
    """What an import may have is a note, which doesn't fail it."""
    done = _lint(folder)
    assert (done.exit_code, done.output) == (0, "1 policy, 0 findings.\n")
    known_less = PEOPLE.replace(", github: val", "").replace("email: jude@acme.test, ", "")
    deciders = [
        "people.yaml: val decides, and has no GitHub login",
        "people.yaml: jude decides, and has no e-mail address",
    ]
    for more, code, prefix, count in (
        ("", 1, "", "2 findings"),
        ("import: [{command: [ldapsearch]}]\n", 0, "note: ", "0 findings, 2 notes"),
    ):
        (folder / "people.yaml").write_text(f"{known_less}{more}")
        done = _lint(folder)
        *lines, last = done.output.splitlines()
        assert (done.exit_code, last) == (code, f"1 policy, {count}.")
        assert [line.partition(": their")[0] for line in lines] == [
            prefix + each for each in deciders
        ]


def test_a_human_is_all_accounts_of_a_row_in_one_spelling() -> None:
    content = (
        b"\xef\xbb\xbfName, Slack, Email, GitHub, team\r\n"
        b'Ada,<@U0ADA>,"Ada <ADA@acme.test>; a.byron@acme.test",@Ada,search\r\n'
        b"\r\n"
        b'Val,,"val@acme.test,1+val@users.noreply.github.com",https://github.com/val-gh,\r\n'
        b'Ada,<@U0ADA>,"Ada <ADA@acme.test>; a.byron@acme.test",@Ada,search\r\n'
    )
    assert read(content, "staff.csv").humans == (
        ("slack:U0ADA", "email:ada@acme.test", "email:a.byron@acme.test", "github:ada"),
        ("email:val@acme.test", "github:val", "github:val-gh"),
    )


def test_lines_of_json_say_the_same() -> None:
    """A line ends where JSON lets it: what else Unicode calls an end may stand in a name."""
    content = b"""
{"slack": "U0ADA", "email": ["ada@acme.test"], "github": null, "name": "Ada"}
{"email": "val@acme.test", "github": ["val", "val-gh"]}
"""
    content = content.replace(b"Ada", b"A\xe2\x80\xa8da")
    read_as = read(content, "staff")
    assert read(content.replace(b"\n", b"\r\n"), "staff") == read_as
    assert read_as.humans == (
        ("slack:U0ADA", "email:ada@acme.test"),
        ("email:val@acme.test", "github:val", "github:val-gh"),
    )
    assert not read_as.skipped


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("U0ADA,ada,", "staff.csv:3: email: found 'ada', need an e-mail address"),
        ("@ada,,ada", "staff.csv:3: slack: found '@ada', need a Slack user id"),
        ("U0ADA,,not a login", "staff.csv:3: github: found 'not a login'"),
        (",,ada", "staff.csv:3: found no slack and no email"),
        ("U0ADA,,ada,search", "staff.csv:3: found 4 values, need 3"),
    ],
)
def test_a_row_that_cannot_be_read_is_left_out_with_its_line_and_the_others_stay(
    row: str, said: str
) -> None:
    content = f"slack,email,github\nU0VAL,,\n{row}\nU0VIV,,\n"
    read_as = read(content.encode(), "staff.csv")
    assert read_as.humans == (("slack:U0VAL",), ("slack:U0VIV",))
    assert len(read_as.skipped) == 1
    assert read_as.skipped[0].startswith(said)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('{"emial": "a@acme.test"}', "did you mean 'email'?"),
        ('{"email": 4}', "email: found 4, need text or a list of texts"),
        ("[1]", "found a list, need an object"),
        ("{", "found no valid JSON"),
    ],
)
def test_a_line_that_cannot_be_read_is_left_out_too(line: str, said: str) -> None:
    read_as = read(f'{{"slack": "U0VAL"}}\n{line}\n'.encode(), "staff")
    assert read_as.humans == (("slack:U0VAL",),)
    assert read_as.skipped[0].startswith("staff:2: ")
    assert said in read_as.skipped[0]


def test_what_stands_for_nobody_is_left_out_without_a_word() -> None:
    rows = b"slack,email,github\nU0VAL,noreply@github.com,web-flow\n,,dependabot[bot]\n"
    read_as = read(rows, "staff.csv")
    assert read_as.humans == (("slack:U0VAL",),)
    assert not read_as.skipped


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "staff.csv:1: found no header, need a first line that names the columns"),
        (b"U0ADA,ada@acme.test\n", "staff.csv:1:1: found the unknown column 'U0ADA'"),
        (b"slack,emial\n", "staff.csv:1:2: found the unknown column 'emial', did you mean 'email'"),
        (b"slack;email\n", "staff.csv:1:1: found columns separated by ';', need commas"),
        (b"slack,slack\n", "staff.csv:1:2: found the column 'slack' twice"),
        (b"github,name\n", "staff.csv:1: found no column slack or email"),
        (b"slack\nU0ADA\n\xff\n", "staff.csv:3: found the byte 0xff, need UTF-8"),
        (b'slack\n"U0ADA\n', "found no valid CSV"),
    ],
)
def test_what_cannot_be_read_as_a_whole_is_refused_with_its_place(
    content: bytes, said: str
) -> None:
    with pytest.raises(ImportFailedError) as error:
        read(content, "staff.csv")
    assert said in str(error.value)


def _owners(directory: Directory, account: str) -> list[str]:
    return [person.name for person in directory.owners(account)]


def _known(*humans: Iterable[str]) -> Directory:
    return with_claims(DIRECTORY, [tuple(human) for human in humans])


def test_an_imported_human_is_the_person_of_the_file_with_their_slack_account_or_address() -> None:
    known = _known(
        ("slack:U0ADA", "github:ada-gh"),
        ("email:val@acme.test", "github:val-gh"),
        ("slack:U0NEW", "email:new@acme.test", "github:new-gh"),
    )
    assert _owners(known, "github:ada-gh") == ["ada"]
    assert _owners(known, "github:val-gh") == ["val"]
    assert (
        _owners(known, "github:new-gh") == _owners(known, "email:new@acme.test") == ["slack:U0NEW"]
    )


def test_an_account_that_two_claim_is_both_persons() -> None:
    known = _known(("slack:U0ADA", "github:shared"), ("slack:U0VAL", "github:shared"))
    assert _owners(known, "github:shared") == ["ada", "val"]
    of_the_file = _known(("slack:U0ADA", "email:val@acme.test"))
    assert _owners(of_the_file, "email:val@acme.test") == ["val", "ada"]


def test_an_import_gives_no_name_no_account_to_act_with_and_no_role() -> None:
    known = _known(("slack:U0NEW", "email:val@acme.test", "github:val-gh"))
    assert known.people == DIRECTORY.people
    assert known.groups == DIRECTORY.groups
    assert known.in_slack("U0NEW") == unnamed("slack", "U0NEW")
    assert known.in_slack("U0VAL") == val


def test_a_slack_account_of_theirs_that_no_file_has_is_an_initiator_too() -> None:
    """Somebody may act with it: a user group may give it a role."""
    known = _known(("slack:U0SECOND", "email:val@acme.test"))
    for account in ("email:val@acme.test", "slack:U0VAL", "slack:U0SECOND"):
        assert set(_owners(known, account)) == {"val", "slack:U0SECOND"}
    for user in ("U0VAL", "U0SECOND"):
        assert {person.name for person in known.behind(user)} == {"val", "slack:U0SECOND"}
    second = known.acting("U0SECOND")
    assert second.person.name == "slack:U0SECOND"
    assert second.is_one_with(val)


def test_nobody_makes_somebody_else_the_initiator_of_their_own_changes() -> None:
    """Whoever writes val's login into their profile only adds themselves to val's changes."""
    login = val.but(accounts=(*val.accounts, "github:val"))
    directory = Directory(people={**DIRECTORY.people, "val": login})
    known = with_claims(directory, [("slack:U0NEW", "email:new@acme.test", "github:val")])
    assert _owners(known, "email:new@acme.test") == ["slack:U0NEW"]
    assert _owners(known, "github:val") == ["val", "slack:U0NEW"]


def test_who_is_neither_in_the_file_nor_in_slack_stays_unknown() -> None:
    """One of those who decide may have that address: an address alone tells nobody from them.

    Nobody is near it either: it is nobody's.
    """
    known = _known(("email:new@acme.test", "github:new-gh"), ("slack:U0NEW", "github:knew-gh"))
    assert set(known.claims) == {"slack:U0NEW", "github:knew-gh"}
    assert nearest(known, "github:new-gh") == "slack:U0NEW's knew-gh"
    assert _owners(_known(("email:new@acme.test", "github:new-gh")), "github:new-gh") == []


@pytest.mark.parametrize(
    "account", ["github:ci", "email:ci@acme.test", "email:ci+ada@acme.test", "github:merge[bot]"]
)
def test_a_service_account_is_nobody_wherever_it_is_imported(account: str) -> None:
    """With a tag too, as in a report."""
    directory = DIRECTORY.but(bots=frozenset({"github:ci", "email:ci@acme.test"}))
    known = with_claims(directory, [("slack:U0ADA", account)])
    assert _owners(known, account) == []
    assert known.is_nobody(account)


def test_a_person_of_the_file_is_not_changed_by_who_claims_their_account() -> None:
    known = _known(("slack:U0VAL", "email:ada@acme.test"))
    assert known.owners("email:ada@acme.test") == (ada, Person(name="val", accounts=val.accounts))
