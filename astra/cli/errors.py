"""How every command ends: what went wrong is one line on standard error, and an exit code of `astra.cli.exits`."""

from __future__ import annotations

import os
import sys
import traceback
import warnings
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from difflib import get_close_matches
from typing import Any, Final, NoReturn

import typer
from typer.core import TyperCommand, TyperGroup

from astra.cli.exits import ExitCode, exit_code
from astra.cli.extras import needed_extra
from astra.cli.table import harmless
from astra.config import read_environment
from astra.errors import (
    APIConnectionError,
    AstraConfigurationWarning,
    AstraError,
    NotFoundError,
    ReauthorizationRequired,
    StorageError,
    UnreadableGrantError,
)
from astra.resources.choices import did_you_mean
from astra.version import __version__

FAILED, COULD_NOT_RUN, NOT_FOUND = ExitCode.FAILED, ExitCode.COULD_NOT_RUN, ExitCode.NOT_FOUND

_WRONG_USAGE: Final[type[Exception]] = typer.BadParameter.__mro__[1]
"""`UsageError`, which typer takes from click, or from its own copy of it, as its release has it."""


PLAIN: Final[dict[str, Any]] = {
    "add_completion": False,  # that of `astra` knows all commands
    "rich_markup_mode": None,  # it takes [sql] for markup
    "pretty_exceptions_enable": False,
}
"""Settings that the apps of all commands share."""


class _Ending:
    """Whatever ends a command is a line and an exit code."""

    def main(self, *given: Any, **options: Any) -> Any:
        """Runs the command as the whole program."""
        command: Any = super()
        if not options.get("standalone_mode", True):
            return command.main(*given, **options)
        sys.exit(ended(lambda: command.main(*given, **options | {"standalone_mode": False})))

    def invoke(self, ctx: Any) -> Any:
        """Runs the command, for which typer has other words when it is interrupted."""
        try:
            command: Any = super()
            return command.invoke(ctx)
        except KeyboardInterrupt:
            fail("interrupted", code=ExitCode.INTERRUPTED)


class Group(_Ending, TyperGroup):
    """The commands of a group."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Finds the command, or says which may be meant."""
        name, known = args[0], self.list_commands(ctx)
        if not (name in known or name.startswith("-") or ctx.resilient_parsing):
            ctx.fail(f"No such command {name!r}.{did_you_mean(name, known)}")
        return super().resolve_command(ctx, args)


class Command(_Ending, TyperCommand):
    """A command of its own."""


def ended(run: Callable[[], object]) -> int:
    """Runs a command and returns its exit code; what went wrong is told on standard error.

    Args:
        run: the command, which returns its exit code or nothing.
    """
    try:
        with one_line_warnings():
            result = run()
        sys.stdout.flush()  # what cannot be written counts for more than what the command found
        return result if isinstance(result, int) else ExitCode.DONE
    except AstraError as error:
        return tell(describe(error), code=exit_code(error))
    except _WRONG_USAGE as error:
        return tell(explain(error), code=COULD_NOT_RUN)
    except typer.Abort:
        return tell("there was no answer. Nothing was changed.", code=FAILED)
    except ModuleNotFoundError as error:
        extra = needed_extra(error.name or "")
        return tell(f"{error.name} is missing: pip install 'astra-finance[{extra}]'", code=COULD_NOT_RUN)
    except BrokenPipeError:
        give_up_output()
        return ExitCode.NO_READER
    except SystemExit as error:
        if isinstance(error.__context__, BrokenPipeError):  # which typer makes a 1 of
            give_up_output()
            return ExitCode.NO_READER
        raise
    except OSError as error:
        give_up_output()
        named = f"{error.filename}: " if error.filename else ""
        return tell(f"{type(error).__name__}: {named}{error.strerror or error}", code=COULD_NOT_RUN)
    except Exception as error:  # noqa: BLE001 - whatever it is, the last line says what to do
        traceback.print_exception(error)  # without the values of variables, which may be secrets
        told = f"{type(error).__name__}: {error}".rstrip(". ")
        return tell(
            f"{told}. This is a mistake in astra-finance {__version__}: please report it with the lines above.",
            code=ExitCode.DEFECT,
        )


def describe(error: AstraError) -> str:
    """Says what happened, and where a user has to authorize again."""
    text = f"{type(error).__name__}: {error}"
    if not error.hint and (advice := _advice(error)):
        text = f"{text.rstrip('.')}. {advice}"
    if isinstance(error, ReauthorizationRequired) and error.authorize_url:
        text += f" The person authorizes at {error.authorize_url}"
    return text


def _advice(error: AstraError) -> str:
    """What to look at first, for errors that do not say it themselves."""
    if isinstance(error, StorageError) and not isinstance(error, UnreadableGrantError):
        return "Is its server up, and its URL right? astra doctor looks at all stores."
    is_no_answer = isinstance(error, APIConnectionError)
    if is_no_answer or (isinstance(error, NotFoundError) and error.request_id is None):
        base = read_environment().base_url
        address = f"ASTRA_BASE_URL ({base})" if base else "the network"
        up = ", and the server up" if is_no_answer else ""
        return f"Is {address} right{up}? astra doctor looks at the way there."
    return ""


def explain(error: Exception) -> str:
    """Says what is wrong with a command line, and where the right one is told.

    Args:
        error: a `UsageError`.
    """
    raised: Any = error
    if type(error).__name__ == "NoArgsIsHelpError":
        sys.stderr.write(f"{raised.format_message()}\n\n")
        text = "No command was given."
    elif options := getattr(error, "possibilities", None):
        nearest = get_close_matches(raised.option_name, options, n=1, cutoff=0.0)
        text = f"{raised.message.rstrip('.')}. Did you mean {nearest[0]}?"
    else:
        text = raised.format_message()
    text = text if text.endswith((".", "?")) else f"{text}."
    return text if raised.ctx is None else f"{text} More: {raised.ctx.command_path} --help"


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


def tell(message: str, *, code: ExitCode) -> ExitCode:
    """Writes the one line that says what went wrong.

    Args:
        message: what went wrong, and what to do.
        code: the exit code, which is returned.
    """
    with suppress(OSError, ValueError):
        sys.stderr.write(f"error: {harmless(' '.join(message.split(chr(10))))}\n")
    return code


def fail(message: str, *, code: int = FAILED) -> NoReturn:
    """Ends the command with a line on standard error.

    Args:
        message: what went wrong, and what to do.
        code: the exit code.
    """
    raise typer.Exit(tell(message, code=ExitCode(code))) from None
