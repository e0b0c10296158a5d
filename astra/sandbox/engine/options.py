"""How a sandbox is set up, and the habits of the real API that it copies."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import attrs

from astra.errors import InvalidRequestError

SANDBOX_BINS = ("400000", "400022", "440393", "460369", "475833", "498503", "510805", "520082", "559430")


@attrs.frozen
class Quirks:
    """Habits of the real API that a client has to live with; each can be switched.

    Attributes:
        naive_timestamps: timestamps without a zone (`2020-09-15T15:12:04.746260`); otherwise they end in `Z`.
        string_active: a classic routine's `active` is `"True"` or `"False"`; otherwise a boolean.
        canceled: how a cancelled transfer's status is spelled: `canceled` (the newest reference page) or `cancelled`.
        absent_empty_lists: an empty list is left out of its envelope.
        token_in_list: token answers come in a one-element list, as in Astra's oldest documents.
        number_amounts_as_integers: a whole amount is sent as `1250`, not `1250.0`.
        count_of_all: the `count` of a page is that of the whole list; otherwise that of the page. No document says.

    Example:
        Sandbox(options=Options(quirks=Quirks(token_in_list=True)))
    """

    naive_timestamps: bool = True
    string_active: bool = True
    canceled: str = "canceled"
    absent_empty_lists: bool = False
    token_in_list: bool = False
    number_amounts_as_integers: bool = True
    count_of_all: bool = False

    @classmethod
    def parse(cls, text: str) -> Quirks:
        """Reads a comma-separated list such as `absent_empty_lists,no-string_active,canceled=cancelled`.

        Args:
            text: names of attributes; `no-` before a name switches it off, `=` after it gives it a value.

        Returns:
            The defaults with these changes.

        Raises:
            InvalidRequestError: a name is unknown.

        Example:
            >>> Quirks.parse("no-naive_timestamps").naive_timestamps
            False
        """
        changes: dict[str, Any] = {}
        for word in filter(None, (part.strip() for part in text.split(","))):
            name, _, value = word.removeprefix("no-").partition("=")
            if name not in {field.name for field in attrs.fields(cls)}:
                raise InvalidRequestError(f"There is an unknown quirk, {name!r}; see `Quirks`.", argument="quirks")
            changes[name] = value or not word.startswith("no-")
        return attrs.evolve(cls(), **changes)


@attrs.frozen
class Options:
    """The sandbox's rules that a test may want to change.

    Attributes:
        access_token_seconds: lifetime of an access token; two hours by default, as documented.
        refresh_token_seconds: lifetime of a refresh token; ten days by default, as documented.
        code_seconds: lifetime of an authorization code ("several minutes").
        session_token_seconds: lifetime of a session token; one minute, as documented.
        kyc_seconds: how long the check of a new user intent takes.
        review_seconds: how long the review of a phone number or address change takes.
        strict_secure_host: card and account creation answer only on the secure host, as in production.
        quirks: habits of the real API.

    Example:
        Sandbox(options=Options(access_token_seconds=60))
    """

    access_token_seconds: int = 7200
    refresh_token_seconds: int = 864_000
    code_seconds: int = 300
    session_token_seconds: int = 60
    kyc_seconds: float = 0.0
    review_seconds: float = 3600.0
    strict_secure_host: bool = False
    quirks: Quirks = attrs.field(factory=Quirks)


def as_list(values: str | Iterable[str]) -> list[str]:
    """Returns one string or several as a list."""
    return [values] if isinstance(values, str) else list(values)
