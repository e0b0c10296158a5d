"""The checks of the idempotency store, over real SQLite and PostgreSQL. Nothing is made."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import psycopg
import pytest

from astra.doctor.findings import Finding
from astra.doctor.probe_payments import probe_idempotency_store
from astra.doctor.running import run_all
from astra.payments import PaymentState
from astra.tokens import UNBOUND, Identity, open_store
from tests.cli.payments.payers import ME, OTHER, make, put, rows, uncertain

WELL = {"place", "schema", "identities", "uncertain", "write"}


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A place where nothing is kept yet."""
    found: str = request.getfixturevalue("postgres_url") if request.param == "postgresql" else ""
    return found or f"sqlite:///{tmp_path}/payments.db"


def look(
    url: str,
    *,
    token_store: str | None = None,
    identity: Identity | None = ME,
    is_production: bool = True,
    limit: float = 5.0,
) -> dict[str, Finding]:
    def probe() -> list[Finding]:
        return list(
            probe_idempotency_store(
                url, token_store=token_store, identity=identity, is_production=is_production, limit=limit
            )
        )

    found = run_all({"idempotency_store": probe}, limit=limit)
    return {finding.check.removeprefix("idempotency_store."): finding for finding in found}


def statuses(found: dict[str, Finding]) -> dict[str, str]:
    return {name: finding.status for name, finding in found.items() if name != "mode"}


def expected(url: str, **others: str) -> dict[str, str]:
    """All is well but for some. A table in a database server has no version yet."""
    names = WELL if url.startswith("sqlite") else WELL - {"schema"}
    return dict.fromkeys(names, "ok") | others


def test_a_store_that_is_in_order_is_ok_and_is_left_as_it_was(url: str) -> None:
    put(url, make(state=PaymentState.MADE))
    before = rows(url)
    assert statuses(look(url)) == expected(url)
    assert rows(url) == before


def test_a_store_that_is_not_there_is_a_fault_and_is_not_made(url: str, tmp_path: Path) -> None:
    found = look(url)
    assert statuses(found) == {"place": "fail"}
    assert "ASTRA_IDEMPOTENCY_STORE" in found["place"].advice
    assert list(tmp_path.iterdir()) == []
    if url.startswith("postgresql"):
        with psycopg.connect(url) as connection:
            assert connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname='public'").fetchone() == (0,)


def test_an_unknown_outcome_that_waits_for_long_is_told(url: str) -> None:
    put(url, uncertain("a", hours_ago=50), make("dead sender", hours_ago=30), make("done", state=PaymentState.MADE))
    found = look(url)
    assert statuses(found) == expected(url, uncertain="warn")
    assert found["uncertain"].details["payments"] == 2
    assert "astra payments reconcile" in found["uncertain"].advice


def test_payments_of_others_alone_are_told(url: str) -> None:
    put(url, make(identity=OTHER))
    assert statuses(look(url)) == expected(url, identities="warn")
    assert statuses(look(url, identity=OTHER)) == expected(url, uncertain="warn")


def test_without_an_identity_payments_are_not_looked_at(url: str) -> None:
    put(url, uncertain())
    found = statuses(look(url, identity=None))
    assert not {"identities", "uncertain"} & set(found)
    assert found["write"] == "ok"


@pytest.mark.parametrize(("is_production", "status"), [(True, "fail"), (False, "warn")])
def test_memory_is_no_place_for_real_payments(is_production: bool, status: str) -> None:
    assert statuses(look("memory://", is_production=is_production)) == {"place": status}


def test_a_folder_that_is_not_there_is_a_fault(tmp_path: Path) -> None:
    found = look(f"sqlite:///{tmp_path}/none/payments.db")
    assert statuses(found) == {"place": "fail"}
    assert found["place"].message.startswith("the folder of ")


def test_a_relative_path_is_a_warning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    put("sqlite:///payments.db", make(state=PaymentState.MADE))
    found = look("sqlite:///payments.db")["place"]
    assert (found.status, found.details["place"]) == ("warn", str(tmp_path / "payments.db"))


def test_a_file_that_others_may_read_is_a_warning(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/payments.db"
    put(url, make())
    assert look(url)["mode"].status == "ok"
    (tmp_path / "payments.db").chmod(0o644)
    assert look(url)["mode"].status == "warn"


def test_the_file_of_the_grants_is_a_warning(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/all.db"
    put(url, make(state=PaymentState.MADE))
    with open_store(url) as store:
        store.check_writable(UNBOUND)
    (tmp_path / "link").symlink_to(tmp_path)
    assert look(url, token_store=f"sqlite:///{tmp_path}/link/all.db")["shared"].status == "warn"
    for other in (f"sqlite:///{tmp_path}/tokens.db", "redis://localhost:1/0", "nonsense", None):
        assert "shared" not in look(url, token_store=other)


def test_a_file_without_payments_and_one_of_a_newer_release_are_faults(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/x.db"
    with open_store(url) as store:
        store.check_writable(UNBOUND)
    found = look(url)
    assert statuses(found) == {"place": "ok", "schema": "fail"}
    assert found["schema"].message == "the file is there, and no idempotency store in it"
    put(url, make())
    with sqlite3.connect(tmp_path / "x.db") as file:
        file.execute("UPDATE astra_meta SET value='9' WHERE name='payments_schema'")
    file.close()
    assert statuses(look(url)) == {"place": "ok", "schema": "fail"}


def test_a_file_that_somebody_keeps_locked_cannot_be_written(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/payments.db"
    put(url, make(state=PaymentState.MADE))
    with sqlite3.connect(tmp_path / "payments.db", isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        found = look(url, limit=1.0)
        other.execute("ROLLBACK")
    other.close()
    assert statuses(found) == expected(url, write="fail")
    assert "every payment under a key is refused" in found["write"].advice


def test_a_database_that_takes_no_writes_is_a_fault(postgres_url: str) -> None:
    put(postgres_url, make(state=PaymentState.MADE))
    sign = "&" if "?" in postgres_url else "?"
    read_only = f"{postgres_url}{sign}options=-c%20default_transaction_read_only%3Don"
    assert statuses(look(read_only)) == expected(postgres_url, write="fail")


def test_a_damaged_row_is_a_fault(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/payments.db"
    put(url, uncertain("a"))
    with sqlite3.connect(tmp_path / "payments.db") as file:
        file.execute("UPDATE astra_payments SET data='{}'")
    file.close()
    found = look(url)
    assert (found["read"].status, found["write"].status) == ("fail", "ok")


def test_a_server_that_is_not_there_is_a_fault() -> None:
    found = look("postgresql://app:SECRET@127.0.0.1:1/app")
    assert statuses(found) == {"reach": "fail"}
    assert "SECRET" not in repr(found)
