# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from __future__ import annotations

from typing import Any

from ..types import (
    UNSET,
    Model,
    Unset,
    to_json,
)


class OAuthErrorBody(Model):
    """Error body in the style of RFC 6749."""

    __slots__ = ()
    _fields = frozenset(
        (
            "error",
            "error_description",
        )
    )

    def __init__(
        self,
        *,
        error: str | Unset = UNSET,
        error_description: str | Unset = UNSET,
    ) -> None:
        data: dict[str, Any] = {}
        if not isinstance(error, Unset):
            data["error"] = to_json(error)
        if not isinstance(error_description, Unset):
            data["error_description"] = to_json(error_description)
        self._data = data
        self._context = None

    @property
    def error(self) -> str | None:
        """Code, such as `invalid_grant`, `invalid_client` or `invalid_token`."""
        value: str | None = self._data.get("error")
        return value

    @property
    def error_description(self) -> str | None:
        """The same in words."""
        value: str | None = self._data.get("error_description")
        return value
