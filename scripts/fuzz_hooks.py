"""Schemathesis hooks of `fuzz_sandbox.py`: now and then a made-up id becomes one that exists, so that calls get far."""

from __future__ import annotations

import json
import os
import zlib
from typing import Any

import schemathesis

POOL: dict[str, list[str]] = json.loads(os.environ.get("ASTRA_FUZZ_POOL", "{}"))
KINDS = {
    "accounts": "accounts",
    "cards": "cards",
    "transfers": "transfers",
    "routines": "routines",
    "user_intent": "intents",
    "payment_instruments": "instruments",
    "users": "users",
}


def chosen(kind: str, seed: object, *, part: int = 3) -> str | None:
    """An id that exists, or None in one of `part` cases; the same for the same input."""
    mark = zlib.crc32(repr((kind, seed)).encode())
    held = POOL.get(kind)
    return None if not held or mark % part == 0 else held[mark // 7 % len(held)]


@schemathesis.hook
def map_path_parameters(context: Any, path_parameters: dict[str, Any] | None) -> dict[str, Any] | None:
    """Puts an existing id into a path."""
    if isinstance(path_parameters, dict):
        kind = KINDS.get(context.operation.path.split("/")[2], "")
        for name in ("id", "user_id"):
            if len(str(path_parameters.get(name, " " * 30))) < 30 and (id := chosen(kind, path_parameters[name])):
                path_parameters[name] = id
    return path_parameters


def tame(path: str, body: dict[str, Any]) -> None:
    """Makes two of three routines plausible in all but what the generator is best at: odd names, numbers and extras."""
    if not path.startswith("/v1/routines") or "{" in path or zlib.crc32(repr(sorted(body, key=str)).encode()) % 3 == 0:
        return
    debit = body.get("payment_type") == "debit"
    for name in ("start_date", "ultimate_receiver_user_id", "ultimate_sender_user_id", "destination_user_id"):
        body.pop(name, None)
    if not debit:
        body.pop("debit_fee_percent", None)
    if "type" in body:
        body["type"] = "recurring" if body.get("frequency") and not debit else "one-time"
    if path.endswith("preview"):
        body["payment_type"] = "debit"
    for side in ("source", "destination"):
        if path.count("-to-") and not isinstance(body.get(side), dict):
            body[side] = {"id": "x"}
    body["amount"] = zlib.crc32(repr(body.get("amount")).encode()) % 5_000_00 / 100 + 0.01
    body["name"] = str(body.get("name") or "").strip() or "Top-up"
    length = 8 if "-to-card" in path or "card-to-" in path else 7
    body["client_correlation_id"] = "AB12CD34"[:length]
    if body.get("preferred_settlement_speed") in ("real-time", "T+0"):
        del body["preferred_settlement_speed"]


@schemathesis.hook
def map_body(context: Any, body: Any) -> Any:
    """Puts existing accounts, cards and instruments into a routine."""
    if not isinstance(body, dict):
        return body
    path = context.operation.path
    tame(path, body)
    if path.endswith("/book"):
        sides = ("instruments", "instruments")
    elif path.endswith("/account-to-card"):
        sides = ("accounts", "cards")
    elif path.endswith("/card-to-account"):
        sides = ("external_cards", "issued_accounts")
    elif body.get("payment_type") == "debit":
        sides = ("cards", "cards")
    else:
        sides = ("accounts", "accounts")
    for side, kind in zip(("source", "destination"), sides, strict=True):
        if f"{side}_id" in body and (id := chosen(kind, (side, body[f"{side}_id"]))):
            body[f"{side}_id"] = id
        party = body.get(side)
        if isinstance(party, dict) and "id" in party and (id := chosen(kind, (side, party["id"]))):
            party["id"] = id
            party.pop("user_id", None)
    if body.get("destination_user_id") and zlib.crc32(repr(body).encode()) % 3:
        del body["destination_user_id"]
    for name, kind in (("user_intent_id", "intents"), ("user_id", "users")):
        if name in body and (id := chosen(kind, body[name])):
            body[name] = id
    return body
