"""How every command ends. Exit codes: 0 all is well; 1 something failed, or needs people; 2 it could not run: wrong
usage or settings."""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Generator
from contextlib import contextmanager, suppress
from typing import Any, NoReturn

import typer
from typer.core import TyperCommand, TyperGroup

from astra.cli.table import harmless
from astra.errors import (
    AstraConfigurationWarning,
    AstraError,
    ConfigurationError,
    InvalidRequestError,
    ReauthorizationRequired,
    StorageError,
    UnreadableGrantError,
)

FAILED, COULD_NOT_RUN = 1, 2


class _Ending:
    """An error of the SDK, or output that cannot be written, is a line and an exit code."""

    def invoke(self, ctx: Any) -> Any:
        """Runs the command."""
        try:
            try:
                with one_line_warnings():
                    command: Any = super()
                    result = command.invoke(ctx)
            except typer.Exit:
                sys.stdout.flush()  # what cannot be written counts for more
                raise
            sys.stdout.flush()
            return result
        except AstraError as error:
            fail(describe(error), code=exit_code(error))
        except BrokenPipeError:
            raise  # who reads has gone away, which ends without a word
        except OSError as error:
            give_up_output()
            fail(f"{type(error).__name__}: {error.strerror or error}", code=COULD_NOT_RUN)


class Group(_Ending, TyperGroup):
    """The commands of a group."""


class Command(_Ending, TyperCommand):
    """A command of its own."""


@contextmanager
def one_line_warnings() -> Generator[None]:
    """A misspelled setting is a line on standard error, once, without our lines of code."""
    told = set[str]()
    with warnings.catch_warnings():
        otherwise = warnings.showwarning

        def show(message: Warning | str, category: type[Warning], *place: Any, **more: Any) -> None:
            if not issubclass(category, AstraConfigurationWarning):
                otherwise(message, category, *place, **more)
            elif str(message) not in told:
                told.add(str(message))
                sys.stderr.write(harmless(f"warning: {message}") + "\n")

        warnings.showwarning = show
        yield


def give_up_output() -> None:
    """Drops what standard output could not take: it would be tried again, in vain, at the end of the process."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def describe(error: AstraError) -> str:
    """Says what happened, and where a user has to authorize again."""
    text = f"{type(error).__name__}: {error}"
    if isinstance(error, ReauthorizationRequired) and error.authorize_url:
        text += f"\n{error.authorize_url}"
    return text


def exit_code(error: AstraError) -> int:
    """Tells a command that could not run from one that failed."""
    if isinstance(error, StorageError) and not isinstance(error, UnreadableGrantError):
        return COULD_NOT_RUN
    return COULD_NOT_RUN if isinstance(error, (ConfigurationError, InvalidRequestError)) else FAILED


def fail(message: str, *, code: int = FAILED) -> NoReturn:
    """Ends the command with a line on standard error.

    Args:
        message: what went wrong.
        code: the exit code.
    """
    sys.stderr.write(f"error: {harmless(message)}\n")
    raise typer.Exit(code) from None
