"""Values that no repr shows, because error trackers print the frames of a failed call with their locals."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any, TypeVar, cast, overload

T = TypeVar("T")
V = TypeVar("V")


class Secret(str):
    """A string whose `repr` is masked, so that tracebacks with local variables and error trackers do not show it.

    It is the full string everywhere else: in headers, form bodies and the store.

    Example:
        >>> Secret("s3cret")
        Secret('***')
    """

    __slots__ = ()
    __module__ = "astra.tokens"

    def __repr__(self) -> str:
        return "Secret('***')"


class SecretBytes(bytes):
    """The same for bytes: the body of a request."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"<{len(self)} bytes>"


class NotText:
    """Stands for a secret that a caller gave as something else than text: it is neither shown nor sent.

    Args:
        kind: name of its type.
    """

    __slots__ = ("kind",)

    def __init__(self, kind: str) -> None:
        self.kind = kind

    def __repr__(self) -> str:
        return f"<{self.kind}, hidden>"


class SecretDict(dict[str, Any]):
    """A dict that shows how much is in it, and nothing of that."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"<{len(self)} fields>"


@overload
def hide(value: None) -> None: ...
@overload
def hide(value: str) -> Secret: ...
@overload
def hide(value: str | None) -> Secret | None: ...
@overload
def hide(value: object) -> object: ...


def hide(value: object) -> object:
    """Returns an argument in a form that no frame shows. It never fails: that would show the frame of its caller.

    Args:
        value: the argument. What is no text becomes a `NotText`, which whoever uses it refuses.
    """
    if value is None or isinstance(value, Secret | NotText):
        return value
    return Secret(value) if isinstance(value, str) else NotText(type(value).__name__)


def hide_text(value: V) -> V:
    """Hides an argument that may be text, such as the URL of a store or several keys; anything else stays as it is.

    Args:
        value: the argument.
    """
    hidden: Any = value
    if isinstance(value, str):
        hidden = Secret(value)
    elif isinstance(value, list | tuple):
        hidden = tuple(hide_text(item) for item in cast("Sequence[object]", value))
    elif type(value) is dict:
        hidden = SecretDict(cast("dict[str, Any]", value))
    return cast("V", hidden)


def hide_all(values: Sequence[str]) -> list[str]:
    """Hides several arguments, such as encryption keys. What is no text is left to whoever checks them.

    Args:
        values: the arguments; a single text counts as one.
    """
    return [hide_text(value) for value in ([values] if isinstance(values, str) else values)]


def kind_of(value: object) -> str:
    """Returns the name of a value's type, for the message that refuses it.

    Args:
        value: what a caller gave, perhaps hidden.
    """
    return value.kind if isinstance(value, NotText) else type(value).__name__


def without_inner_frames(function: Callable[[], V]) -> V:
    """Returns what a function returns. What it raises comes without its frames: their locals are parts of a secret.

    Args:
        function: is given nothing and works on what is secret.
    """
    try:
        return function()
    except Exception as error:  # noqa: BLE001 - whatever it is, its frames go
        raised = error
    raised.__cause__ = raised.__context__ = None
    raise raised.with_traceback(None)


def shown(repr_of: Callable[[T], str]) -> Callable[[T], str]:
    """Makes a `__repr__` that also works on an object whose `__init__` failed: frames are printed with it.

    Args:
        repr_of: the `__repr__`.
    """

    @wraps(repr_of)
    def safely(self: T) -> str:
        try:
            return repr_of(self)
        except AttributeError:
            return f"<{type(self).__name__}, not made>"

    return safely
