"""How a button's action is spelled: on a command line, in Python, and in a test. Pure."""

from __future__ import annotations

import inspect
import shlex
from collections.abc import Callable, Mapping
from typing import Any, Final

import attrs

from astra.sandbox.codec import to_plain
from astra.sandbox.engine.encoding import dumps

CONTROL: Final = '-H "Authorization: Bearer $ASTRA_SANDBOX_TOKEN" -H "Content-Type: application/json"'
"""The headers of a control request. A shell fills the token in; no page shows it."""


@attrs.frozen(kw_only=True)
class Spelled:
    """One action in three spellings.

    Attributes:
        curl: a command line.
        python: a line with a `Sandbox` or a `RemoteSandbox`.
        fixture: a line of a test with the fixture `astra_sandbox`.
    """

    curl: str
    python: str
    fixture: str


def spell(run: Callable[..., Any], name: str, given: Mapping[str, Any], *, url: str) -> Spelled:
    """Spells one action.

    Args:
        run: the method that it stands for.
        name: of the action, such as "users/create".
        given: its arguments.
        url: of the sandbox.
    """
    group, slash, _ = name.partition("/")
    method = run.__name__.lstrip("_")
    call = f"{group + '.' if slash else ''}{method}({_arguments(run, given)})"
    return Spelled(
        curl=f"curl {CONTROL} {shlex.quote(f'{url}/_sandbox/{name}')} -d {shlex.quote(dumps(to_plain(given)))}",
        python=f"sandbox.{call}",
        fixture=f"astra_sandbox.{call}",
    )


def _arguments(run: Callable[..., Any], given: Mapping[str, Any]) -> str:
    kinds = {name: parameter.kind for name, parameter in inspect.signature(run).parameters.items()}
    by_place = inspect.Parameter.POSITIONAL_OR_KEYWORD
    return ", ".join(
        repr(value) if kinds.get(name) is by_place else f"{name}={value!r}"
        for name, value in sorted(given.items(), key=lambda item: kinds.get(item[0]) is not by_place)
    )
