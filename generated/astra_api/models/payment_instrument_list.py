# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..types import (
    UNSET,
    Model,
    Unset,
    read_models,
    to_json,
)

if TYPE_CHECKING:
    from ..models.payment_instrument import PaymentInstrument


class PaymentInstrumentList(Model):
    """The client's payment instruments. Not said to be paginated."""

    __slots__ = ()
    _fields = frozenset(
        (
            "count",
            "payment_instruments",
        )
    )

    def __init__(
        self,
        *,
        count: int | Unset = UNSET,
        payment_instruments: list[PaymentInstrument] | Unset = UNSET,
    ) -> None:
        data: dict[str, Any] = {}
        if not isinstance(count, Unset):
            data["count"] = to_json(count)
        if not isinstance(payment_instruments, Unset):
            data["payment_instruments"] = to_json(payment_instruments)
        self._data = data
        self._context = None

    @property
    def count(self) -> int | None:
        value: int | None = self._data.get("count")
        return value

    @property
    def payment_instruments(self) -> list[PaymentInstrument]:
        from ..models.payment_instrument import PaymentInstrument  # noqa: PLC0415

        return read_models(self, "payment_instruments", PaymentInstrument)
