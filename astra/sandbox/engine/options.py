"""How a sandbox is set up, and the habits of the real API that it copies."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import attrs

from astra.errors import InvalidRequestError
from astra.resources.choices import did_you_mean

SANDBOX_BINS = ("400000", "400022", "440393", "460369", "475833", "498503", "510805", "520082", "559430")


def _in(*values: bool | str) -> Callable[[Any, attrs.Attribute[Any], object], None]:
    """Returns a validator that takes these values only."""

    def check(_: Any, attribute: attrs.Attribute[Any], value: object) -> None:
        # 1 is no True: over the control API it would be another JSON value.
        if not any(value is one or (isinstance(one, str) and value == one) for one in values):
            known = ", ".join(map(str, values))
            raise InvalidRequestError(
                f"The quirk {attribute.name} is one of {known}, not {value!r}.", argument="quirks"
            )

    return check


FLAG = _in(*(True, False))


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
        deleted: how a DELETE succeeds: `empty` (200 without a body; "only a response code", as documented), `null` (200
            with the JSON value null, as one integration's types suggest) or `no_content` (204).
        created_intent: what `POST /v1/user_intent` answers: `status` (id and status, as documented), `id` alone (all
            that newer integrations read), or the `whole` intent (as Astra's own old SDK shows it).
        card_expiry: how a card's expiration date is spelled, in requests and in answers: `MM/YY`, or `YYYY/MM` as one
            later integration builds it.
        any_redirect_uri_on_refresh: a refresh does not look at `redirect_uri`, as an integration's calls suggest;
            otherwise one that is sent must be registered, as documented.

    Raises:
        InvalidRequestError: a quirk does not take this value.

    Example:
        Sandbox(options=Options(quirks=Quirks(token_in_list=True)))
    """

    naive_timestamps: bool = attrs.field(default=True, validator=FLAG)
    string_active: bool = attrs.field(default=True, validator=FLAG)
    canceled: str = attrs.field(default="canceled", validator=_in("canceled", "cancelled"))
    absent_empty_lists: bool = attrs.field(default=False, validator=FLAG)
    token_in_list: bool = attrs.field(default=False, validator=FLAG)
    number_amounts_as_integers: bool = attrs.field(default=True, validator=FLAG)
    count_of_all: bool = attrs.field(default=False, validator=FLAG)
    deleted: str = attrs.field(default="empty", validator=_in("empty", "null", "no_content"))
    created_intent: str = attrs.field(default="status", validator=_in("status", "id", "whole"))
    card_expiry: str = attrs.field(default="MM/YY", validator=_in("MM/YY", "YYYY/MM"))
    any_redirect_uri_on_refresh: bool = attrs.field(default=False, validator=FLAG)

    @classmethod
    def parse(cls, text: str) -> Quirks:
        """Reads a comma-separated list such as `absent_empty_lists,no-string_active,canceled=cancelled`.

        Args:
            text: names of attributes; `no-` before a name switches it off, `=` after it gives it a value.

        Returns:
            The defaults with these changes.

        Raises:
            InvalidRequestError: a name is unknown, or it does not take this value.

        Example:
            >>> Quirks.parse("no-naive_timestamps").naive_timestamps
            False
        """
        changes: dict[str, Any] = {}
        for word in filter(None, (part.strip() for part in text.split(","))):
            name, _, value = word.removeprefix("no-").partition("=")
            if name not in (known := attrs.fields_dict(cls)):
                raise InvalidRequestError(
                    f"There is an unknown quirk, {name!r}; see `Quirks`.{did_you_mean(name, known)}", argument="quirks"
                )
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
        page_seconds: how long a hosted page can be submitted after it was shown; half an hour is assumed.
        sms_seconds: lifetime of the SMS code on the hosted page; ten minutes are assumed.
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
    page_seconds: int = 1800
    sms_seconds: int = 600
    kyc_seconds: float = 0.0
    review_seconds: float = 3600.0
    strict_secure_host: bool = False
    quirks: Quirks = attrs.field(factory=Quirks)


def as_list(values: str | Iterable[str]) -> list[str]:
    """Returns one string or several as a list."""
    return [values] if isinstance(values, str) else list(values)
