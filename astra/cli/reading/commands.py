"""Makes a command of each method of the facade that reads."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from typing import Annotated, Any

import typer
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from astra.cli.errors import PLAIN, Group
from astra.cli.options import JsonOption, err, print_fields
from astra.cli.output import print_json, say
from astra.cli.reading.finding import Reading, Verb, find_readings
from astra.cli.reading.showing import cell, columns_of, mask
from astra.cli.table import stream
from astra.cli.tokens.options import StoreOption
from astra.errors import AstraError

DEFAULT_LIMIT = 25
SAMPLE = 100
"""Objects that decide on the columns of a table."""

UserOption = Annotated[str | None, typer.Option("--user", metavar="KEY", help="Whose: your key of the user.")]
AstraUserOption = Annotated[
    str | None, typer.Option("--astra-user", metavar="ID", help="Whose: Astra's id, instead of --user.")
]
UnmaskOption = Annotated[bool, typer.Option("--unmask", help="Show personal data too. Secrets stay hidden.")]
LimitOption = Annotated[int, typer.Option("--limit", "-n", min=1, help="At most so many, the newest.")]
AllOption = Annotated[bool, typer.Option("--all", help="Every one, page by page, instead of --limit.")]
CursorOption = Annotated[
    str | None, typer.Option("--cursor", metavar="CURSOR", help="Begin here, as a list said that broke off.")
]


def make_app(verb: Verb, *, help: str) -> typer.Typer:
    """Makes the group of commands of a verb, one for each resource that has it.

    Args:
        verb: "get" or "list".
        help: its help.
    """
    app = typer.Typer(**PLAIN, cls=Group, no_args_is_help=True, help=help)
    for reading in find_readings(verb):
        app.command(reading.name)(make_command(reading, verb))
    return app


def make_command(reading: Reading, verb: Verb) -> Callable[..., None]:
    """Makes the command of a method: its arguments and options are those of the method.

    Args:
        reading: the method.
        verb: which it is.
    """

    def command(**given: Any) -> None:
        with opened(reading, given) as (resource, where):
            values = {name: given[name] for name in (*reading.ids, *reading.filters) if given[name] is not None}
            if verb == "get":
                show_one(getattr(resource, reading.method)(**values), reading, given)
            else:
                show_many(getattr(resource, reading.method), values, reading, given, where)

    parameters = {name: _argument(reading, name) for name in reading.ids}
    parameters |= {name: _option(reading, name) for name in reading.filters}
    if reading.of_user:
        parameters |= {"user": (UserOption, None), "astra_user": (AstraUserOption, None), "store": (StoreOption, None)}
    if reading.has_pages:
        parameters |= {
            "limit": (LimitOption, DEFAULT_LIMIT),
            "every": (AllOption, False),
            "cursor": (CursorOption, None),
        }
    parameters |= {"unmask": (UnmaskOption, False), "as_json": (JsonOption, False)}
    command.__signature__ = inspect.Signature([  # type: ignore[attr-defined]  # pyright: ignore
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=kind)
        for name, (kind, default) in parameters.items()
    ])  # fmt: skip
    command.__annotations__ = {name: kind for name, (kind, _) in parameters.items()}
    command.__doc__ = _help(reading, verb)
    return command


def _argument(reading: Reading, name: str) -> tuple[Any, Any]:
    told = reading.told.get(name, "")
    return Annotated[str, typer.Argument(metavar=name.upper(), help=told)], inspect.Parameter.empty


def _option(reading: Reading, name: str) -> tuple[Any, Any]:
    return Annotated[str | None, typer.Option(metavar="VALUE", help=reading.told.get(name, "As of the API."))], None


def _help(reading: Reading, verb: Verb) -> str:
    words = ["astra", verb, reading.name, *(name.upper() for name in reading.ids)]
    words += ["--user", "customer-42"] if reading.of_user else []
    lines = ["  " + " ".join(words), "  " + " ".join([*words, *(["--all"] if reading.has_pages else []), "--json"])]
    codes = "0 it is there" if verb == "get" else "0 done, also when there is none"
    return (
        f"{reading.summary} Only reads.\n\n"
        "Personal data is shown as [hidden] without --unmask; secrets are never shown. "
        f"Exit codes: {codes}, 2 wrong usage or settings, 3 no answer, 5 refused, 7 not found.\n\n"
        "\b\nExamples:\n" + "\n".join(lines)
    )


@contextmanager
def opened(reading: Reading, given: dict[str, Any]) -> Generator[tuple[Any, str]]:
    """Opens the resource of a client of the environment's settings, and says where it reads.

    Args:
        reading: what is read.
        given: what the command line says.
    """
    if not reading.of_user:
        from astra import Astra
        from astra.tokens import open_store

        # Nobody's grant is needed: as an object, memory is not warned of.
        with Astra.from_env(token_store=open_store("memory://")) as astra:
            yield getattr(astra, reading.attribute), f"asked {astra.settings.hosts.api}"
        return
    key, id = given["user"], given["astra_user"]
    if (key is None) == (id is None):
        raise typer.BadParameter("Whose? Pass --user KEY, or --astra-user ID. The keys: astra tokens list.")
    from astra.cli.tokens.opening import client

    with client(given["store"], quiet=given["as_json"]) as (astra, found):
        session = astra.user(key) if key is not None else astra.user(astra_user_id=id)
        whose = f"the user {key!r}" if key is not None else f"the Astra user {id!r}"
        yield getattr(session, reading.attribute), f"asked {astra.settings.hosts.api} for {whose}, of the {found.place}"


def show_one(item: Any, reading: Reading, given: dict[str, Any]) -> None:
    """Shows an object.

    Args:
        item: the object.
        reading: what was read.
        given: what the command line says.
    """
    shown = mask(item.to_dict(mode="json"), unmask=given["unmask"])
    if given["as_json"]:
        print_json({"resource": reading.name, "object": shown})
    else:
        print_fields({name: cell(value) for name, value in shown.items()}, as_json=False)


def show_many(
    method: Callable[..., Iterable[Any]], values: dict[str, Any], reading: Reading, given: dict[str, Any], where: str
) -> None:
    """Shows a list, in memory that does not grow with it.

    Args:
        method: the method of the facade.
        values: the filters.
        reading: what is read.
        given: what the command line says.
        where: what was asked, for an empty list.
    """
    most = None if given.get("every") or not reading.has_pages else given["limit"]
    if reading.has_pages:
        # One more than is shown tells whether there are more.
        values = values | {"cursor": given["cursor"], "limit": None if most is None else most + 1}
    walk = Walk(method(**values), most=most, unmask=given["unmask"])
    try:
        if given["as_json"]:
            for item in walk:
                print_json({"resource": reading.name, "object": item})
        else:
            _print_table(walk)
    except (AstraError, KeyboardInterrupt) as error:
        on = f"; the next ones: --cursor {error.cursor}" if isinstance(error, AstraError) and error.cursor else ""
        say(f"{walk.count} were shown before that{on}")
        raise
    if not walk.count:
        say(f"no {reading.name}: {where}")
    elif walk.has_more:
        say(f"the newest {walk.count}; more: --limit, or --all")


def _print_table(walk: Walk) -> None:
    rows = iter(walk)
    first = list(islice(rows, SAMPLE))
    if first:
        columns = columns_of(first)
        cells = ([cell(item.get(name)) for name in columns] for item in _chained(first, rows))
        for line in stream(columns, cells, sample=len(first)):
            sys.stdout.write(line)


def _chained(first: list[dict[str, Any]], rest: Iterator[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    yield from first
    yield from rest


class Walk:
    """The objects of a list as they are shown, and how many came; with a bar where nobody sees them coming.

    Args:
        items: the objects.
        most: at most so many, or None for all.
        unmask: as of `mask`.
    """

    def __init__(self, items: Iterable[Any], *, most: int | None, unmask: bool) -> None:
        self._items = items
        self._most = most
        self._unmask = unmask
        self.count = 0
        self.has_more = False

    def __iter__(self) -> Iterator[dict[str, Any]]:
        columns = (SpinnerColumn(), TextColumn("{task.completed} read"), TimeElapsedColumn())
        is_seen = sys.stdout.isatty() or not err.is_terminal
        with Progress(*columns, console=err, disable=is_seen, transient=True) as bar:
            task = bar.add_task("", total=None)
            for item in self._items:
                if self.count == self._most:
                    self.has_more = True
                    return
                self.count += 1
                bar.update(task, completed=self.count)
                yield mask(item.to_dict(mode="json"), unmask=self._unmask)
