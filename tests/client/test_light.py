"""What a pipeline runs takes Python and three small packages, and nothing of the server."""

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from bot import __version__
from bot.http.client_archive import PACKAGES, archive
from tests.staging.environment import ROOT

IMPORT = "import importlib, sys; [importlib.import_module(each) for each in sys.argv[1:]]"
MODULES = [
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
    for part in ("client", "check")
    for path in sorted((ROOT / "bot" / part).rglob("*.py"))
]


def _python(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """A Python that has what lies in this folder, and none of the packages that are installed."""
    return subprocess.run(
        [sys.executable, "-S", *words], env={"PYTHONPATH": str(folder), "PATH": ""},
        cwd=folder, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """What `pip install policy-war-room` brings."""
    (tmp_path / "bot").symlink_to(ROOT / "bot")
    for package in PACKAGES:
        spec = find_spec(package)
        assert spec
        assert spec.origin
        (tmp_path / package).symlink_to(Path(spec.origin).parent)
    return tmp_path


def test_no_module_of_it_needs_another_package(installed: Path) -> None:
    done = _python(installed, "-c", IMPORT, *MODULES)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_pipelines_commands_run_without_the_servers_packages(installed: Path) -> None:
    done = _python(installed, "-m", "bot", "gate", "--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert "--on-unreachable" in done.stdout


@pytest.mark.parametrize("command", ["serve", "doctor", "send", "stats", "demo"])
def test_a_command_of_the_server_says_which_packages_it_needs(
    installed: Path, command: str
) -> None:
    done = _python(installed, "-m", "bot", command)
    assert (done.returncode, done.stdout) == (2, "")
    assert "this command needs the server's packages, found no " in done.stderr
    at = f"git+https://github.com/policy-war-room/policy-war-room@v{__version__}"
    assert done.stderr.endswith(f"pip install 'policy-war-room[server] @ {at}'\n")


def test_what_is_handed_out_needs_no_package_at_all(tmp_path: Path) -> None:
    (tmp_path / "warroom.pyz").write_bytes(archive(""))
    (tmp_path / "nothing").mkdir()
    for words, said in (
        (("gate", "--help"), "--on-unreachable"),
        (("check", "--help"), "Compare what training code declares"),
        (("check", "--offline", str(ROOT / "bot" / "client")), "no findings"),
        (("--version",), "warroom, "),
    ):
        done = _python(tmp_path / "nothing", "-I", "../warroom.pyz", *words)
        assert (done.returncode, done.stderr) == (0, "")
        assert said in done.stdout
