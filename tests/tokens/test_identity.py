"""Whose a grant is, and what may be a key of a user."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from astra.config import build_settings
from astra.errors import InvalidRequestError
from astra.tokens.identity import UNBOUND, Identity, check_key


def test_an_identity_is_shown_in_words() -> None:
    assert str(Identity("production", "client-1")) == "production, client client-1"
    assert str(UNBOUND) == "no client yet"
    assert Identity.__module__ == "astra.tokens"


def test_nobody_is_not_bound_and_a_client_is() -> None:
    assert Identity("", "") == UNBOUND
    assert [UNBOUND.is_bound, Identity("sandbox", "").is_bound, Identity("", "id").is_bound] == [False, True, True]


def test_names_that_fit_are_kept_and_longer_ones_become_a_digest() -> None:
    assert Identity.of("e" * 255, "c" * 255) == Identity("e" * 255, "c" * 255)
    long = Identity.of("e" * 256, "c" * 256)
    assert long == Identity(
        "sha256:e1635e58048b522e638f365669e21e22a4d053b1dcee4c515fe4c33013080e0d",
        "sha256:1eda457d1cff3703814cb94ab483bc915bc6c1ee0bcf177c2a4e5617a3621392",
    )
    assert (len(long.environment), len(long.client_id)) == (71, 71)
    assert long.environment != Identity.of("e" * 257, "c").environment


@pytest.mark.parametrize(
    ("environment", "base_url", "destination"),
    [
        ("sandbox", None, "sandbox"),
        ("production", None, "production"),
        ("sandbox", "https://api.astra.finance", "production"),
        ("production", "https://api-sandbox.astra.finance/", "sandbox"),
        ("sandbox", "http://127.0.0.1:8791", "sandbox@loopback"),
        ("sandbox", "http://localhost:9", "sandbox@loopback"),
        ("sandbox", "http://[::1]:80", "sandbox@loopback"),
        ("production", "http://localhost:4000/astra", "production@loopback"),
        ("production", "https://Proxy.example.com:443/astra/", "production@https://proxy.example.com/astra"),
        ("production", "https://proxy.example.com:8443", "production@https://proxy.example.com:8443"),
        ("sandbox", "https://[2001:db8::1]:8443", "sandbox@https://[2001:db8::1]:8443"),
    ],
)
def test_the_environment_is_where_calls_go_whatever_the_label_says(
    environment: str, base_url: str | None, destination: str
) -> None:
    assert build_settings("id", "secret", environment=environment, base_url=base_url).destination == destination


@pytest.mark.parametrize("key", ["a", "a" * 255, "😀" * 255, " a ", "a\nb", "'; DROP TABLE x; --"])
def test_a_key_is_text_that_every_store_can_keep(key: str) -> None:
    assert check_key(key) == key


@pytest.mark.parametrize(
    ("key", "reason"),
    [
        (42, "A user key is text, such as str(user.id), not int. Nothing was sent."),
        (None, "A user key is text, such as str(user.id), not NoneType. Nothing was sent."),
        (b"a", "A user key is text, such as str(user.id), not bytes. Nothing was sent."),
        (uuid.UUID(int=0), "A user key is text, such as str(user.id), not UUID. Nothing was sent."),
        ("", "A user key must not be empty or blank. Nothing was sent."),
        (" \n", "A user key must not be empty or blank. Nothing was sent."),
        ("a" * 256, "A user key has at most 255 characters, this one has 256. Nothing was sent."),
        ("a\0", "A user key must not hold NUL or half of a surrogate pair. Nothing was sent."),
        ("a\ud800", "A user key must not hold NUL or half of a surrogate pair. Nothing was sent."),
        ("\udfffa", "A user key must not hold NUL or half of a surrogate pair. Nothing was sent."),
    ],
)
def test_anything_else_is_refused_with_the_reason(key: Any, reason: str) -> None:
    with pytest.raises(InvalidRequestError) as caught:
        check_key(key)
    assert (str(caught.value), caught.value.argument) == (reason, "key")


def test_characters_beside_the_surrogates_are_fine() -> None:
    assert check_key("\ud7ff\ue000") == "\ud7ff\ue000"
