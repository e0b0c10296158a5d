"""What a user's own cassettes keep, and what they do not."""

from __future__ import annotations

import json
import time
from base64 import b64encode
from typing import Any

import pytest
from astra_api.facts import PERSONAL_FIELDS, SECRET_FIELDS, TRAVELS
from hypothesis import given
from hypothesis import strategies as st
from vcr.request import Request

from astra import ConfigurationError
from astra.testing.kept import COMPLAINTS, FORM_ONLY, KEPT_FIELDS, LABELS, PLACEHOLDERS
from astra.testing.scrub import (
    Rules,
    give_back,
    scrub_authorization,
    scrub_body,
    scrub_text,
    scrub_uri,
    secrets_of,
    sent_values,
)
from astra.testing.vcr import vcr_settings
from scripts.spec_document.fast_yaml import safe_load
from tests.cassettes.recorder import SPEC

pytest_plugins = ["pytester"]

names = st.sampled_from([*PLACEHOLDERS, *FORM_ONLY, "id", "name", "amount", "description", "metadata", "status"])
leaves = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
bodies = st.recursive(leaves, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=4))


def scrub(value: Any, content_type: str = "application/json", **also: str) -> Any:
    rules = Rules({**PLACEHOLDERS, **also}, KEPT_FIELDS - also.keys())
    return json.loads(scrub_body(json.dumps(value).encode(), rules, content_type=content_type))


def fields_of(node: Any) -> set[str]:
    """Every name that the SDK has for a property or a query parameter in the spec."""
    if isinstance(node, list):
        return {name for item in node for name in fields_of(item)}
    if not isinstance(node, dict):
        return set()
    listed = node["properties"].items() if isinstance(node.get("properties"), dict) else ()
    own = {field.get("x-sdk-name", name) if isinstance(field, dict) else name for name, field in listed}
    if node.get("in") == "query":
        own.add(node.get("x-sdk-name", node["name"]))
    return own | {name for item in node.values() for name in fields_of(item)}


def test_every_field_of_the_spec_is_kept_or_replaced_on_purpose() -> None:
    """A new field of the spec is replaced until somebody puts it on a list."""
    known = fields_of(safe_load(SPEC.read_text()))
    assert known - {"code"} == (KEPT_FIELDS | LABELS | COMPLAINTS | PLACEHOLDERS.keys()) & known - {"code"}
    travelling = {name for names in TRAVELS.values() for name in names}
    assert known | travelling >= KEPT_FIELDS
    assert not KEPT_FIELDS & (LABELS | COMPLAINTS)


def test_what_the_spec_marks_as_secret_or_personal_is_never_kept() -> None:
    assert {*PLACEHOLDERS, *FORM_ONLY} >= SECRET_FIELDS | PERSONAL_FIELDS
    assert {"code"} == KEPT_FIELDS & (SECRET_FIELDS | PERSONAL_FIELDS)


@given(bodies)
def test_scrubbing_twice_changes_nothing_more(value: Any) -> None:
    once = scrub(value)
    assert scrub(once) == once


@given(st.binary())
def test_any_bytes_can_be_scrubbed(body: bytes) -> None:
    once = scrub_body(body, content_type="application/x-www-form-urlencoded")
    assert scrub_body(once, content_type="application/x-www-form-urlencoded") == once


@given(st.sampled_from(sorted(PLACEHOLDERS)), st.text(), st.integers(0, 3))
def test_a_field_is_scrubbed_at_any_depth(name: str, secret: str, depth: int) -> None:
    value: Any = {name: f"§{secret}"}
    for _ in range(depth):
        value = {"outer": [value]}
    assert json.dumps(f"§{secret}")[1:-1] not in json.dumps(scrub(value))


def test_the_form_of_a_body_stays() -> None:
    value = {"ssn": None, "email": "", "address_verified": True, "amount": 12.5, "first_six_digits": 440393, "id": "u1"}
    assert scrub(value) == {**value, "first_six_digits": 0}


def test_an_error_keeps_its_code_and_its_texts_about_fields() -> None:
    error = {"status_code": 400, "code": 400, "description": {"email": ["Not valid."], "ssn": "Missing."}}
    assert scrub(error) == error
    told = {"code": 400, "description": "No user tenzing@everest.example with +15557771234 and 123-45-6789"}
    assert scrub(told)["description"] == "No user redacted@example.com with +10000000000 and 000-00-0000"


def test_what_stands_in_running_text_is_scrubbed() -> None:
    told = (
        "Card 4111 1111 1111 1111 (or 4111111111111111, 4111-1111-1111-1111) of (555) 555-0100, account 000123456789, "
        "customer 5555550100, sent with Bearer abcdefgh1234"
    )
    for value in ({"description": told}, {"anything": [told]}, {"errors": {"card": told}}, told):
        kept = json.dumps(scrub(value))
        for secret in ("4111", "555) 555", "0100", "123456789", "abcdefgh"):
            assert secret not in kept, secret


@pytest.mark.parametrize(
    "name",
    [
        "phone_number", "phoneNumber", "mobile", "id_token", "idToken", "session", "secret", "clientSecret",
        "official_name", "officialName", "owner", "accountOwner", "address", "line1", "accountNumber", "ACCOUNT_NUMBER",
        "primaryCardNumber", "SSN", "userSSN", "cvv", "pan", "dateOfBirth", "firstName", "legal_name", "zipCode",
    ],
)  # fmt: skip
def test_a_personal_field_is_scrubbed_however_it_is_written(name: str) -> None:
    for value in ("Tenzing", 5555550100, ["Tenzing", 5555550100], {"first": "Tenzing", "parts": [{"x": 5555550100}]}):
        kept = json.dumps(scrub({name: value}))
        assert "Tenzing" not in kept
        assert "5555550100" not in kept


def test_what_says_nothing_about_anybody_stays() -> None:
    value = {
        "id": "4816908952010752", "routine_id": "4111111111111111", "status": "completed", "mask": "1111",
        "created": "2026-11-25T12:00:00.123456", "amount": 1234567890.5, "client_correlation_id": "INV00042",
        "resource_id": "5a0e2c1e-2222-4111-9222-123456789012", "routing_number": "222222226", "more": True,
        "source": {"id": "a", "user_id": "b"}, "review_reasons": ["C1010", "C1020"], "institution_name": "Chase",
    }  # fmt: skip
    assert scrub(value) == value
    assert scrub({"routineId": "r1", "ROUTINE-ID": "r1"}) == {"routineId": "r1", "ROUTINE-ID": "r1"}


def test_what_is_on_no_list_is_replaced() -> None:
    for name in ("name", "nickname", "official_name", "memo", "passphrase", "favouriteColour", "notes"):
        assert scrub({name: "Rent for Zyzzyvason"}) == {name: "REDACTED"}, name
        assert scrub({name: [{"x": "Zyzzyvason"}, "Zyzzyvason", 7]}) == {name: [{"x": "REDACTED"}, "REDACTED", 0]}, name
    assert scrub({"new_number": 5555550100, "new_flag": True}) == {"new_number": 0, "new_flag": True}
    assert scrub({"metadata": {"status": "Zyzzyvason", "id": "Zyzzyvason"}}) == {
        "metadata": {"status": "REDACTED", "id": "REDACTED"}
    }
    assert scrub({"client_correlation_id": "Rent for Zyzzyvason"}) == {"client_correlation_id": "REDACTED"}
    assert scrub({"mask": "000123456789"}) == {"mask": "0000"}
    assert scrub({"count": 4111111111111111, "amount": 12}) == {"count": 0, "amount": 12}
    assert scrub({"email_id": "tenzing@everest.example"}) == {"email_id": "REDACTED"}
    assert scrub({"tenzing@everest.example": {"id": "a"}}) == {"redacted@example.com": {"id": "a"}}


def test_the_name_of_an_error_and_the_accounts_of_plaids_sandbox_stay() -> None:
    value = {"name": "Unprocessable Entity", "accounts": [{"name": "Plaid Checking"}]}
    assert scrub(value) == value


def test_names_in_the_text_of_an_error_are_replaced() -> None:
    told = {"description": "Tenzing Norgay (TENZING) of Kathmandu is not approved. Ask Norgay's bank. Invalid user_id."}
    assert scrub(told)["description"] == (
        "REDACTED REDACTED (REDACTED) of REDACTED is not approved. Ask REDACTED bank. Invalid user_id."
    )
    sent = Rules(known=frozenset({"tenzing", "everest (north)"}))
    body = b'{"description": "no tenzing at Everest (North) here"}'
    assert json.loads(scrub_body(body, sent))["description"] == "no REDACTED at REDACTED here"


@pytest.mark.parametrize(
    "body",
    [
        b"<html><head><title>502 Bad Gateway</title></head><body>token tok_live_abcdefghijkl of tenzing</body></html>",
        b'{"accounts": [{"name": "Tenzing Norgay", "id": "acc_123',
        b"upstream said: password hunter2",
    ],
)
def test_a_body_that_is_neither_json_nor_a_form_is_left_out(body: bytes) -> None:
    assert scrub_body(body) == b"left_out=REDACTED"


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        ("token 3f9a8b7c6d5e4f3a2b1c0d9e8f7a6b5c is expired", "token REDACTED is expired"),
        ("token tokSECRET123 is expired", "token REDACTED is expired"),
        ("tok_live_abcdefghijkl, again", "REDACTED, again"),
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abcDEF is not valid.", "REDACTED is not valid."),
        ("client_secret=Zx9Kq2LmP0 is wrong", "REDACTED is wrong"),
        ("password hunter is wrong", "password REDACTED is wrong"),
        ("account of smith is closed", "account of REDACTED is closed"),
        ("user a1b2c3d4: ssn 123456", "user REDACTED: ssn 000000000"),
        ("maiden name o\u2019brien", "REDACTED name REDACTED"),
        ("code 550124", "code REDACTED"),
    ],
)
def test_what_is_no_word_of_a_list_does_not_stay_in_a_text(told: str, kept: str) -> None:
    assert scrub({"code": 400, "description": told}) == {"code": 400, "description": kept}
    assert scrub({"error": {"message": [told]}}) == {"error": {"message": [kept]}}


@pytest.mark.parametrize(
    "told",
    [
        "Missing data for required field.",
        "Must be one of: one-time, recurring. 'kyc_type' isn't valid (invalid_grant).",
        "Length must be between 1 and 128; routing_number has 9 digits, amount 20.50, since 2026-11-25.",
        "The method is not allowed for the requested URL. Retry in 30 seconds!",
        "temporarily_unavailable",
    ],
)
def test_what_an_error_says_about_fields_stays(told: str) -> None:
    assert scrub({"description": told, "error": {"kycType": told}}) == {"description": told, "error": {"kycType": told}}


def test_a_key_that_is_no_name_of_a_field_does_not_stay() -> None:
    kept = json.dumps(scrub({"tokSECRET123": 1, "Tenzing": 2, "errors": {"a b c": ["Missing."], "acc9f8e7d6c": []}}))
    for secret in ("SECRET", "Tenzing", "a b c", "acc9"):
        assert secret not in kept


@pytest.mark.parametrize("authorization", ["Bearer s3cr3tt0ken", "Basic " + b64encode(b"id:s3cr3tt0ken").decode()])
def test_what_a_request_was_authorized_with_stands_nowhere_in_its_answer(authorization: str) -> None:
    rules = Rules(secrets=secrets_of(authorization))
    body = json.dumps({"id": "s3cr3tt0ken", "status": f"for {authorization}", "s3cr3tt0ken": {"id": authorization}})
    scrubbed = scrub_body(body.encode(), rules).decode()
    assert "s3cr3tt0ken" not in scrubbed
    assert authorization.split()[1] not in scrubbed
    assert scrub_body(scrubbed.encode(), rules).decode() == scrubbed


def test_a_form_is_known_without_its_content_type() -> None:
    assert scrub_body(b"grant_type=refresh_token&refresh_token=s3cret&pass=s3cret") == (
        b"grant_type=refresh_token&refresh_token=REDACTED-REFRESH-TOKEN&pass=REDACTED"
    )


@pytest.mark.parametrize("text", ["bearer abcdefgh1234", "BEARER abcdefgh1234", "basic YTpiYTpiYTpi"])
def test_a_credential_is_known_in_any_case(text: str) -> None:
    assert text.split()[1] not in scrub_text(f"sent {text}")


PIECES = {
    "letters": "a",
    "an address without an end": "a.",
    "addresses": "a@",
    "digits": "7",
    "digits apart": "7 ",
    "account": "account 0",
    "bearer": "bearer  ",
    "words": "Tenzing ",
    "a form": "a=1&",
}


def seconds(body: bytes) -> float:
    start = time.process_time()
    scrub_body(body)
    return time.process_time() - start


@pytest.mark.parametrize("piece", PIECES.values(), ids=PIECES)
def test_four_times_the_text_takes_about_four_times_as_long(piece: str) -> None:
    """Quadratic time would be sixteen times as long."""

    def body(size: int) -> bytes:
        return (piece * (size // len(piece))).encode() + b"!"

    seconds(body(20_000))
    short = min(seconds(body(100_000)) for _ in range(3))
    assert seconds(body(400_000)) < 9 * max(short, 0.01)


@pytest.mark.long
def test_a_body_of_five_megabytes_takes_four_times_as_long_as_a_quarter_of_it() -> None:
    row = {"id": "u1", "email": "tenzing@everest.example", "memo": "card 4111 1111 1111 1111", "amount": 12.5}

    def body(size: int) -> bytes:
        return json.dumps(
            {"transfers": [row] * (size // 110), "description": "no Tenzing, 555-555-0100. " * (size // 99)}
        ).encode()

    large = body(5_000_000)
    assert len(large) > 5_000_000
    assert seconds(large) < 9 * min(seconds(body(1_250_000)) for _ in range(2))


def test_an_answer_keeps_neither_the_token_of_its_request_nor_a_request_id_that_is_none() -> None:
    settings = vcr_settings()
    url = "https://api-sandbox.astra.finance/v1/user"
    settings["before_record_request"](Request("GET", url, None, {"Authorization": "Bearer s3cr3tt0ken"}))
    headers = {"Request-Id": ["user-tenzing@everest.example"], "Content-Type": ["application/json"]}
    content = b'{"id": "s3cr3tt0ken", "status": "for s3cr3tt0ken"}'
    answer = {"status": {"code": 200, "message": ""}, "headers": headers, "body": {"string": content}}
    kept = settings["before_record_response"](answer)
    assert kept["headers"]["request-id"] == ["REDACTED"]
    assert b"s3cr3t" not in kept["body"]["string"]
    headers["Request-Id"] = ["req_1.2:3"]
    assert settings["before_record_response"](answer)["headers"]["request-id"] == ["req_1.2:3"]


def test_what_a_program_has_sent_comes_back_under_the_same_name() -> None:
    sent = sent_values(b'{"name": "Rent", "id": "r1", "business_info": {"business_name": "Everest"}, "amount": 12}')
    assert sent == {"name": {"Rent"}, "business_name": {"Everest"}}
    answer = scrub_body(b'{"id": "r1", "name": "Rent", "owner": "Jane", "parts": [{"business_name": "Everest"}]}')
    assert b"Rent" not in answer
    assert json.loads(give_back(answer, sent)) == {
        "id": "r1", "name": "Rent", "owner": "REDACTED", "parts": [{"business_name": "Everest"}],
    }  # fmt: skip
    several = sent_values(b'[{"name": "Rent"}, {"name": "Food"}]')
    assert json.loads(give_back(answer, several))["name"] == "REDACTED"
    assert give_back(b"<html>", sent) == b"<html>"


def test_a_secret_field_cannot_be_kept_and_another_one_can() -> None:
    with pytest.raises(ConfigurationError, match="access_token, which is secret"):
        vcr_settings(keep_fields=["name", "accessToken"])
    assert scrub_body(b'{"name": "Rent"}', Rules(kept=KEPT_FIELDS | {"name"})) == b'{"name": "Rent"}'


def test_more_fields_can_be_named() -> None:
    assert scrub({"client_correlation_id": "INV1"}, client_correlation_id="X") == {"client_correlation_id": "X"}


@pytest.mark.parametrize("kind", ["application/json", "application/json; charset=utf-8", "text/plain", ""])
def test_json_is_scrubbed_whatever_it_is_called(kind: str) -> None:
    assert scrub({"access_token": "abcdefgh"}, kind) == {"access_token": PLACEHOLDERS["access_token"]}


def test_a_form_is_scrubbed() -> None:
    form = b"grant_type=authorization_code&code=s3cret&redirect_uri=https%3A%2F%2Fa.example"
    scrubbed = scrub_body(form, content_type="application/x-www-form-urlencoded")
    assert scrubbed == b"grant_type=authorization_code&code=REDACTED-CODE&redirect_uri=https%3A%2F%2Fa.example"


def test_an_address_loses_its_secrets_and_its_port() -> None:
    def of(uri: str, method: str = "GET", *, normalize_host: bool = True) -> str:
        return scrub_uri(uri, method=method, normalize_host=normalize_host)

    assert of("http://127.0.0.1:4711/v1/user?cursor=abc") == "https://api-sandbox.astra.finance/v1/user?cursor=abc"
    assert of("http://localhost:1/v1/cards", "POST") == "https://secure.api-sandbox.astra.finance/v1/cards"
    assert of("http://localhost:1/v1/cards", normalize_host=False) == "http://localhost:1/v1/cards"
    assert of("http://localhost:1/other") == "http://localhost:1/other"
    assert "tenzing" not in of("https://me:pw@api.example/v1/x?email=tenzing@everest.example&code=abc")
    assert "pw" not in of("https://me:pw@api.example/v1/x")


def test_only_the_scheme_of_an_authorization_stays() -> None:
    assert scrub_authorization("Basic YTpi") == "Basic REDACTED"
    assert scrub_authorization("Bearer abc") == "Bearer REDACTED"
    assert scrub_authorization("abc") == "REDACTED"
    assert scrub_text("sent Bearer abcdefgh1234") == "sent Bearer REDACTED"


RECORDING_PROJECT = """
import pytest
from astra import Astra
from astra.testing import vcr_settings

PERSON = {
    "email": "tenzing@everest.example", "phone": "+15557771234", "first_name": "Tenzing", "last_name": "Norgay",
    "address1": "1 Base Camp", "city": "Kathmandu", "state": "CA", "postal_code": "94304",
    "date_of_birth": "1914-05-29", "ssn": "987654321",
}

@pytest.fixture(scope="module")
def vcr_config():
    return vcr_settings()

@pytest.mark.vcr
def test_onboarding(request):
    recording = request.config.getoption("--record-mode") == "all"
    sandbox = request.getfixturevalue("astra_sandbox") if recording else None
    with Astra(
        "sandbox-client", "sandbox-secret", base_url=sandbox.url if sandbox else None,
        redirect_uri="http://localhost:8000/callback",
    ) as astra:
        intent = astra.user_intents.create(**PERSON)
        code = sandbox.authorize(user_intent_id=intent.id) if sandbox else "any-code"
        user = astra.oauth.exchange(code, key="customer-42")
        accounts = user.accounts.list().to_list()
        assert [account.subtype for account in accounts] == ["savings", "checking"]
        assert user.profile.get().email == ("tenzing@everest.example" if sandbox else "redacted@example.com")
"""


@pytest.mark.long
def test_a_users_own_cassette_holds_nothing_secret_and_replays_with_the_network_blocked(
    pytester: pytest.Pytester,
) -> None:
    pytester.makeini("[pytest]\nfilterwarnings = error\nasyncio_default_fixture_loop_scope = function\n")
    pytester.makepyfile(test_recorded=RECORDING_PROJECT)
    options = ("-q", "-p", "no:cacheprovider", "-p", "no:randomly")
    pytester.runpytest_subprocess(*options, "--record-mode=all", timeout=60).assert_outcomes(passed=1)
    (cassette,) = pytester.path.rglob("*.yaml")
    text = cassette.read_text()
    for secret in (
        "tenzing", "Tenzing", "Norgay", "Base Camp", "Kathmandu", "5557771234", "987654321", "1914-05-29", "127.0.0.1",
        "sandbox-secret", "c2FuZGJveC1jbGllbnQ6c2FuZGJveC1zZWNyZXQ",
    ):  # fmt: skip
        assert secret not in text, secret
    assert text.count("REDACTED-ACCESS-TOKEN") == text.count("REDACTED-REFRESH-TOKEN") == 1
    pytester.runpytest_subprocess(*options, "--block-network", timeout=60).assert_outcomes(passed=1)
