"""The two ways to an action of a control: straight into the backend of this process, or over HTTP to another one."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from functools import cache, wraps
from types import NoneType
from typing import Any, Final, TypeVar, cast, get_args, get_type_hints

import attrs

from astra.errors import InvalidRequestError
from astra.sandbox.backend import Backend

F = TypeVar("F", bound=Callable[..., Any])
MARK: Final = "astra_action"

Remote = Callable[[str, dict[str, Any], Any], Any]
"""Runs an action elsewhere: its name, its arguments, and the type that it returns."""


class Controls:
    """Base of what holds actions.

    Args:
        target: the sandbox: its backend, or a way to ask it over HTTP.
    """

    _group = ""

    def __init__(self, target: Backend | Remote) -> None:
        self._target = target

    @property
    def _backend(self) -> Backend:
        assert isinstance(self._target, Backend)  # noqa: S101  (only `action` leads here, and it has looked)
        return self._target


def action(method: F) -> F:
    """Makes a method run where the sandbox is. Its arguments and its result must be what `codec` can carry."""

    @wraps(method)
    def run(self: Controls, *given: Any, **named: Any) -> Any:
        target = self._target  # pyright: ignore[reportPrivateUsage]
        bound = inspect.signature(method).bind(self, *given, **named)
        if isinstance(target, Backend):
            check_kinds(method, bound)
            if isinstance(getattr(type(self), method.__name__, None), property):
                return method(self, *given, **named)
            try:
                return method(self, *given, **named)
            finally:
                target.journal.acts += 1
        arguments = dict(list(bound.arguments.items())[1:])
        for parameter in bound.signature.parameters.values():
            if parameter.kind is parameter.VAR_KEYWORD:
                arguments |= arguments.pop(parameter.name, {})
        return target(name_of(type(self), method), arguments, get_type_hints(method)["return"])

    setattr(run, MARK, True)
    return cast("F", run)


def check_kinds(method: Callable[..., Any], bound: inspect.BoundArguments) -> None:
    """Looks at each argument that is text or a switch: JSON brings anything. Numbers are looked at later.

    Raises:
        InvalidRequestError: it is something else.
    """
    kinds = get_type_hints(method)
    for name, value in bound.arguments.items():
        kind = kinds.get(name)
        allowed: tuple[Any, ...] = get_args(kind) or (kind,)
        if name == "self" or not {*allowed} <= {str, bool, NoneType}:
            continue
        several = bound.signature.parameters[name].kind is inspect.Parameter.VAR_KEYWORD
        for field, given in value.items() if several else [(name, value)]:
            if not isinstance(given, allowed):
                wanted = "text" if str in allowed else "true or false"
                raise InvalidRequestError(f"{field} must be {wanted}, not {given!r:.80}.", argument=field)


def name_of(holder: type[Controls], method: Callable[..., Any]) -> str:
    """Returns the name of an action in the control API, such as "users/create"."""
    group = holder._group  # pyright: ignore[reportPrivateUsage]
    return f"{group}/{method.__name__.strip('_')}".lstrip("/")


@attrs.frozen
class Action:
    """An action of one sandbox, ready to be called.

    Attributes:
        run: what to call, with keyword arguments.
        view: whether it only looks.
    """

    run: Callable[..., Any]
    view: bool

    def read(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Returns arguments that came as JSON, which has no times and one kind of number, as the action takes them.

        Raises:
            InvalidRequestError: one is no time.
        """
        kinds = get_type_hints(self.run)
        return {name: _as_kind(name, value, kinds.get(name)) for name, value in arguments.items()}


def _as_kind(name: str, value: Any, kind: Any) -> Any:
    if kind is float and isinstance(value, Decimal):
        return float(value)
    if kind is not datetime:
        return value
    try:
        return datetime.fromisoformat(value)
    except (TypeError, ValueError):
        told = f"{name} must be a time with an offset, such as 2027-01-05T12:00:00+00:00, not {value!r:.80}."
        raise InvalidRequestError(told, argument=name) from None


def actions_of(controls: Controls) -> Iterator[tuple[str, Action]]:
    """Yields the actions of a group of controls by name; properties are views."""
    holder: Any = type(controls)
    for name, method, view in _marked(holder):
        run = method.__get__(controls) if view else getattr(controls, name)
        yield name_of(holder, method), Action(run, view=view)


@cache
def _marked(holder: type) -> tuple[tuple[str, Callable[..., Any], bool], ...]:
    """Returns the actions of a class, and whether each is a view: to look takes longer than all else of a start."""
    found: list[tuple[str, Callable[..., Any], bool]] = []
    for name, member in inspect.getmembers_static(holder):
        if isinstance(member, property) and hasattr(member.fget, MARK):
            found.append((name, cast("Callable[..., Any]", member.fget), True))
        elif inspect.isfunction(member) and hasattr(member, MARK):
            found.append((name, member, False))
    return tuple(found)
