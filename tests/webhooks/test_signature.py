"""What a signature vouches for, and what is wrong with a header: the arithmetic alone."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from astra.webhooks.signature import header_fault, matches_any, signature_of, signed_bytes

KEY, OTHER = b"your_client_secret", b"the former secret"
DOCUMENTED = (
    b'{"webhook_type": "routine_updated", "resource_id": "4816908952010752", '
    b'"user_id": "93k08a40d032o54f748773f", "webhook_id": "a5df3ed9-00000-0000-96cb-150e3fe3e31d"}'
)
SIGNATURE = "LfNMDsAbW2VNhEhqwNazHjM00z6RL7yQ6EsnJLFzl94="
LONGEST_PARSED = 65_536


def test_the_documented_example_has_the_documented_signature() -> None:
    assert signature_of(KEY, DOCUMENTED) == SIGNATURE


@pytest.mark.parametrize(
    ("keys", "found"),
    [
        ((KEY,), True),
        ((KEY, OTHER), True),
        ((OTHER, KEY), True),
        ((OTHER, KEY, OTHER), True),
        ((OTHER,), False),
        ((), False),
    ],
)
def test_any_of_the_keys_will_do(keys: tuple[bytes, ...], found: bool) -> None:
    assert matches_any(keys, DOCUMENTED, SIGNATURE) is found
    assert signed_bytes(keys, DOCUMENTED, SIGNATURE) == (DOCUMENTED if found else None)


def test_a_body_in_another_spacing_is_read_from_the_signed_form() -> None:
    compact = json.dumps(json.loads(DOCUMENTED), separators=(",", ":")).encode()
    assert signed_bytes((OTHER, KEY), compact, SIGNATURE) == DOCUMENTED


@given(st.binary(max_size=200))
def test_any_bytes_verify_as_they_are_under_their_own_signature(body: bytes) -> None:
    assert signed_bytes((KEY,), body, signature_of(KEY, body)) == body


@given(st.binary(max_size=100), st.binary(max_size=100))
def test_a_signature_vouches_for_no_other_body(body: bytes, other: bytes) -> None:
    assert (signed_bytes((KEY,), other, signature_of(KEY, body)) is not None) is (body == other)


@pytest.mark.parametrize("body", [b"", b"not json", b"[]", b"\xff", b'{"a": 1, "a": 2}', b'{"a": NaN}'])
def test_a_body_that_does_not_verify_and_is_no_webhook_is_vouched_for_by_nothing(body: bytes) -> None:
    assert signed_bytes((KEY,), body, SIGNATURE) is None


@pytest.mark.parametrize(("length", "parsed"), [(LONGEST_PARSED, True), (LONGEST_PARSED + 1, False)])
def test_no_long_body_is_parsed_before_it_is_verified(length: int, parsed: bool) -> None:
    documented = b'{"webhook_type": "user_updated"}'
    spaced = documented.ljust(length)
    assert signed_bytes((KEY,), spaced, signature_of(KEY, documented)) == (documented if parsed else None)
    assert signed_bytes((KEY,), spaced, signature_of(KEY, spaced)) == spaced


HEADER = "The Astra-Verification header"
FAULTS = [
    (None, f"{HEADER} is missing."),
    ("", f"{HEADER} is empty."),
    (44, f"{HEADER} must be a str, not int; decode it as ASCII."),
    (SIGNATURE.encode(), f"{HEADER} must be a str, not bytes; decode it as ASCII."),
    ("é" + SIGNATURE[1:], f"{HEADER} holds characters that are not ASCII."),
    ("0123456789abcdef" * 4, f"{HEADER} is hexadecimal; Astra sends standard Base64."),
    ("0123456789ABCDEF" * 4, f"{HEADER} is hexadecimal; Astra sends standard Base64."),
    ("g" + "a" * 63, f"{HEADER} has 64 characters; Base64 of SHA-256 has 44."),
    ("a" * 63, f"{HEADER} has 63 characters; Base64 of SHA-256 has 44."),
    ("a" * 65, f"{HEADER} has 65 characters; Base64 of SHA-256 has 44."),
    (SIGNATURE[:-1], f"{HEADER} has 43 characters; Base64 of SHA-256 has 44."),
    (SIGNATURE + "=", f"{HEADER} has 45 characters; Base64 of SHA-256 has 44."),
]


@pytest.mark.parametrize(("header", "fault"), FAULTS)
def test_a_malformed_header_is_told_what_is_wrong_with_it(header: object, fault: str) -> None:
    assert header_fault(header) == fault


@pytest.mark.parametrize("header", [SIGNATURE, "a" * 44, "!" * 44])
def test_a_header_of_the_right_shape_has_no_fault(header: str) -> None:
    assert header_fault(header) is None
