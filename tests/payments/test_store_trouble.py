"""The store of payments under keys: full, missing, new or removed in use."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import pytest

import astra
from astra.payments import PaymentState
from tests.http.paying import FLAVOURS, Flavour
from tests.payments.clients import World, later

each_flavour = pytest.mark.parametrize("flavour", FLAVOURS)


@each_flavour
def test_a_store_that_fails_before_sends_nothing(here: World, flavour: Flavour, tmp_path: Path) -> None:
    with pytest.raises(astra.IdempotencyStoreError):
        here.pay(flavour, "k", store=f"sqlite:///{tmp_path}/no/folder/p.db")
    assert here.made() == []


@each_flavour
def test_a_removed_file_stops_all_payments(here: World, flavour: Flavour, tmp_path: Path) -> None:
    path = tmp_path / "p.db"

    def remove() -> None:
        for one in tmp_path.glob("p.db*"):
            one.unlink()

    def blocking(client: Any) -> None:
        user = client.user("c1")
        user.routines.create(**here.payment, idempotency_key="k")
        remove()
        for _ in range(2):
            with pytest.raises(astra.IdempotencyStoreError, match="removed or replaced"):
                user.routines.create(**here.payment, idempotency_key="k")
            with pytest.raises(astra.IdempotencyStoreError, match="removed or replaced"):
                list(client.payments.list())

    async def on_a_loop(client: Any) -> None:
        user = client.user("c1")
        await user.routines.create(**here.payment, idempotency_key="k")
        remove()
        for _ in range(2):
            with pytest.raises(astra.IdempotencyStoreError, match="removed or replaced"):
                await user.routines.create(**here.payment, idempotency_key="k")

    here.run(flavour, blocking if flavour == "blocking" else on_a_loop, idempotency_store=path)
    assert len(here.made()) == 1
    assert not path.exists()


def test_a_new_store_is_announced_once(here: World, store: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING, logger="astra.storage")
    for key in ("k", "l"):
        here.pay("blocking", key, store=store)
    assert [one.levelname for one in caplog.records if one.name == "astra.storage"] == ["WARNING"]
    assert "new, empty idempotency store was made" in caplog.text


@each_flavour
def test_a_key_needs_a_store(here: World, flavour: Flavour) -> None:
    with pytest.raises(astra.ConfigurationError, match="idempotency_store="):
        here.pay(flavour, "k", store=None)
    assert here.made() == []


def test_the_store_holds_no_text_of_the_payment_and_no_secret(here: World, tmp_path: Path) -> None:
    here.pay("blocking", "k", store=tmp_path / "p.db")
    content = b"".join(one.read_bytes() for one in tmp_path.glob("p.db*"))
    assert b"Jane" not in content
    assert here.sandbox.client_secret.encode() not in content
    assert b"Bearer" not in content


def fill_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on the disk is full."""
    from astra.payments.stores.sqlite import SQLiteIdempotencyStore

    def change(*_: object, **__: object) -> bool:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(SQLiteIdempotencyStore, "change", change)


@each_flavour
def test_a_store_that_fails_after_the_answer_costs_no_truth(
    here: World, flavour: Flavour, file: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    fill_up(monkeypatch)
    paid = here.pay(flavour, "k", store=file)
    assert not paid.replayed
    assert "could not be written down: it is made" in caplog.text
    monkeypatch.undo()
    assert here.record("k", store=file).state == PaymentState.SENDING
    found = here.pay(flavour, "k", store=file, clock=later(120))
    assert (found.id, found.replayed) == (paid.id, True)
    assert len(here.made()) == 1


@pytest.mark.parametrize("url", ["redis://localhost/0", "payments", "sqlite://", "sqlite:///p.db?x=1", ""])
def test_a_wrong_store_is_refused_when_the_client_is_made(here: World, url: str) -> None:
    with pytest.raises(astra.ConfigurationError):
        astra.Astra(here.sandbox.client_id, here.sandbox.client_secret, **here.settings(idempotency_store=url))
