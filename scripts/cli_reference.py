"""docs/reference/cli.md: every command of `astra` with its arguments and options, from the command line itself.

`scripts/reference.py` writes and checks it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import import_module
from typing import Any

from typer.main import get_command

from astra.cli.main import GROUPS

INTRO = "Written by `make docs` from the commands themselves. [All pages](index.md)."
START = """The command line needs the extra `cli`: `pip install 'astra-finance[cli]'`. Settings come from the `ASTRA_*`
variables, which [Environment variables](environment.md) lists; options win over them. `astra COMMAND --help` prints
what is here."""
HIDDEN = ("help", "install_completion", "show_completion")


def build_cli_page() -> dict[str, str]:
    """Returns the page by its name."""
    parts = ["# The command line", INTRO, START]
    found = list(commands())
    parts.append("\n".join(f"- [`{name}`](#{anchor(name)}): {first_line(command)}" for name, command in found))
    for name, command in found:
        parts += section(name, command)
    return {"cli.md": "\n\n".join(parts) + "\n"}


def commands() -> Iterator[tuple[str, Any]]:
    """Yields every command that can be typed, by its full name."""
    for name, (module, _) in GROUPS.items():
        yield from below(f"astra {name}", get_command(import_module(module).app))


def below(name: str, command: Any) -> Iterator[tuple[str, Any]]:
    """Yields a command and those in it; a group only when it does something by itself."""
    inner: dict[str, Any] = getattr(command, "commands", {})
    if not inner or command.invoke_without_command:
        yield name, command
    for word, one in inner.items():
        if not one.hidden:
            yield from below(f"{name} {word}", one)


def section(name: str, command: Any) -> list[str]:
    """Returns heading, usage, help and the tables of one command."""
    arguments = [one for one in command.params if one.param_type_name == "argument" and not one.hidden]
    options = [one for one in command.params if one.param_type_name == "option" and shown(one)]
    usage = " ".join([name, *(["[OPTIONS]"] if options else []), *map(metavar, arguments)])
    parts = [f"## {name}", f"```text\n{usage}\n```", prose(command.help or "")]
    if arguments:
        rows = [f"| `{metavar(one)}` | {cell(one.help or '')} |" for one in arguments]
        parts.append("\n".join(["| argument | |", "|---|---|", *rows]))
    if options:
        rows = [f"| {names(one)} | {cell(one.help or '')}{ending(one)} |" for one in options]
        parts.append("\n".join(["| option | |", "|---|---|", *rows]))
    return [part for part in parts if part]


def shown(option: Any) -> bool:
    """Tells whether an option is the command's own, and not one of every command."""
    return not option.hidden and option.name not in HIDDEN


def names(option: Any) -> str:
    """Returns how an option is written, with what follows it."""
    words = ", ".join(f"`{word}`" for word in [*option.opts, *option.secondary_opts])
    return words if option.is_flag else f"{words} `{metavar(option)}`"


def metavar(parameter: Any) -> str:
    """Returns what stands for a value, the choices for one of several."""
    choices = getattr(parameter.type, "choices", None)
    if parameter.metavar:
        return str(parameter.metavar)
    if choices:
        return "\\|".join(map(str, choices)) if parameter.param_type_name == "option" else "|".join(map(str, choices))
    if parameter.param_type_name == "argument":
        return str(parameter.name).upper()
    return "NUMBER" if any(word in parameter.type.name for word in ("int", "float")) else "TEXT"


def ending(option: Any) -> str:
    """Returns the default and whether the option may be given several times, after the help."""
    said: list[str] = []
    default = option.default
    if default not in (None, False, True, ()) and isinstance(default, str | int | float) and option.show_default:
        said.append(f"default: `{default}`")
    if option.multiple:
        said.append("may be repeated")
    if option.required:
        said.append("required")
    return f" ({'; '.join(said)})" if said else ""


def prose(text: str) -> str:
    """Returns the help of a command as Markdown."""
    return re.sub(r"\n[\b\s]*\n", "\n\n", text.replace("\b", "").strip())


def first_line(command: Any) -> str:
    """Returns what the help says first."""
    return " ".join(prose(command.help or "").partition("\n\n")[0].split()).partition(". ")[0].rstrip(".") + "."


def cell(text: str) -> str:
    """Returns text that fits into one cell of a table."""
    return " ".join(text.split()).replace("|", "\\|")


def anchor(name: str) -> str:
    """Returns the anchor of a heading."""
    return re.sub(r"[^\w\- ]", "", name.lower()).replace(" ", "-")
