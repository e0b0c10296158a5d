"""Finds the local sandbox that a command talks to."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Final
from urllib.parse import urlsplit

import typer

from astra.cli.errors import fail
from astra.cli.exits import ExitCode
from astra.config import is_loopback, read_environment
from astra.errors import ConfigurationError

if TYPE_CHECKING:
    from astra.sandbox import RemoteSandbox

USUAL: Final = "http://127.0.0.1:8787"
SandboxOption = Annotated[
    str | None,
    typer.Option(
        "--sandbox",
        metavar="URL",
        help="Control URL that `astra sandbox` printed; default: ASTRA_BASE_URL on this machine, or port 8787, with "
        "the token of ASTRA_SANDBOX_TOKEN.",
    ),
]


def find_sandbox(given: str | None) -> str:
    """Returns the URL of the sandbox: as given, as in the environment, or the usual one.

    Args:
        given: the option.
    """
    if given:
        return given
    base = read_environment().base_url or ""
    return base if is_loopback(urlsplit(base).hostname or "") else USUAL


@contextmanager
def controlled(given: str | None) -> Generator[RemoteSandbox]:
    """Lends the controls of a running sandbox; where none runs, it is said how to start one.

    Args:
        given: the option.
    """
    from astra.sandbox import RemoteSandbox

    url = find_sandbox(given)
    try:
        sandbox = RemoteSandbox(url)
    except ConfigurationError as error:
        if urlsplit(url).scheme not in ("http", "https"):
            raise
        raise ConfigurationError(
            f"The sandbox at {urlsplit(url).netloc} wants its token: pass --sandbox the control URL that "
            "`astra sandbox` printed, or set ASTRA_SANDBOX_TOKEN for both."
        ) from error
    try:
        yield sandbox
    except ConfigurationError as error:
        if isinstance(error.__cause__, OSError):
            fail(f"{error}. Start one: astra sandbox. Or say where it is: --sandbox", code=ExitCode.UNREACHABLE)
        raise
