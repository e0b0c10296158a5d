"""The base of all enums, which are open: a value that the spec does not know becomes a member of its own"""

from __future__ import annotations

from enum import StrEnum
from typing import Any, Self

from .facts import ENUM_ALIASES


class OpenEnum(StrEnum):
    """Text of which some values are known

    `TransferStatus("anything")` is a TransferStatus, so a `match` over the known members needs `case _`: type checkers
    see one more member, `_OTHER`, which stands for all other values and does not exist when the program runs.
    """

    def __str__(self) -> str:
        return str(self.value)

    @classmethod
    def _missing_(cls, value: object) -> Self | None:
        if not isinstance(value, str):
            return None
        alias = ENUM_ALIASES.get(cls.__name__, {}).get(value)
        if alias is not None:
            return cls(alias)
        member = str.__new__(cls, value)
        member._name_ = "UNKNOWN_VALUE"
        member._value_ = value
        return member

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: Any, handler: Any) -> Any:
        described = handler(schema)
        found = handler.resolve_ref_schema(described)
        for closed in ("enum", "const", "type"):
            found.pop(closed, None)
        found["anyOf"] = [{"type": "string", "enum": [member.value for member in cls]}, {"type": "string"}]
        return described
