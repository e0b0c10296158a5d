"""Whose a grant is, and what may be a key of a user."""

from __future__ import annotations

import pytest

from astra.config import build_settings
from astra.tokens.identity import UNBOUND, Identity


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
        ("production", "https://api.astra.finance/", "production"),
        ("production", "https://API.astra.finance.:443/", "production"),
        ("production", "https://proxy.example.com./", "production@https://proxy.example.com"),
        ("sandbox", "http://127.0.0.1:8791", "sandbox@loopback"),
        ("sandbox", "http://localhost:9", "sandbox@loopback"),
        ("sandbox", "http://[::1]:80", "sandbox@loopback"),
        ("production", "http://localhost:4000/astra", "production@loopback"),
        ("production", "https://Proxy.example.com:443/astra/", "production@https://proxy.example.com/astra"),
        ("production", "https://proxy.example.com:8443", "production@https://proxy.example.com:8443"),
        ("sandbox", "https://[2001:db8::1]:8443", "sandbox@https://[2001:db8::1]:8443"),
    ],
)
def test_the_environment_is_where_calls_go(environment: str, base_url: str | None, destination: str) -> None:
    assert build_settings("id", "secret", environment=environment, base_url=base_url).destination == destination
