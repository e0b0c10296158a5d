"""Runs the programs of a guide, beside a local Astra.

    pip install 'astra-finance[sandbox]'
    python examples/try_it.py docs/guides/payments.md   # each program of the page, and what it prints
    python examples/try_it.py my_program.py             # a program of yours, with the same names
    python examples/try_it.py                           # a Python prompt

Programs of guides and recipes go on from three names: `sandbox` is the local Astra, `astra` a client of it, and `user`
the session of a person with two bank accounts, under the key "customer-42". `Astra.from_env()` makes such a client too.

Your own `ASTRA_*` variables are left aside: nothing here leaves this machine. What a page writes goes into a folder
that is deleted at the end.
"""

from __future__ import annotations

import argparse
import code
import logging
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from astra import Astra
from astra.sandbox import Sandbox

PROGRAM = re.compile(r"^```python (?P<words>.*)\n(?P<text>[\s\S]*?)^```$", re.MULTILINE)


@contextmanager
def quiet() -> Iterator[None]:
    """Keeps warnings of the SDK from the terminal."""
    logger = logging.getLogger("astra")
    before = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(before)


@contextmanager
def names(folder: Path) -> Iterator[dict[str, Any]]:
    """Gives what the programs go on from."""
    for name in [name for name in os.environ if name.startswith("ASTRA_")]:
        del os.environ[name]
    with Sandbox() as sandbox:
        os.environ.update(
            ASTRA_CLIENT_ID=sandbox.client_id,
            ASTRA_CLIENT_SECRET=sandbox.client_secret,
            ASTRA_BASE_URL=sandbox.url,
            ASTRA_REDIRECT_URI=sandbox.redirect_uri,
            ASTRA_TOKEN_STORE=f"sqlite:///{folder.as_posix()}/tokens.db",
            ASTRA_REQUEST_LOG=f"sqlite:///{folder.as_posix()}/requests.db",
            ASTRA_IDEMPOTENCY_STORE=f"sqlite:///{folder.as_posix()}/payments.db",
        )
        with Astra.from_env() as astra:
            with quiet():  # the warning of a new store is no part of a page
                astra.payments.store.check_writable()
            person = sandbox.users.create(accounts=2)
            user = astra.oauth.exchange(sandbox.authorize(user_id=person.id), key="customer-42")
            yield {"__name__": "__main__", "sandbox": sandbox, "astra": astra, "user": user}


def run_page(page: str, text: str, known: dict[str, Any]) -> None:
    """Runs the programs of a page in their order, each after its own text."""
    for program in PROGRAM.finditer(text):
        line = text.count("\n", 0, program.start()) + 1
        if not program["words"].startswith("run"):
            print(f"--- {page}, line {line}: {program['words']}\n")
            continue
        print(f"--- {page}, line {line}\n{program['text']}---")
        # The empty lines make a traceback name the line of the page.
        exec(compile("\n" * line + program["text"], page, "exec", dont_inherit=True), known)
        print()


def main() -> None:
    """Runs a page or a program, or shows a prompt."""
    parser = argparse.ArgumentParser(description="Runs a page's programs or one of yours with sandbox, astra and user.")
    parser.add_argument("file", nargs="?", type=Path, help="a page (.md) or a program; without it, a prompt")
    file: Path | None = parser.parse_args().file
    if file is not None and not file.is_file():
        parser.error(f"there is no file {file.resolve()}")
    text = "" if file is None else file.read_text(encoding="utf-8-sig")
    if file is not None and file.suffix == ".md":
        begun = len(re.findall(r"^[ \t>]*(?:```+|~~~+)[ \t]*python[ \t]+run\b", text, re.MULTILINE))
        found = sum(program["words"].startswith("run") for program in PROGRAM.finditer(text))
        if not begun:
            parser.error(f"{file} has no program that runs by itself")
        if begun != found:
            parser.error(f"{file} begins {begun} programs, of which {found} are whole: each stands between a line that "
                         "begins with ```python run and a line ```, without blanks before or behind")  # fmt: skip
    home = Path.cwd()
    with TemporaryDirectory() as folder, names(Path(folder)) as known:
        if file is None:
            code.interact("sandbox, astra and user are there. Ctrl-D ends.", local=known, exitmsg="")
        elif file.suffix != ".md":
            exec(compile(text, str(file), "exec", dont_inherit=True), known)
        else:
            os.chdir(folder)
            try:
                run_page(str(file), text, known)
            finally:
                os.chdir(home)


if __name__ == "__main__":
    main()
