# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
"""What the spec says and the generator does not pass on"""

SECRET_FIELDS: frozenset[str] = frozenset(
    (
        "access_token",
        "account_number",
        "card_number",
        "card_security_code",
        "code",
        "ein",
        "processor_token",
        "refresh_token",
        "ssn",
        "token",
    )
)

PERSONAL_FIELDS: frozenset[str] = frozenset(())

ENUM_ALIASES: dict[str, dict[str, str]] = {
    "RoutineStatus": {"complete": "completed"},
    "TransferStatus": {"canceled": "cancelled"},
}
