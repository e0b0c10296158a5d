# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
"""What a request may say where the spec has an enum, and which of these lists are complete

`SENT_VALUES` leaves out the values that only old documents know. `CLOSED` names the enums that have no other values in
a request; of the rest, the spec may not know all.
"""

from typing import Literal, TypeAlias

BankAccountTypeLiteral: TypeAlias = Literal["checking", "savings"]

BusinessTypeLiteral: TypeAlias = Literal["llc", "soleProprietorship"]

FrequencyLiteral: TypeAlias = Literal["weekly", "bi-weekly", "monthly"]

GrantTypeLiteral: TypeAlias = Literal["authorization_code", "refresh_token"]

KycTypeLiteral: TypeAlias = Literal["verified", "unverified", "receive-only"]

PaymentTypeLiteral: TypeAlias = Literal["ach", "debit"]

RoutineTypeLiteral: TypeAlias = Literal["one-time", "recurring"]

SettlementModeLiteral: TypeAlias = Literal["net_debit", "gross_debit"]

SettlementSpeedLiteral: TypeAlias = Literal["real-time", "T+0", "T+1", "T+2", "T+4"]

SENT_VALUES: dict[str, tuple[str, ...]] = {
    "BankAccountType": ("checking", "savings"),
    "BusinessType": ("llc", "soleProprietorship"),
    "Frequency": ("weekly", "bi-weekly", "monthly"),
    "GrantType": ("authorization_code", "refresh_token"),
    "KycType": ("verified", "unverified", "receive-only"),
    "PaymentType": ("ach", "debit"),
    "RoutineType": ("one-time", "recurring"),
    "SettlementMode": ("net_debit", "gross_debit"),
    "SettlementSpeed": ("real-time", "T+0", "T+1", "T+2", "T+4"),
}

CLOSED: frozenset[str] = frozenset(["KycType", "PaymentType", "RoutineType", "SettlementSpeed"])

__all__ = (
    "BankAccountTypeLiteral",
    "BusinessTypeLiteral",
    "FrequencyLiteral",
    "GrantTypeLiteral",
    "KycTypeLiteral",
    "PaymentTypeLiteral",
    "RoutineTypeLiteral",
    "SettlementModeLiteral",
    "SettlementSpeedLiteral",
)
