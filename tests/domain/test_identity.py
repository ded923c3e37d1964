"""An identity in whichever spelling is the same account, and what can be none is refused."""

import pytest

from bot.domain.identity import read
from bot.domain.person import EMAIL, GITHUB, SLACK

VAL = "email:val@acme.test"


@pytest.mark.parametrize(
    "text",
    [
        "val@acme.test",
        " Val@ACME.test\n",
        "Val Example <val@acme.test>",
        '"Example, Val" <val@acme.test>',
        "<val@acme.test>",
        "val@acme.test (Val Example)",
        "(Val) val@acme.test",
        "mailto:val@acme.test",
        "MAILTO:val%40acme.test?subject=ranker",
        "<mailto:val@acme.test|val@acme.test>",
        "Val <mailto:val@acme.test>",
        "'val@acme.test'",
        '"val"@acme.test',
        "val@acme.test.",
        "v\u200bal@acme.test",
        "\ufeffval@acme.test",
        "val\u00ad@acme.test",
        "mailto:v%00al%E2%80%8B@acme.test",
        "\uff56al\uff20acme.test",
    ],
)
def test_an_address_is_one_in_any_spelling(text: str) -> None:
    assert read(EMAIL, text).account == VAL


def test_a_plus_tag_is_the_mailboxs_own_business() -> None:
    tagged = read(EMAIL, "Val <val+ci+x@acme.test>")
    assert (tagged.account, tagged.same) == ("email:val+ci+x@acme.test", (VAL,))


def test_an_international_domain_is_one_in_both_forms() -> None:
    assert read(EMAIL, "val@b\u00fccher.test") == read(EMAIL, "val@xn--bcher-kva.test")


@pytest.mark.parametrize(
    ("system", "text"),
    [
        (EMAIL, "1234567+Val@users.noreply.github.com"),
        (EMAIL, "val@users.noreply.github.com"),
        (EMAIL, "Val <val@users.noreply.github.acme.test>"),
        (GITHUB, "val"),
        (GITHUB, "@Val"),
        (GITHUB, "https://github.com/val"),
        (GITHUB, "http://www.github.com/Val/?tab=repositories#top"),
        (GITHUB, "github.com/val"),
        (GITHUB, "https://github.acme.test/val/"),
        (GITHUB, "https://api.github.com/users/val"),
        (GITHUB, "v\u200dal"),
    ],
)
def test_a_login_is_one_in_any_spelling(system: str, text: str) -> None:
    assert read(system, text).account == "github:val"


def test_the_suffix_of_a_managed_account_says_who_it_may_be_and_not_who_it_is() -> None:
    managed = read(EMAIL, "9+Val_acme@users.noreply.github.com")
    assert managed == read(GITHUB, "@val_acme")
    assert (managed.account, managed.perhaps) == ("github:val_acme", ("github:val",))


@pytest.mark.parametrize(
    "text",
    [
        "U0VAL",
        "u0val",
        "<@U0VAL>",
        "<@U0VAL|val>",
        "https://acme.slack.com/team/U0VAL",
        "https://app.slack.com/client/T0ACME/C0X/user_profile/U0VAL/",
        "slack://user?team=T0ACME&id=U0VAL",
    ],
)
def test_a_slack_user_is_one_in_any_spelling(text: str) -> None:
    assert read(SLACK, text).account == "slack:U0VAL"


@pytest.mark.parametrize(
    ("system", "text"),
    [
        (EMAIL, "noreply@github.com"),
        (EMAIL, "GitHub <NoReply@GitHub.com>"),
        (EMAIL, "49699333+dependabot[bot]@users.noreply.github.com"),
        (GITHUB, "web-flow"),
        (GITHUB, "dependabot[bot]"),
        (GITHUB, "https://github.com/apps/dependabot"),
    ],
)
def test_what_github_does_by_itself_is_nobody(system: str, text: str) -> None:
    assert read(system, text).is_nobody


@pytest.mark.parametrize(
    ("system", "text"),
    [
        *((EMAIL, text) for text in ("val", "@val", "val@", "a@b@c.test", "Val val@acme.test")),
        *((EMAIL, text) for text in ("val @acme.test", "val@acme.test, eve@acme.test", "<>", "")),
        (EMAIL, "Val <val@acme.test> <eve@acme.test>"),
        (EMAIL, f"{'v' * 200}@acme.test"),
        (EMAIL, "val\ud800@acme.test"),  # half a character, which no text can hold
        *((GITHUB, text) for text in ("val@acme.test", "val example", "-val", "", "acme/val")),
        *((GITHUB, text) for text in ("https://github.com/val/ranker", "<@U0VAL>")),
        *((SLACK, text) for text in ("@val", "val", "wendy", "@U0VAL", "C0ROOM", "<#C0ROOM>", "U")),
        (SLACK, "https://acme.slack.com/archives/C0ROOM"),
        (SLACK, "http://[x"),
    ],
)
def test_what_cannot_be_an_identity_is_refused_with_what_is_needed(system: str, text: str) -> None:
    with pytest.raises(ValueError, match=r"found .*, need "):
        read(system, text)
