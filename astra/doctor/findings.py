"""What the checks work with: what one found, what is kept somewhere, what was counted of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any, Literal

import attrs

Status = Literal["ok", "warn", "fail"]
Kind = Literal["plain", "fernet", "envelope"]
Opening = Literal["opens", "no_key", "damaged"]


@attrs.frozen(kw_only=True)
class Finding:
    """What one check found.

    Attributes:
        check: name of the check, which stays.
        status: "ok", "warn" (look at it) or "fail" (it does not work, or is dangerous).
        message: what was found.
        advice: what to do, or "".
        details: the same for programs.
    """

    check: str
    status: Status
    message: str
    advice: str = ""
    details: Mapping[str, Any] = attrs.field(factory=dict[str, Any])


@attrs.frozen(kw_only=True)
class Kept:
    """What is kept somewhere.

    Attributes:
        check: first part of the names of its checks, for example "token_store".
        name: what people call it.
        variable: what sets its URL.
        version: version of its tables that this release knows, or None when they have none.
        is_vital: whether its absence means that something is wrong, rather than that nothing has been kept yet.
    """

    check: str
    name: str
    variable: str
    version: int | None
    is_vital: bool


@attrs.define(kw_only=True)
class Tally:
    """What was counted of the rows that the client sees.

    Attributes:
        rows: how many.
        by_key: how many for each key id.
        fernet: how many that release 0.1.0 encrypted.
        plain: how many that are not encrypted.
        no_key: how many that none of the keys opens.
        damaged: user keys of rows that are no grant, or do not decrypt where they are.
        seen: Astra user ids, each with the first of its user keys.
        twice: Astra user ids with several user keys.
        is_complete: whether there was time for all rows.
    """

    rows: int = 0
    by_key: Counter[str] = attrs.field(factory=Counter[str])
    fernet: int = 0
    plain: int = 0
    no_key: int = 0
    damaged: list[str] = attrs.field(factory=list[str])
    seen: dict[str, str] = attrs.field(factory=dict[str, str])
    twice: dict[str, list[str]] = attrs.field(factory=dict[str, list[str]])
    is_complete: bool = True
