# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..types import (
    UNSET,
    Model,
    Unset,
    read_union,
    to_json,
)

if TYPE_CHECKING:
    from ..models.field_errors import FieldErrors


class GenericError(Model):
    """The usual error body."""

    __slots__ = ()
    _fields = frozenset(
        (
            "code",
            "name",
            "description",
        )
    )

    def __init__(
        self,
        *,
        code: int | Unset = UNSET,
        name: str | Unset = UNSET,
        description: FieldErrors | str | Unset = UNSET,
    ) -> None:
        data: dict[str, Any] = {}
        if not isinstance(code, Unset):
            data["code"] = to_json(code)
        if not isinstance(name, Unset):
            data["name"] = to_json(name)
        if not isinstance(description, Unset):
            data["description"] = to_json(description)
        self._data = data
        self._context = None

    @property
    def code(self) -> int | None:
        """The HTTP status."""
        value: int | None = self._data.get("code")
        return value

    @property
    def name(self) -> str | None:
        """The status in words."""
        value: str | None = self._data.get("name")
        return value

    @property
    def description(self) -> FieldErrors | str | None:
        """What is wrong. A text; objects keyed by field have been seen on 400."""
        from ..models.field_errors import FieldErrors  # noqa: PLC0415

        value: FieldErrors | str | None = read_union(self, "description", FieldErrors)
        return value
