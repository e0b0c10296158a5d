"""What a message that pays may hold: an operation, a user key, arguments and an idempotency key. Decisions only.

A message is checked where it is sent, and once more where it arrives: a word that is misspelled is an error there, and
nothing that was left out in silence.
"""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from operator import attrgetter
from typing import Any, Final

from astra._sync.session import UserSession
from astra.errors import InvalidRequestError
from astra.money import to_amount, to_percent
from astra.resources._sync.accounts import Accounts
from astra.resources._sync.routines import Routines
from astra.resources._sync.transfers import Transfers
from astra.resources.inputs import check_idempotency_key, require, start
from astra.tokens.user_keys import check_user_key

METHODS: Final[Mapping[str, tuple[str, Callable[..., Any]]]] = {
    "create_routine": ("routines.create", Routines.create),
    "create_account_to_card_routine": ("routines.account_to_card", Routines.account_to_card),
    "create_card_to_account_routine": ("routines.card_to_account", Routines.card_to_account),
    "create_book_routine": ("routines.book", Routines.book),
    "update_routine": ("routines.update", Routines.update),
    "delete_routine": ("routines.delete", Routines.delete),
    "cancel_transfer": ("transfers.cancel", Transfers.cancel),
    "delete_account": ("accounts.delete", Accounts.delete),
}
"""For each operation that moves money, the method of a user's session."""

_OPTIONS: Final = frozenset({"timeout", "max_retries"})
_NUMBERS: Final = frozenset({float, int})


def check_message(
    operation: object, user_key: object, arguments: object, idempotency_key: object
) -> tuple[str, str, dict[str, Any], str]:
    """Checks a message, and writes its arguments as JSON has them: money and dates as text.

    Args:
        operation: name of an operation that moves money, for example "create_routine".
        user_key: your key of the user.
        arguments: those of the operation's method, by name.
        idempotency_key: your name for this payment.

    Returns:
        The four of them.

    Raises:
        InvalidRequestError: an unknown operation or argument, one that is missing, or a value that cannot be right.
    """
    if not isinstance(operation, str) or operation not in METHODS:
        raise InvalidRequestError(
            f"operation must be one that moves money: {', '.join(METHODS)}; not {operation!r}.", argument="operation"
        )
    key: Any = idempotency_key
    user: Any = user_key
    check_idempotency_key(key)
    check_user_key(user)
    if not isinstance(arguments, Mapping):
        raise InvalidRequestError(
            f"arguments must be a mapping of names to values, not {type(arguments).__name__}.", argument="arguments"
        )
    given: Mapping[Any, Any] = arguments  # pyright: ignore[reportUnknownVariableType]
    return operation, user, _checked(operation, given), key


def in_order(args: Sequence[Any], kwargs: Mapping[str, Any]) -> tuple[Any, Any, Any, Any]:
    """Returns the parts of a message in the order of `check_message`.

    Args:
        args: operation, user key and arguments, as far as they were given by position.
        kwargs: what was given by name.

    Raises:
        InvalidRequestError: one is missing, or there is another one.
    """
    names = ("operation", "user_key", "arguments", "idempotency_key")
    given: dict[str, Any] = dict(zip(names, args, strict=False))
    wrong = [name for name in kwargs if name not in names or name in given]
    missing = [name for name in names if name not in given and name not in kwargs]
    if len(args) > len(names) or wrong or missing:
        raise InvalidRequestError(
            f"A payment is {', '.join(names)}, each once"
            + (f"; {wrong[0][:80]!r} is none of them, or was given twice" if wrong else "")
            + (f"; {missing[0]} is missing" if missing else "")
            + ". The arguments of the payment itself go into the mapping."
        )
    given |= kwargs
    return given["operation"], given["user_key"], given["arguments"], given["idempotency_key"]


def method_of(user: UserSession, operation: str) -> Callable[..., Any]:
    """Returns the method of a user's session that does an operation.

    Args:
        user: the session.
        operation: the operation.
    """
    found: Callable[..., Any] = attrgetter(METHODS[operation][0])(user)
    return found


def _checked(operation: str, given: Mapping[Any, Any]) -> dict[str, Any]:
    needed, known = _parameters(operation)
    unknown = [name for name in given if name not in known]
    if unknown:
        name = str(unknown[0])
        if name == "idempotency_key":
            raise InvalidRequestError(
                "idempotency_key is no argument of the payment: give it beside the arguments.", argument=name
            )
        raise InvalidRequestError(
            f"{operation} has no argument {name[:80]!r}.{_meant(name, known)} It takes {', '.join(sorted(known))}.",
            argument=name,
        )
    missing = [name for name in needed if name not in given]
    if missing:
        raise InvalidRequestError(f"{operation} needs {' and '.join(missing)}.", argument=missing[0])
    return {name: _value(name, value) for name, value in given.items()}


@cache
def _parameters(operation: str) -> tuple[tuple[str, ...], frozenset[str]]:
    """The arguments that a method needs, and all that it knows."""
    parameters = [
        each
        for each in inspect.signature(METHODS[operation][1]).parameters.values()
        if each.name not in ("self", "idempotency_key") and each.kind is not each.VAR_KEYWORD
    ]
    needed = tuple(each.name for each in parameters if each.default is each.empty)
    return needed, frozenset(each.name for each in parameters) | _OPTIONS


def _meant(name: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(name, known, n=1)
    return f" Did you mean {close[0]!r}?" if close else ""


def _value(name: str, value: Any) -> Any:
    if name == "amount" and value is not None:
        return str(to_amount(value))
    if name == "debit_fee_percent" and value is not None:
        return str(to_percent(value, argument=name))
    if name == "start_date":
        return start(value)
    if name.endswith("_id") and value is not None:
        return require(value, argument=name)
    if isinstance(value, str):
        return str(value)  # of an enum, its text
    if value is None or isinstance(value, bool) or (name in _OPTIONS and type(value) in _NUMBERS):
        return value
    what = "a date" if isinstance(value, date | datetime) else "a number" if isinstance(value, Decimal) else "a value"
    raise InvalidRequestError(
        f"{name} must be text, and is {what} of type {type(value).__name__}, which a message cannot hold.",
        argument=name,
    )
