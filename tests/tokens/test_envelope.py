"""The form of encrypted tokens: what is one, whose it is, and what a store without keys makes of it."""

from __future__ import annotations

import base64

import pytest
from cryptography.fernet import Fernet
from hypothesis import given
from hypothesis import strategies as st

from astra.errors import ConfigurationError
from astra.testing.store_contract import make_grant
from astra.tokens import envelope
from astra.tokens.envelope import associated_data, key_id, kind_of, open_plain, pack, unpack
from astra.tokens.identity import Identity

FERNET = "gAAAA" + "B" * 95


@pytest.mark.parametrize(
    ("token", "kind"),
    [
        (FERNET, "fernet"),
        (FERNET + "B", "fernet"),
        (FERNET[:-1], "plain"),
        ("gAAAB" + "B" * 95, "plain"),
        ("B" + FERNET, "plain"),
        ("a" * 200, "plain"),
        ("gAAAA", "plain"),
        ("", "plain"),
        ("astra1:", "envelope"),
        ("astra1:0011aabb:AAAA", "envelope"),
        ("astra2:0011aabb:AAAA", "plain"),
        (" astra1:", "plain"),
    ],
)
def test_a_stored_token_says_what_it_is(token: str, kind: str) -> None:
    assert kind_of(token) == kind


def test_what_a_fernet_key_makes_is_known() -> None:
    assert kind_of(Fernet(Fernet.generate_key()).encrypt(b"").decode()) == "fernet"


@given(st.binary())
def test_what_was_packed_is_unpacked(sealed: bytes) -> None:
    assert unpack(pack("0011aabb", sealed)) == ("0011aabb", sealed)


def test_an_envelope_is_text_for_any_store() -> None:
    assert pack("0011aabb", b"\xff\xfe\xfd") == "astra1:0011aabb:__79"


@pytest.mark.parametrize(
    "stored",
    [
        "astra1:",
        "astra1:0011aabb",
        "astra1:0011aab:AAAA",
        "astra1:0011aabbc:AAAA",
        "astra1:0011aabb:AAA",
        "astra1:0011aabb:A*AA",
        "0011aabb:AA*AA",
        "0011aabb:éAAA",
    ],
)
def test_a_damaged_envelope_is_none(stored: str) -> None:
    assert unpack(stored) is None
    assert key_id(stored) is None


def test_only_an_envelope_names_its_key() -> None:
    tokens = ("astra1:0011aabb:AAAA", FERNET, "plain", "0011aabb:AAAA")
    assert [key_id(token) for token in tokens] == ["0011aabb", None, None, None]


def test_a_ciphertext_is_bound_to_environment_client_user_and_field() -> None:
    data = associated_data(Identity("production", "client-1"), "customer-1", "refresh_token")
    assert data == b'["astra token store", 1, "production", "client-1", "customer-1", "refresh_token"]'


@given(st.tuples(*[st.text(max_size=5)] * 3), st.tuples(*[st.text(max_size=5)] * 3))
def test_two_places_never_have_the_same_associated_data(one: tuple[str, str, str], other: tuple[str, str, str]) -> None:
    first, second = (associated_data(Identity(a, b), c, "access_token") for a, b, c in (one, other))
    assert (first == second) == (one == other)


def test_a_grant_whose_tokens_can_be_sent_is_handed_on() -> None:
    grant = make_grant()
    assert open_plain(grant) is grant


@pytest.mark.parametrize("field", ["access_token", "refresh_token"])
@pytest.mark.parametrize("token", [FERNET, "astra1:0011aabb:AAAA"])
def test_a_grant_with_one_encrypted_token_is_refused_before_anything_is_sent(field: str, token: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        open_plain(make_grant(**{field: token}))
    assert str(caught.value) == (
        "The tokens of 'customer-1' are encrypted, and the token store was opened without keys. "
        "Set ASTRA_TOKEN_KEYS, or pass token_keys. Nothing was sent."
    )


def test_the_prefix_has_a_version() -> None:
    assert envelope.PREFIX == "astra1:"
    assert base64.urlsafe_b64decode("__79") == b"\xff\xfe\xfd"
