"""Reads a request body field by field and collects every complaint, so that one 400 names all bad fields."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from astra._json import is_array, is_object
from astra.sandbox.engine.problems import invalid

MISSING = "Missing data for required field."
NULL = "Field may not be null."
NOT_TEXT = "Not a valid string."
NOT_NUMBER = "Not a valid number."
NOT_BOOLEAN = "Not a valid boolean."
NOT_DATE = "Not a valid date."
NOT_OBJECT = "Invalid input type."
HIGHEST_NUMBER = 10**12
ABSENT = object()


class Reader:
    """One JSON object of a request. Read every field, then call `finish`, which raises if any was bad.

    The readers return a harmless stand-in for a bad field, because nothing happens before `finish`.
    """

    def __init__(self, body: object, *, errors: dict[str, Any] | None = None) -> None:
        self.errors: dict[str, Any] = {} if errors is None else errors
        if not is_object(body):
            raise invalid({"_schema": [NOT_OBJECT]})
        self.values: Mapping[str, Any] = body

    def complain(self, name: str, message: str) -> None:
        """Adds a complaint about a field."""
        held: object = self.errors.setdefault(name, [])
        if is_array(held):
            held.append(message)

    def has(self, name: str) -> bool:
        """Tells whether the field was sent at all, null included."""
        return name in self.values

    def text(self, name: str, *, pattern: str = "", message: str = "", choices: Collection[str] = ()) -> str:
        """Reads a required string that is not blank."""
        value = self.maybe_text(name, pattern=pattern, message=message, choices=choices, required=True)
        return value or ""

    def maybe_text(
        self,
        name: str,
        *,
        pattern: str = "",
        message: str = "",
        choices: Collection[str] = (),
        required: bool = False,
        null: bool = False,
        blank: bool = False,
    ) -> str | None:
        """Reads a string that may be left out. Null and blank are refused unless allowed."""
        value = self.values.get(name, ABSENT)
        if value is ABSENT:
            if required:
                self.complain(name, MISSING)
            return None
        if value is None:
            if not null:
                self.complain(name, NULL)
            return None
        if not isinstance(value, str):
            self.complain(name, NOT_TEXT)
            return None
        if not value.strip():
            if not blank:
                self.complain(name, MISSING if required else "Field may not be empty.")
            return value
        if pattern and not re.fullmatch(pattern, value, re.ASCII):
            self.complain(name, message or "String does not match expected pattern.")
        if choices and value not in choices:
            self.complain(name, f"Must be one of: {', '.join(choices)}.")
        return value

    def amount(self, name: str) -> Decimal:
        """Reads a required number of dollars above zero."""
        value = self.maybe_number(name, required=True)
        if value is not None and value <= 0:
            self.complain(name, "Must be greater than 0.")
        elif value is not None and value != round(value, 2):
            self.complain(name, "Must have at most two decimal places.")
        return value or Decimal(0)

    def maybe_number(self, name: str, *, required: bool = False) -> Decimal | None:
        """Reads a number that may be left out, digit for digit."""
        value = self.values.get(name, ABSENT)
        if value is ABSENT:
            if required:
                self.complain(name, MISSING)
            return None
        if value is None:
            if required:
                self.complain(name, NULL)
            return None
        if isinstance(value, bool) or not isinstance(value, int | Decimal):
            self.complain(name, NOT_NUMBER)
            return None
        number = Decimal(value)
        if abs(number) > HIGHEST_NUMBER:
            self.complain(name, NOT_NUMBER)
            return None
        return number

    def flag(self, name: str, *, default: bool = False) -> bool:
        """Reads a boolean that may be left out."""
        value = self.values.get(name, default)
        if not isinstance(value, bool):
            self.complain(name, NOT_BOOLEAN)
            return default
        return value

    def maybe_date(self, name: str, *, required: bool = False) -> str | None:
        """Reads a calendar date, `YYYY-MM-DD`; a date-time is cut to its date."""
        value = self.maybe_text(name, required=required, null=not required)
        if not value:
            return None
        try:
            return datetime.fromisoformat(value).date().isoformat()
        except ValueError:
            self.complain(name, NOT_DATE)
            return None

    def section(self, name: str, *, required: bool = True) -> Reader | None:
        """Reads a nested object, with its own complaints below this field's name."""
        value = self.values.get(name, ABSENT)
        if value is ABSENT or value is None:
            if required:
                self.complain(name, MISSING if value is ABSENT else NULL)
            return None
        if not is_object(value):
            self.complain(name, NOT_OBJECT)
            return None
        nested: dict[str, Any] = {}
        self.errors[name] = nested
        return Reader(value, errors=nested)

    def finish(self) -> None:
        """Raises the 400 if any field was bad."""
        found = pruned(self.errors)
        if found:
            raise invalid(found)


def pruned(errors: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the complaints without the sections that had none."""
    kept: dict[str, Any] = {}
    for name, value in errors.items():
        held = pruned(value) if is_object(value) else value
        if held:
            kept[name] = held
    return kept
