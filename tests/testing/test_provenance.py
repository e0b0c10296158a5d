"""A cassette says where it comes from, is refused when its content disagrees, and replays although it is masked."""

from __future__ import annotations

import datetime as dt
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import vcr

from astra import Astra, AstraConfigurationWarning, ConfigurationError
from astra.sandbox import Sandbox, SandboxClock
from astra.testing import vcr_settings
from astra.testing.provenance import check_claim, source_of
from astra.tokens import TokenAnswer
from astra.version import __version__

ON = dt.date(2026, 11, 26)
Act = Callable[[Astra], Any]
GRANT = TokenAnswer(access_token="at", expires_in=7200, refresh_token="rt")


def rent(client: Astra) -> Any:
    """What a program does: a payment under a name and a reference, renamed, and found again."""
    user = client.user("customer-42")
    savings, checking = user.accounts.list().to_list()
    assert (savings.mask, checking.mask, checking.name) == ("1111", "0000", "Plaid Checking")
    routine = user.routines.create(
        type="recurring", frequency="monthly", name="Rent for Zyzzyvason", payment_type="ach", source_id=checking.id,
        destination_id=savings.id, amount="20.25", client_correlation_id="RENT2026",
    )  # fmt: skip
    assert (routine.name, routine.client_correlation_id) == ("Rent for Zyzzyvason", "RENT2026")
    changed = user.routines.update(routine.id, name="Rent of Zyzzyvason")
    return changed.name, user.routines.get(routine.id).client_correlation_id


@pytest.fixture
def cassette(tmp_path: Path) -> Path:
    """A recording of `rent` against a local Astra."""
    path = tmp_path / "rent.yaml"
    with (
        Sandbox(clock=SandboxClock(frozen_at=1_772_553_600.0), seed=1) as sandbox,
        Astra(
            sandbox.client_id, sandbox.client_secret, base_url=sandbox.url, redirect_uri=sandbox.redirect_uri
        ) as client,
    ):
        user = sandbox.users.create(accounts=2)
        client.oauth.exchange(sandbox.authorize(user_id=user.id), key="customer-42")
        with vcr.VCR(**vcr_settings(on=ON)).use_cassette(str(path), record_mode="all"):
            assert rent(client) == ("Rent of Zyzzyvason", "RENT2026")
    return path


def replay(path: Path, act: Act = rent, **settings: Any) -> Any:
    with Astra("id", "secret", max_retries=0) as client:
        client.tokens.store_answer("customer-42", GRANT)
        with vcr.VCR(**vcr_settings(**settings)).use_cassette(str(path), record_mode="none"):
            return act(client)


def change(path: Path, old: str, new: str, *, count: int = -1) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, count))


def test_a_cassette_says_what_it_was_recorded_against_by_which_version_and_when(cassette: Path) -> None:
    text = cassette.read_text()
    assert text.count(f"a local Astra, astra-finance {__version__}, 2026-11-26") == text.count("method:") == 4
    assert "127.0.0.1" not in text


def test_a_masked_cassette_replays_against_the_program_that_recorded_it(cassette: Path) -> None:
    assert "Zyzzyvason" not in cassette.read_text()
    assert replay(cassette) == ("Rent of Zyzzyvason", "RENT2026")


def test_a_replay_writes_nothing_of_what_it_gives_back(cassette: Path) -> None:
    before = cassette.read_text()
    with Astra("id", "secret", max_retries=0) as client:
        client.tokens.store_answer("customer-42", GRANT)
        tape = vcr.VCR(**vcr_settings()).use_cassette(
            str(cassette), record_mode="new_episodes", drop_unused_requests=True
        )
        with tape as played:
            rent(client)
            played._save(force=True)
    assert "Zyzzyvason" not in cassette.read_text()
    assert cassette.read_text() == before


@pytest.mark.parametrize(
    ("told", "found"),
    [
        ("Astra's production", "one request was recorded against|its address is that of Astra's sandbox"),
        ("Astra's sandbox", "one request was recorded against"),
    ],
)
def test_a_claim_that_the_content_denies_is_refused(cassette: Path, told: str, found: str) -> None:
    change(cassette, "a local Astra", told, count=1)
    with pytest.raises(ConfigurationError, match=found) as caught:
        replay(cassette)
    assert str(cassette) in str(caught.value)


def test_where_a_request_went_and_what_it_may_claim() -> None:
    assert source_of("http://127.0.0.1:1/v1/user") == source_of("http://localhost/v1/user") == "a local Astra"
    assert source_of("https://secure.api-sandbox.astra.finance/v1/cards") == "Astra's sandbox"
    assert source_of("https://api.astra.finance/v1/user") == "Astra's production"
    assert source_of("http://astra-sandbox:8787/v1/user") == "astra-sandbox"
    check_claim("https://api-sandbox.astra.finance/v1/user", "a local Astra, x", first="a local Astra, y")
    for uri, claim in (
        ("https://api.astra.finance/v1/user", "Astra's sandbox, x"),
        ("http://127.0.0.1:1/v1/user", "Astra's sandbox, x"),
        ("https://api-sandbox.astra.finance/v1/user", "Astra's production, x"),
    ):
        with pytest.raises(ConfigurationError, match="its address is that of"):
            check_claim(uri, claim, first=claim)


def test_a_cassette_that_says_nothing_is_warned_of(cassette: Path) -> None:
    lines = cassette.read_text().splitlines(keepends=True)
    kept = [line for line in lines if "recorded-against" not in line and "a local Astra" not in line]
    cassette.write_text("".join(kept))
    with pytest.warns(AstraConfigurationWarning, match="does not say what it was recorded against"):
        replay(cassette)


def test_a_cassette_that_holds_what_a_recording_replaces_is_warned_of(cassette: Path) -> None:
    change(cassette, '"REDACTED"', '"Zyzzyvason"', count=1)
    with pytest.warns(AstraConfigurationWarning, match="in the answer of GET /v1/accounts") as caught:
        replay(cassette)
    assert not any("Zyzzyvason" in str(warning.message) for warning in caught)


def test_a_field_that_is_kept_on_purpose_is_no_reason_to_warn(tmp_path: Path) -> None:
    path = tmp_path / "bin.yaml"
    settings: dict[str, Any] = {"keep_fields": ["name"], "also": {"issuer_name": "SOMEBODY"}}
    with (
        Sandbox() as sandbox,
        Astra(sandbox.client_id, sandbox.client_secret, base_url=sandbox.url) as client,
        vcr.VCR(**vcr_settings(**settings)).use_cassette(str(path), record_mode="all"),
    ):
        client.bins.get("440393")
    assert "SOMEBODY" in path.read_text()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        replay(path, lambda client: client.bins.get("440393"), **settings)
