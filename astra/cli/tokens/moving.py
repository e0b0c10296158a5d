"""`astra tokens export` and `import`."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Annotated, BinaryIO, Final, cast

import attrs
import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from astra.cli.errors import FAILED, give_up_output
from astra.cli.options import JsonOption, YesOption, ask, err
from astra.cli.output import print_json, say
from astra.cli.signals import undone_by_signals
from astra.cli.tokens.opening import Opened, make_keyring, opened
from astra.cli.tokens.options import EverybodyOption, PlainOption, StoreOption, format_time
from astra.config import read_environment
from astra.errors import AstraError, ConfigurationError, InvalidRequestError
from astra.tokens.identity import UNBOUND, Identity
from astra.tokens.transfer.exporting import ExportReport, batches_of, export_grants
from astra.tokens.transfer.merging import Contents, ImportReport

STANDARD: Final = "-"
FileArgument = Annotated[str, typer.Argument(help="The file, or - for standard input or output.", metavar="FILE|-")]


def export(
    file: FileArgument,
    store: StoreOption = None,
    everybody: EverybodyOption = False,
    accept_plain: PlainOption = False,
    as_json: JsonOption = False,
) -> None:
    """Write the grants to an encrypted file: for backup, or to move them to another store.

    The first key of ASTRA_TOKEN_KEYS encrypts it. An existing file is not overwritten. Exit codes: 0 all grants are in
    the file, 1 some are not because no key opens them or they are damaged, 2 it could not run and there is no file.

    \b
    Examples:
      astra tokens export backup.grants
      astra tokens export - | ssh other astra tokens import - --yes
    """
    if as_json and file == STANDARD:
        raise typer.BadParameter("--json and the file cannot both go to standard output.")
    keyring = make_keyring(read_environment().token_keys, accept_plain=accept_plain)
    with opened(store, everybody=everybody, check=False) as found:
        whose = found.identities
        counts = found.base.identities()
        total = sum(counts.get(identity, 0) for identity in whose)
        with _writing(file) as write, _progress("exporting", total, quiet=as_json) as advance:

            def tell(done: ExportReport) -> None:
                advance(done.exported + done.failed)

            batches = batches_of(found.base, whose)
            report = export_grants(batches, keyring, write, now=time.time(), progress=tell)
    if as_json:
        print_json(attrs.asdict(report) | {"file": file} | found.fields)
    else:
        say(f"{report.exported} grants exported, encrypted with the key {keyring.ids[0]}")
        if not report.exported:
            say(f"no grants: {found.where()}")
    if report.failed:
        say(f"error: {report.failed} grants are NOT in the file:")
        for reason in report.reasons:
            say(f"  {reason}")
        raise typer.Exit(FAILED)


def import_(
    file: FileArgument,
    store: StoreOption = None,
    everybody: EverybodyOption = False,
    create: Annotated[bool, typer.Option("--create", help="Make the store if there is none.")] = False,
    yes: YesOption = False,
    as_json: JsonOption = False,
) -> None:
    """Put the grants of an exported file into a store. The whole file is checked before anything is written.

    A newer grant is never overwritten. Safe while others work; one that was interrupted is begun again. Exit codes:
    0 all is well, 1 some keys belong to other people here or could not be kept, 2 it could not run, 3 no answer.

    \b
    Examples:
      astra tokens import backup.grants
      astra tokens import backup.grants --store sqlite:////var/lib/app/tokens.db --create
    """
    from astra.tokens.transfer.importing import check_file, check_target, import_grants

    if file == STANDARD and not yes:
        raise typer.BadParameter("Nobody can be asked when the file comes on standard input: pass --yes.")
    keyring = make_keyring(read_environment().token_keys)
    with _reading(file) as source:
        contents = check_file(source, keyring)
        hint = " To make it here: --create."
        with opened(store, everybody=everybody, create=create, check=False, quiet=as_json, hint=hint) as found:
            only = None if everybody or found.identity is None else frozenset({found.identity, UNBOUND})
            wanted = contents.wanted(only)
            # Grants of nobody are for every client, and so no sign that the file is this one's.
            if only is not None and not contents.is_for(only):
                raise ConfigurationError(
                    f"No grant in the file is of {found.identity}; it holds {_list(contents)}. Is ASTRA_ENVIRONMENT, "
                    "ASTRA_BASE_URL or ASTRA_CLIENT_ID another one than it was? To import them all the same: "
                    "--all-identities. Nothing was written."
                )
            if found.base.exists():
                check_target(found.base, keyring, contents.identities if only is None else only)
            if not yes:
                say(f"written {format_time(contents.written_at)}: {_list(contents)}")
                ask(f"Import {wanted} grants into the {found.place}?")
            with _progress("importing", contents.total, quiet=as_json) as advance:

                def tell(done: ImportReport) -> None:
                    advance(done.done)

                report = import_grants(found.base, keyring, source, only=only, progress=tell)
    _print_import(report, contents, found, as_json=as_json)
    if not report.ok:
        raise typer.Exit(FAILED)


def _print_import(report: ImportReport, contents: Contents, found: Opened, *, as_json: bool) -> None:
    imported = report.added + report.replaced
    if as_json:
        shown = attrs.asdict(report) | {"imported": imported, "written_at": format_time(contents.written_at)}
        print_json(shown | {"ok": report.ok} | found.fields)
        return
    line = f"{imported} imported, {report.kept} kept because the store's is newer, {report.present} already there"
    sys.stdout.write(line + "\n")
    if report.left_out:
        say(f"{report.left_out} of other environments or clients were left out; --all-identities imports them")
    if report.nobodys:
        say(f"{report.nobodys} belong to nobody yet, as release 0.1.0 wrote them: restart programs that are running")
    if not report.ok:
        say(f"error: {report.other_person + report.failed} were not imported:")
        for reason in report.reasons:
            say(f"  {reason}")


def _list(contents: Contents) -> str:
    def name(identity: Identity) -> str:
        return str(identity) if identity.is_bound else "nobody yet"

    listed = sorted(contents.identities.items(), key=lambda one: -one[1])
    return "; ".join(f"{count} grants of {name(identity)}" for identity, count in listed[:10]) or "no grants"


@contextmanager
def _progress(what: str, total: int, *, quiet: bool) -> Generator[Callable[[int], None]]:
    columns = (TextColumn(what), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=err, disable=quiet or not err.is_terminal, transient=True) as bar:
        task = bar.add_task("", total=total)
        yield lambda completed: bar.update(task, completed=min(completed, total))


@contextmanager
def _writing(name: str) -> Generator[Callable[[bytes], object]]:
    """Lends what writes to a new file, for its owner only; it does not stay if it is not finished."""
    if name == STANDARD:
        try:
            yield sys.stdout.buffer.write
            sys.stdout.buffer.flush()
        except BrokenPipeError:
            raise  # who reads has gone away, which typer ends without a word
        except OSError as error:
            give_up_output()
            raise _unusable(Path("standard output"), error) from None
        return
    path = Path(name).absolute()
    try:
        number = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | getattr(os, "O_BINARY", 0), 0o600)
    except FileExistsError:
        raise InvalidRequestError(f"{path} is there already, and is not overwritten.", argument="file") from None
    except (OSError, ValueError) as error:
        raise _unusable(path, error) from None
    done = False
    try:
        with undone_by_signals(), open(number, "wb") as opened_file:
            yield opened_file.write
            opened_file.flush()
            os.fsync(number)
        done = True
    except OSError as error:  # a full disk, as a rule
        raise _unusable(path, error) from None
    finally:
        if not done:
            with suppress(OSError):
                path.unlink()


@contextmanager
def _reading(name: str) -> Generator[BinaryIO]:
    """Lends a file that can be read twice. What comes on standard input waits, encrypted, in one without a name."""
    path = Path("standard input" if name == STANDARD else name)
    try:
        if name == STANDARD:
            with tempfile.TemporaryFile() as copy:
                shutil.copyfileobj(sys.stdin.buffer, copy)
                copy.seek(0)
                yield cast("BinaryIO", copy)
            return
        path = path.absolute()
        with open(path, "rb") as source:
            if not source.seekable():
                raise InvalidRequestError(f"{path} cannot be read twice; pass its contents to -.", argument="file")
            yield source
    except (OSError, ValueError) as error:
        if isinstance(error, AstraError):
            raise
        raise _unusable(path, error) from None


def _unusable(path: Path, error: Exception) -> InvalidRequestError:
    reason = (error.strerror if isinstance(error, OSError) else None) or type(error).__name__
    return InvalidRequestError(f"{path}: {reason}.", argument="file")
