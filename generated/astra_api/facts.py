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

PERSONAL_FIELDS: frozenset[str] = frozenset(
    (
        "address1",
        "address2",
        "city",
        "date_of_birth",
        "email",
        "expiration_date",
        "first_name",
        "ip_address",
        "last_name",
        "phone",
        "postal_code",
        "preferred_first_name",
        "preferred_last_name",
        "preferred_pronouns",
        "state",
        "street_line_1",
        "street_line_2",
        "zip_code",
    )
)

# By name of a field or a parameter, the others that it travels under

TRAVELS: dict[str, tuple[str, ...]] = {}

ENUM_ALIASES: dict[str, dict[str, str]] = {
    "RoutineStatus": {"complete": "completed"},
    "TransferStatus": {"canceled": "cancelled"},
}
