"""Say that something will go, when, and what to use instead. The policy is in docs/versioning.md."""

from __future__ import annotations

import functools
import inspect
import warnings
from collections.abc import Callable
from typing import Any, Final, TypeVar, cast

import attrs

F = TypeVar("F", bound=Callable[..., Any])
MARK: Final = "__astra_deprecation__"


class AstraDeprecationWarning(DeprecationWarning):
    """A part of the SDK that your code uses will be removed; the text says when and what to use instead.

    Example:
        warnings.simplefilter("error", AstraDeprecationWarning)  # find every use in your tests
    """


@attrs.frozen
class Deprecation:
    """What is said about a deprecated thing."""

    name: str
    since: str
    removal: str
    instead: str | None = None

    @property
    def message(self) -> str:
        """The text of the warning."""
        hint = f" Use {self.instead} instead." if self.instead else ""
        return f"{self.name} is deprecated since {self.since} and will be removed in {self.removal}.{hint}"

    def warn(self, *, stacklevel: int = 1) -> None:
        """Warns, blaming the caller of the function that calls this.

        Args:
            stacklevel: more frames to skip; 1 is the caller of the deprecated function.
        """
        warnings.warn(self.message, AstraDeprecationWarning, stacklevel=stacklevel + 2)


def deprecated(*, since: str, removal: str, instead: str | None = None) -> Callable[[F], F]:
    """Marks a function, method, property getter or class as deprecated.

    Args:
        since: version in which the warning appears first.
        removal: version in which it goes; a test fails when that version is reached and it is still there.
        instead: what to use, as a user writes it.

    Returns:
        A decorator. The thing works as before and warns at each call; an `async def` warns when called, not when
        awaited, so that the warning points at the caller.

    Example:
        class Routines:
            @deprecated(since="0.4", removal="0.6", instead="routines.create")
            def make(self) -> Routine: ...
    """

    def decorate(function: F) -> F:
        deprecation = Deprecation(getattr(function, "__qualname__", repr(function)), since, removal, instead)
        if isinstance(function, type):
            return cast(F, _deprecated_class(function, deprecation))

        @functools.wraps(function)
        def wrapper(*args: Any, **kwargs: Any) -> Any:
            deprecation.warn()
            return function(*args, **kwargs)

        _keep_kind(function, wrapper)
        setattr(wrapper, MARK, deprecation)
        return cast(F, wrapper)

    return decorate


def _keep_kind(function: Callable[..., Any], wrapper: Callable[..., Any]) -> None:
    """Keeps the wrapper of a coroutine function known as one, where Python can (3.12 on)."""
    mark: Callable[[Callable[..., Any]], object] | None = getattr(inspect, "markcoroutinefunction", None)
    if mark is not None and inspect.iscoroutinefunction(function):
        mark(wrapper)


def _deprecated_class(kind: type, deprecation: Deprecation) -> type:
    """The class itself, with a constructor that warns, so that `isinstance` and subclassing go on working."""
    original: Callable[..., None] = getattr(kind, "__init__")  # noqa: B009 (mypy refuses the plain access)

    @functools.wraps(original)
    def init(self: object, *args: Any, **kwargs: Any) -> None:
        if type(self) is kind:
            deprecation.warn()
        original(self, *args, **kwargs)

    setattr(kind, "__init__", init)  # noqa: B010 (mypy refuses the plain assignment)
    setattr(kind, MARK, deprecation)
    return kind


def renamed_argument(old: str, new: str, *, since: str, removal: str) -> Callable[[F], F]:
    """Lets callers still give an argument by its former name.

    Args:
        old: the name that goes.
        new: the name that the function has now.
        since: version in which the warning appears first.
        removal: version in which the old name goes.

    Returns:
        A decorator. With the old name the function warns and gets the value under the new one; with both names at once
        it raises `TypeError`, as Python does for an argument given twice.

    Example:
        @renamed_argument("fee", "debit_fee_percent", since="0.4", removal="0.6")
        def create(*, debit_fee_percent: Decimal | None = None) -> None: ...
    """

    def decorate(function: F) -> F:
        owner = getattr(function, "__qualname__", repr(function))
        deprecation = Deprecation(f"The argument {old} of {owner}", since, removal, new)

        @functools.wraps(function)
        def wrapper(*args: Any, **kwargs: Any) -> Any:
            if old in kwargs:
                if new in kwargs:
                    raise TypeError(f"{owner}() got both {old} and {new}, which are the same argument")
                deprecation.warn()
                kwargs[new] = kwargs.pop(old)
            return function(*args, **kwargs)

        _keep_kind(function, wrapper)
        setattr(wrapper, MARK, deprecation)
        return cast(F, wrapper)

    return decorate


def deprecated_names(
    module: str, moved: dict[str, Deprecation], find: Callable[[str], object]
) -> Callable[[str], object]:
    """A module's `__getattr__` for names that moved away.

    Args:
        module: `__name__` of the module.
        moved: what is said about each name.
        find: gives the thing for a name, for example by importing its new home.

    Returns:
        The function to bind to `__getattr__`. It warns once for each use and raises `AttributeError` for other names.

    Example:
        __getattr__ = deprecated_names(__name__, {"Old": Deprecation("astra.Old", "0.4", "0.6", "astra.New")}, find)
    """

    def get(name: str) -> object:
        deprecation = moved.get(name)
        if deprecation is None:
            raise AttributeError(f"module {module!r} has no attribute {name!r}")
        deprecation.warn()
        return find(name)

    return get
