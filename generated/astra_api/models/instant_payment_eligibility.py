# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from __future__ import annotations

from typing import Any

from ..types import (
    UNSET,
    Model,
    Unset,
    read_bool,
    to_json,
)


class InstantPaymentEligibility(Model):
    """A bank and the instant rails that reach it. No source shows its fields."""

    __slots__ = ()
    _fields = frozenset(
        (
            "routing_number",
            "institution_name",
            "participant_id",
            "rtp",
            "fednow",
        )
    )

    def __init__(
        self,
        *,
        routing_number: None | str | Unset = UNSET,
        institution_name: None | str | Unset = UNSET,
        participant_id: None | str | Unset = UNSET,
        rtp: bool | None | Unset = UNSET,
        fednow: bool | None | Unset = UNSET,
    ) -> None:
        data: dict[str, Any] = {}
        if not isinstance(routing_number, Unset):
            data["routing_number"] = to_json(routing_number)
        if not isinstance(institution_name, Unset):
            data["institution_name"] = to_json(institution_name)
        if not isinstance(participant_id, Unset):
            data["participant_id"] = to_json(participant_id)
        if not isinstance(rtp, Unset):
            data["rtp"] = to_json(rtp)
        if not isinstance(fednow, Unset):
            data["fednow"] = to_json(fednow)
        self._data = data
        self._context = None

    @property
    def routing_number(self) -> None | str:
        value: None | str = self._data.get("routing_number")
        return value

    @property
    def institution_name(self) -> None | str:
        value: None | str = self._data.get("institution_name")
        return value

    @property
    def participant_id(self) -> None | str:
        value: None | str = self._data.get("participant_id")
        return value

    @property
    def rtp(self) -> bool | None:
        value: bool | None = read_bool(self, "rtp")
        return value

    @property
    def fednow(self) -> bool | None:
        value: bool | None = read_bool(self, "fednow")
        return value
