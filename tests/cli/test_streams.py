"""Commands whose output is closed, full or in an old encoding end with a line and an exit code, with no traceback."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.tokens.conftest import url  # noqa: F401 - a fixture
from tests.cli.tokens.operators import dead, make, put

ASTRA = f"{sys.executable} -m astra"


def shell(command: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Runs a command line, in which "astra" is this one."""
    return subprocess.run(
        ["bash", "-c", command.replace("astra", ASTRA, 1)],
        capture_output=True,
        text=True,
        env=os.environ | variables,
        timeout=60,
        check=False,
    )


@pytest.fixture
def full(url: str) -> str:  # noqa: F811 - a fixture
    """A store with people whose keys and letters are of many kinds."""
    put(url, make("k0"), make("kü中"), dead("d\x1b[31m", reason="\x1b[2Jcleared"))
    return url


@pytest.mark.sampled(2)
@pytest.mark.parametrize(
    "command", ["list", "list --json", "show k0", "find --astra-user usr_k0", "status", "export -"]
)
def test_output_that_is_closed_is_one_line_and_exit_code_2(full: str, command: str) -> None:
    ended = shell(f"astra tokens {command} >&-")
    assert ended.returncode == 2
    told = [line for line in ended.stderr.splitlines() if "grants of" not in line and "exported" not in line]
    assert len(told) == 1, ended.stderr
    assert told[0].startswith("error: ")
    assert "Bad file descriptor" in told[0]


def test_a_full_disk_counts_for_more_than_what_the_command_found(full: str) -> None:
    ended = shell("astra tokens status >/dev/full")
    assert ended.returncode == 2
    assert ended.stderr.endswith("error: OSError: No space left on device\n")


def test_a_doctor_whose_output_is_closed_says_so(full: str) -> None:
    ended = shell("astra doctor --offline >&-")
    assert (ended.returncode, ended.stderr) == (2, "error: OSError: Bad file descriptor\n")


def test_without_standard_error_a_command_works_and_its_exit_code_tells(full: str) -> None:
    assert "kü中" in shell("astra tokens list 2>&-", PYTHONUTF8="1").stdout
    assert shell("astra tokens show nobody 2>&-").returncode == 7


def test_without_standard_input_an_import_has_no_file(full: str) -> None:
    ended = shell("astra tokens import - --yes <&-")
    assert ended.returncode == 2
    assert ended.stderr.startswith("error: InvalidRequestError: The file is no file that astra tokens export wrote")


@pytest.mark.parametrize("command", ["list", "show kü中", "find --astra-user usr_kü中"])
def test_what_the_terminal_cannot_encode_is_written_as_an_escape(full: str, command: str) -> None:
    ended = shell(f"astra tokens {command}", PYTHONIOENCODING="ascii")
    assert ended.returncode == 0, ended.stderr
    assert "k\\xfc\\u4e2d" in ended.stdout


@pytest.mark.parametrize("command", ["status", "list", "list --all-identities", "show nobody", "rotate-keys --yes"])
def test_no_text_of_others_moves_the_cursor_of_the_terminal(
    full: str, command: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from astra.tokens import Identity

    put(full, make("x", identity=Identity("sandbox\x1b[2J", "c\x1b[31m")))
    ended = shell(f"astra tokens {command}")
    assert "\x1b" not in ended.stdout + ended.stderr
