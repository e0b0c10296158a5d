"""How a sandbox is set up, and the habits of the real API that it copies."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import attrs

SANDBOX_BINS = ("400000", "400022", "440393", "460369", "475833", "498503", "510805", "520082", "559430")


@attrs.frozen
class Quirks:
    """Habits of the real API that a client has to live with; each can be switched.

    Attributes:
        naive_timestamps: Timestamps without a zone (`2020-09-15T15:12:04.746260`); otherwise they end in `Z`.
        string_active: A classic routine's `active` is `"True"` or `"False"`; otherwise a boolean.
        canceled: How a cancelled transfer's status is spelled: `canceled` (the newest reference page) or `cancelled`.
        absent_empty_lists: An empty list is left out of its envelope.
        token_in_list: Token answers come in a one-element list, as in Astra's oldest documents.
        number_amounts_as_integers: A whole amount is sent as `1250`, not `1250.0`.
    """

    naive_timestamps: bool = True
    string_active: bool = True
    canceled: str = "canceled"
    absent_empty_lists: bool = False
    token_in_list: bool = False
    number_amounts_as_integers: bool = True

    @classmethod
    def parse(cls, text: str) -> Quirks:
        """Reads a comma-separated list such as `absent_empty_lists,no-string_active,canceled=cancelled`.

        Raises:
            ValueError: A name is unknown.

        Example:
            >>> Quirks.parse("no-naive_timestamps").naive_timestamps
            False
        """
        changes: dict[str, Any] = {}
        for word in filter(None, (part.strip() for part in text.split(","))):
            name, _, value = word.removeprefix("no-").partition("=")
            if name not in {field.name for field in attrs.fields(cls)}:
                raise ValueError(f"unknown quirk: {name}")
            changes[name] = value or not word.startswith("no-")
        return attrs.evolve(cls(), **changes)


@attrs.frozen
class Options:
    """The sandbox's rules that a test may want to change.

    Attributes:
        access_token_seconds: Lifetime of an access token; two hours by default, as documented.
        refresh_token_seconds: Lifetime of a refresh token; ten days by default, as documented.
        code_seconds: Lifetime of an authorization code ("several minutes").
        session_token_seconds: Lifetime of a session token; one minute, as documented.
        kyc_seconds: How long the check of a new user intent takes.
        review_seconds: How long the review of a phone number or address change takes.
        strict_secure_host: Card and account creation answer only on the secure host, as in production.
        quirks: Habits of the real API.
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
    """One string or several as a list."""
    return [values] if isinstance(values, str) else list(values)
