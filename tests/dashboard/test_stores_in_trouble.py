"""A store that cannot be read is a plain sentence in its panel, and never a list that looks like none."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import attrs
import httpx
import pytest

from astra.dashboard import sources
from astra.errors import ConfigurationError
from tests.dashboard.world import Stores, busy, grant, served, text_of
from tests.services import free_port

PAGES = {"tokens": "/tokens", "payments": "/payments", "requests": "/requests"}


@pytest.fixture
def stores(tmp_path: Path) -> Stores:
    return busy(Stores.in_files(tmp_path))


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "SECONDS", 0.5)


def told(browser: httpx.Client, name: str) -> str:
    """What the panel of a store says; the other panels are as they should be."""
    page = browser.get(PAGES[name])
    assert page.status_code == 200
    text = text_of(page)
    assert "Traceback" not in text
    assert 'class="tile' not in page.text
    assert "No grant" not in text
    assert "No payment" not in text
    start = browser.get("/")
    assert start.status_code == 200
    assert "is not known" in text_of(start)
    assert "Nothing. All grants" not in text_of(start)
    assert 'class="tile' in start.text
    for other in PAGES.keys() - {name}:
        assert 'class="tile' in browser.get(PAGES[other]).text
    return text


@pytest.mark.parametrize("name", PAGES)
def test_a_store_that_no_setting_names(stores: Stores, name: str) -> None:
    with served(attrs.evolve(stores, **{name: None})) as browser:
        text = told(browser, name)
    variable = {"tokens": "TOKEN_STORE", "payments": "IDEMPOTENCY_STORE", "requests": "REQUEST_LOG"}[name]
    assert f"Set ASTRA_{variable} as your programs have it" in text
    assert "nothing was looked at" in text


@pytest.mark.parametrize("name", PAGES)
def test_a_store_in_memory(stores: Stores, name: str) -> None:
    with served(attrs.evolve(stores, **{name: "memory://"})) as browser:
        assert "memory://: each program keeps" in told(browser, name)


@pytest.mark.parametrize("name", PAGES)
def test_a_file_that_is_not_there(stores: Stores, name: str, tmp_path: Path) -> None:
    with served(attrs.evolve(stores, **{name: f"sqlite:///{tmp_path}/nowhere.db"})) as browser:
        text = told(browser, name)
    assert f"at {tmp_path}/nowhere.db, and none was made" in text
    assert not (tmp_path / "nowhere.db").exists()


@pytest.mark.parametrize("name", PAGES)
def test_a_file_of_something_else(stores: Stores, name: str, tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("Dear Jane, " * 500, encoding="utf-8")
    with served(attrs.evolve(stores, **{name: f"sqlite:///{tmp_path}/letter.txt"})) as browser:
        text = told(browser, name)
    assert "is no file of SQLite" in text
    assert "Jane" not in text


@pytest.mark.sampled(1)
@pytest.mark.parametrize("name", PAGES)
def test_an_empty_file_of_sqlite_and_that_of_another_store(stores: Stores, name: str, tmp_path: Path) -> None:
    sqlite3.connect(tmp_path / "empty.db").execute("CREATE TABLE t (x)").connection.close()
    other = stores.payments if name != "payments" else stores.tokens
    for url in (f"sqlite:///{tmp_path}/empty.db", other):
        with served(attrs.evolve(stores, **{name: url})) as browser:
            assert "is it another file?" in told(browser, name)


@pytest.mark.sampled(2)
@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize(("version", "advice"), [("99", "upgrade astra-finance here"), ("0", "brings it up to date")])
def test_a_schema_of_another_release(stores: Stores, name: str, version: str, advice: str) -> None:
    with sqlite3.connect(getattr(stores, name).removeprefix("sqlite:///")) as file:
        file.execute("UPDATE astra_meta SET value = ?", (version,))
    file.close()
    with served(stores) as browser:
        assert advice in told(browser, name)


@pytest.mark.sampled(1)
@pytest.mark.parametrize("name", PAGES)
def test_a_file_that_another_process_keeps_locked(stores: Stores, name: str) -> None:
    holder = sqlite3.connect(getattr(stores, name).removeprefix("sqlite:///"), isolation_level=None)
    holder.execute("PRAGMA journal_mode=DELETE")
    holder.execute("BEGIN EXCLUSIVE")
    try:
        with served(stores) as browser:
            assert "another process keeps it locked" in told(browser, name)
    finally:
        holder.close()


@pytest.mark.parametrize("name", PAGES)
def test_a_server_that_is_away(stores: Stores, name: str) -> None:
    url = f"postgresql://app:hunter2@127.0.0.1:{free_port()}/app"
    with served(attrs.evolve(stores, **{name: url})) as browser:
        text = told(browser, name)
        assert "hunter2" not in browser.get("/").text + browser.get(PAGES[name]).text
    assert "Is the server up" in text or "did not answer" in text


@pytest.mark.parametrize("name", PAGES)
def test_a_url_that_means_nothing(stores: Stores, name: str) -> None:
    with served(attrs.evolve(stores, **{name: "tokens.db"})) as browser:
        assert "is named by a URL" in told(browser, name)


@pytest.mark.parametrize("name", PAGES)
def test_an_empty_database(stores: Stores, name: str, postgres_url: str) -> None:
    with served(attrs.evolve(stores, **{name: postgres_url})) as browser:
        assert "and none was made: there is no table" in told(browser, name)


def test_an_empty_redis(stores: Stores, redis_url: str) -> None:
    with served(attrs.evolve(stores, tokens=redis_url)) as browser:
        assert "There is no token store in this Redis" in told(browser, "tokens")


def test_a_redis_that_is_away(stores: Stores) -> None:
    with served(attrs.evolve(stores, tokens=f"redis://:hunter2@127.0.0.1:{free_port()}/0")) as browser:
        assert "Is the server up" in told(browser, "tokens")
        assert "hunter2" not in browser.get("/tokens").text


def test_settings_that_name_no_client(stores: Stores) -> None:
    error = ConfigurationError("Whose grants and payments? Set ASTRA_CLIENT_ID.")
    with served(stores, identity=None, identity_error=error) as browser:
        assert "Whose grants and payments?" in text_of(browser.get("/tokens"))
        assert "Whose grants and payments?" in text_of(browser.get("/payments"))
        assert 'class="tile' in browser.get("/requests").text
        assert "Payments are not looked at" in text_of(browser.get("/trace?id=req000005"))


def test_neither_the_secret_nor_the_keys_are_needed_and_wrong_keys_are_told(tmp_path: Path) -> None:
    from cryptography.fernet import Fernet

    right, wrong = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    stores = Stores.in_files(tmp_path)
    from astra.tokens import open_store
    from tests.dashboard.world import ME

    with open_store(stores.tokens) as store:
        assert store.for_identity(ME, keys=[right]).save(grant("customer-1"), replaces=None)
    with served(stores) as browser:
        text = text_of(browser.get("/tokens"))
        assert "customer-1" in text
        assert "encrypted with the key" in text
        assert "cannot be read" not in text
    with served(stores, token_keys=(wrong,)) as browser:
        text = text_of(browser.get("/tokens"))
        assert "customer-1" in text
        assert "1 grants cannot be read with the keys in ASTRA_TOKEN_KEYS" in text
    with served(stores, token_keys=("nonsense",)) as browser:
        text = text_of(browser.get("/tokens"))
        assert "customer-1" in text
        assert "ASTRA_TOKEN_KEYS cannot be used" in text
        assert "nonsense" not in text


def test_damaged_rows_are_counted_and_keep_nothing_back(stores: Stores) -> None:
    with sqlite3.connect((stores.tokens or "").removeprefix("sqlite:///")) as file:
        file.execute("UPDATE astra_grants SET refresh_expires_at = 'soon' WHERE key = 'customer-1'")
        file.execute("UPDATE astra_grants SET state = 'odd' WHERE key = 'customer-2'")
    file.close()
    with sqlite3.connect((stores.payments or "").removeprefix("sqlite:///")) as other:
        other.execute("UPDATE astra_payments SET data = '{' WHERE key IN ('payout-4', 'payout-1')")
    other.close()
    with served(stores) as browser:
        tokens, payments = text_of(browser.get("/tokens")), text_of(browser.get("/payments"))
        assert "2 rows are damaged" in tokens
        assert "customer-3" in tokens
        assert "1 record cannot be read" in payments
        assert "1 record of this page cannot be read." in payments
        assert "payout-5" in payments


def test_a_statement_that_takes_too_long_is_told(stores: Stores, monkeypatch: pytest.MonkeyPatch) -> None:
    with served(stores.keep(grants=[grant(f"more-{n}") for n in range(5000)])) as browser:
        monkeypatch.setattr(sources, "SECONDS", 0.000001)
        assert "It did not answer within" in text_of(browser.get("/tokens"))


@pytest.mark.parametrize("name", PAGES)
def test_a_folder_in_place_of_a_file(stores: Stores, name: str, tmp_path: Path) -> None:
    with served(attrs.evolve(stores, **{name: f"sqlite:///{tmp_path}"})) as browser:
        assert "is no file" in told(browser, name)
