"""From the fields of a form to an action of the controls. Decisions only, but for the call itself."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from datetime import datetime
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from astra.errors import InvalidRequestError
from astra.sandbox.controls.calling import Action
from astra.sandbox.controls.network import Faults


def shape_of(name: str, action: Action) -> Callable[..., Any]:
    """Returns the method that says what an action takes.

    Args:
        name: of the action.
        action: the action.
    """
    return Faults.add if name == "faults/add" else action.run


def read_arguments(shape: Callable[..., Any], fields: Mapping[str, str]) -> dict[str, Any]:
    """Returns the arguments of an action; a field that was left empty is not given.

    Args:
        shape: what says what the action takes.
        fields: of the form.

    Raises:
        InvalidRequestError: the action takes no such field, or not this value.
    """
    hints = get_type_hints(shape)
    parameters = inspect.signature(shape).parameters
    open_ended = any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters.values())
    given: dict[str, Any] = {}
    for name, text in fields.items():
        if name not in parameters and not open_ended:
            raise InvalidRequestError(f"This takes no {name[:100]!r}.", argument=name)
        if text != "":
            given[name] = read_value(name, text.replace("\r\n", "\n"), hints.get(name, str))
    return given


def read_value(name: str, text: str, kind: Any) -> Any:
    """Returns the value of a field as an annotation wants it.

    Args:
        name: of the field.
        text: what was entered.
        kind: the annotation.

    Raises:
        InvalidRequestError: it is no such value.
    """
    kinds = [one for one in get_args(kind) if one is not NoneType] if get_origin(kind) in (Union, UnionType) else [kind]
    if bool in kinds:
        if text in ("true", "false"):
            return text == "true"
        raise InvalidRequestError(f"{name} is true or false, not {text[:100]!r}.", argument=name)
    if str in kinds or not {int, float, datetime} & set(kinds):
        return text
    try:
        if datetime in kinds:
            return datetime.fromisoformat(text)
        return int(text) if int in kinds else float(text)
    except (ValueError, OverflowError):
        wanted = "a time" if datetime in kinds else "a whole number" if int in kinds else "a number"
        raise InvalidRequestError(f"{name} is {wanted}, not {text[:100]!r}.", argument=name) from None
