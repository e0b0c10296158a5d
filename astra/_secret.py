"""Values that no repr shows, because error trackers print the frames of a failed call with their locals."""

from __future__ import annotations

from typing import overload


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


@overload
def hide(value: None) -> None: ...
@overload
def hide(value: str) -> Secret: ...
@overload
def hide(value: str | None) -> Secret | None: ...


def hide(value: str | None) -> Secret | None:
    """Returns an argument in a form that no frame shows. It never fails: that would show the frame of its caller.

    Args:
        value: the argument. What is no text becomes a `NotText`, which whoever encodes it refuses.
    """
    if value is None or isinstance(value, Secret):
        return value
    if isinstance(value, str):
        return Secret(value)
    return NotText(type(value).__name__)  # type: ignore[unreachable]
