"""After a first contact: its report applied to a copy, the client generated, the listed edits made, the README run."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

from astra.first_contact.report import Report
from astra.sandbox import Sandbox
from scripts.import_spec.__main__ import import_contact
from scripts.import_spec.adopt import Adopted
from scripts.import_spec.hand_edits import make
from scripts.spec_document.load import DEFAULT_PATH, Document, load
from scripts.stand_in.plan import Plan
from scripts.stand_in.server import standing_in

ROOT = Path(__file__).resolve().parent.parent.parent
COPIED = ("astra", "generated", "scripts", "spec")
SHIM = Path(__file__).with_name("shim.py")


class FlowFailedError(Exception):
    """A step after the first contact went wrong; the text says which, and how."""


def mend(report: Report, folder: Path) -> list[str]:
    """Makes a copy of the SDK that speaks as the report says.

    Args:
        report: of a first contact.
        folder: where the copy goes.

    Returns:
        The edits that were made by hand, as the report lists them.

    Raises:
        FlowFailedError: a step went wrong.
    """
    ours = load(DEFAULT_PATH, root=ROOT)
    adopted = import_contact(report, ours=ours, text=(ROOT / DEFAULT_PATH).read_text(encoding="utf-8")).adopted
    assert adopted is not None
    return follow(adopted, folder)


def follow(adopted: Adopted, folder: Path, *, copied: tuple[str, ...] = COPIED) -> list[str]:
    """Makes a copy of the SDK with another spec: generates, makes the edits that the report lists, derives.

    Args:
        adopted: the spec as it becomes, and the text that has to follow.
        folder: where the copy goes.
        copied: what of the repository is copied.

    Returns:
        The edits that were made by hand.

    Raises:
        FlowFailedError: a step went wrong.
    """
    regenerated(adopted.text, folder, copied=copied)
    done = [one for one in adopted.hand_edits if (folder / one.file).exists()]
    for one in done:
        make(one, folder)
    run_in(folder, "scripts/unasync.py")
    return [one.line for one in done]


def regenerated(text: str, folder: Path, *, copied: tuple[str, ...] = COPIED) -> None:
    """Makes a copy of the SDK with another spec, and generates its client.

    Args:
        text: the spec.
        folder: where the copy goes.
        copied: folders and files of the repository.

    Raises:
        FlowFailedError: it cannot be generated.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name in (*copied, "pyproject.toml"):
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy2(ROOT / name, folder)
    (folder / DEFAULT_PATH).write_text(text, encoding="utf-8")
    run_in(folder, "scripts/generate.py")


def type_errors(folder: Path) -> str:
    """What mypy says of the facade of a copy; nothing when there is nothing to say.

    A module that went is found where the environment has the SDK installed; an import tells.
    """
    command = [sys.executable, "-m", "mypy", "--no-error-summary", "astra/resources", "astra/pagination"]
    done = subprocess.run(
        command, cwd=folder, env=_environment(folder), capture_output=True, text=True, check=False, timeout=300
    )
    return done.stdout + done.stderr


def run_in(folder: Path, *command: str) -> None:
    """Runs Python in a copy.

    Raises:
        FlowFailedError: it ended with an error.
    """
    done = subprocess.run([sys.executable, *command], cwd=folder, env=_environment(folder), capture_output=True,
                          text=True, check=False, timeout=300)  # fmt: skip
    if done.returncode:
        raise FlowFailedError(f"{' '.join(command)} ended with {done.returncode}: {done.stdout}{done.stderr}")


def _environment(folder: Path) -> dict[str, str]:
    return {"PATH": "/usr/bin:/bin", "PYTHONPATH": f"{folder}:{folder / 'generated'}"}


def run_readme(document: Document, plan: Plan, folder: Path, *, number: int = 0) -> str:
    """Runs a program of the README with a mended copy, against the stand-in.

    Args:
        document: our spec.
        plan: of the stand-in.
        folder: the copy.
        number: which program.

    Returns:
        What became of a list of several pages: `whole`, or the name of the error that refuses to cut it.

    Raises:
        FlowFailedError: it ended otherwise than against the sandbox.
    """
    programs = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    program = folder / "readme.py"
    program.write_text(programs[number], encoding="utf-8")
    with Sandbox(seed=plan.seed) as sandbox, standing_in(document, plan, behind=sandbox.url) as stand_in:
        running = subprocess.Popen(
            [sys.executable, "-W", "error", str(SHIM), str(program), stand_in.url, sandbox.client_id,
             sandbox.client_secret, sandbox.redirect_uri],
            cwd=folder, env=_environment(folder), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        with running:
            assert running.stdin is not None
            assert running.stdout is not None
            assert running.stderr is not None
            said: list[str] = []
            for line in running.stdout:
                if line.startswith("authorize "):
                    running.stdin.write(f"{sandbox.authorize(user_intent_id=line.split()[1])}\n")
                    running.stdin.flush()
                else:
                    said.append(line.strip())
            wrong = running.stderr.read()
    *printed, pages = said or [""]
    if running.returncode or wrong or not any(re.fullmatch(r"\S+ active\S* 20\.00 \S+", line) for line in printed):
        raise FlowFailedError(f"the README's program ended with {running.returncode}: {wrong or printed}")
    return pages
