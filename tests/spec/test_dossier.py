"""The spec says what the dossier found beside names and types, and how well it is known."""

from __future__ import annotations

import pytest

from scripts.spec_document.walk import operations
from tests.spec.documents import all_properties, spec

PROPERTIES = dict(all_properties())
OPERATIONS = {operation.id: operation for operation in operations(spec())}
START_DATES = ("RoutineCreate", "RoutineUpdate", "RoutinePreviewCreate", "CardToAccountRoutineCreate")


def words(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("IdentityVerificationCreate.user_intent_id", "a converted one, too, has been sent in production (observed)"),
        ("UserIntentCreate.ssn", "optional under KYC delegation"),
        ("KycUpgrade.ssn", "presumably optional under KYC delegation"),
        ("ProviderData.customer_id", "`lastAuthenticationTime`"),
        ("ProviderData.customer_id", "`last_authentication_time` (observed)"),
        *((f"{schema}.start_date", "A day in America/Los_Angeles (documented-old)") for schema in START_DATES),
    ],
)
def test_a_field_s_description_says_what_is_known_of_its_use(place: str, said: str) -> None:
    assert said in words(PROPERTIES[place]["description"])


@pytest.mark.parametrize(
    ("operation", "said"),
    [
        ("create_routine", "capped by the user's limit, and the balance was checked first (documented-old)"),
        ("delete_routine", "the documented way to cancel a recurring routine"),
        ("list_instant_payment_eligibility", "not every routing number of a participant is eligible"),
        ("list_instant_payment_eligibility", "article 5332053600"),
    ],
)
def test_an_operation_s_description_says_what_is_known_of_it(operation: str, said: str) -> None:
    assert said in words(OPERATIONS[operation].node["description"])


def test_the_document_says_what_shows_that_times_lack_an_offset() -> None:
    assert "a client in Go had to give up `time.Time`" in words(spec()["info"]["description"])


def test_the_first_delay_of_a_webhook_s_retries_is_told_from_what_is_documented() -> None:
    said = words(spec()["components"]["schemas"]["WebhookEvent"]["description"])
    assert "How long the first delay is, no source says" in said
