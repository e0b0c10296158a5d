"""A shell completes `astra` and the commands under it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from astra.cli.main import GROUPS
from tests.cli.processes import ASTRA, clean, run, shell

_ASK = 'eval "$(astra --show-completion)"; COMP_WORDS=({words}); COMP_CWORD={at}; '
_ASK += '_astra_completion "$1" "" ""; printf "%s\\n" "${{COMPREPLY[@]}}"'


def offered(*words: str) -> set[str]:
    """What bash offers for the last of the words, by the script that `astra` gave it."""
    line = _ASK.format(words=" ".join(f"'{word}'" for word in words), at=len(words) - 1)
    with TemporaryDirectory() as folder:
        program = Path(folder) / "astra"  # bash calls it by its name
        program.write_text(f'#!/bin/sh\nexec {sys.executable} -m astra "$@"\n')
        program.chmod(0o755)
        settings = clean(PATH=f"{folder}:/usr/local/bin:/usr/bin:/bin")
        done = subprocess.run(
            ["bash", "-c", line, "bash", "astra"], capture_output=True, text=True, env=settings, timeout=60, check=False
        )
    assert done.stderr == ""
    return set(done.stdout.split())


def test_bash_offers_every_command() -> None:
    assert offered("astra", "") == set(GROUPS)
    assert offered("astra", "to") == {"tokens"}


def test_bash_offers_what_stands_under_a_command() -> None:
    assert {"list", "show", "keep-alive"} <= offered("astra", "tokens", "")
    assert offered("astra", "tokens", "list", "--st") == {"--store", "--state"}


@pytest.mark.parametrize(
    ("shell_name", "mark"),
    [
        ("bash", "complete -o default -F _astra_completion astra"),
        ("zsh", "#compdef astra"),
        ("fish", "complete --command astra"),
    ],
)
def test_each_shell_gets_its_script(shell_name: str, mark: str) -> None:
    done = run("--show-completion", shell_name, _TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION="1")
    assert (mark in done.stdout, done.returncode, done.stderr) == (True, 0, "")
    assert "_ASTRA_COMPLETE" in done.stdout


def test_completion_is_installed_for_the_one_command(tmp_path: Path) -> None:
    done = shell("astra --install-completion", HOME=str(tmp_path))
    assert (done.returncode, done.stderr) == (0, "")
    assert "bash_completions/astra.sh" in (tmp_path / ".bashrc").read_text()
    assert (tmp_path / ".bash_completions" / "astra.sh").is_file()


def test_only_astra_itself_offers_to_install_it() -> None:
    assert "--install-completion" in run("--help").stdout
    assert "completion" not in run("tokens", "--help").stdout


def test_as_a_module_it_has_the_same_name() -> None:
    done = subprocess.run(ASTRA, capture_output=True, text=True, env=clean(), timeout=60, check=False)
    assert done.stdout.startswith("Usage: astra [OPTIONS] COMMAND [ARGS]...")
    assert run("tokens", "list", "--help").stdout.startswith("Usage: astra tokens list [OPTIONS]")
