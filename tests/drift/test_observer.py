"""What Astra answers beside what the spec says is kept by name: both flavours, threads, forks, failures."""

from __future__ import annotations

import asyncio
import logging
import multiprocessing
import stat
import threading
from pathlib import Path

import pytest

import astra
from astra.drift.names import NOT_SHOWN, harmless
from astra.drift.observer import ALWAYS, TURN_OF_LARGE, TURN_OF_SMALL
from astra.drift.store import MOST_NAMES, open_drift_store
from astra.sandbox import Sandbox
from astra.tokens import TokenAnswer
from tests.drift.answering import TOKEN, TRANSFER, answering, client_of, differences, names_in

STRANGE = {**TRANSFER, "status": "held_back", "risk_score": 3, "chargeback": {"cb_id": "cb_1", "stage": "first"}}
FOUND = {("field", "", "risk_score"), ("value", "status", "held_back"), ("field", "chargeback", "stage")}


def test_unknown_fields_and_values_are_kept_with_place_type_time_count_and_first_request_id(tmp_path: Path) -> None:
    path = tmp_path / "drift.db"
    with answering(STRANGE, request_id="req_77") as server, client_of(server, path) as client:
        for _ in range(3):
            client.user("customer-42").transfers.get("tr_1")
    found = differences(path)
    assert found.keys() == FOUND
    score = found["field", "", "risk_score"]
    assert (score.operation, score.type, score.count, score.first_request_id) == ("get_transfer", "number", 3, "req_77")
    assert score.first_seen <= score.last_seen
    assert score.first_seen.tzinfo is not None


def test_the_asynchronous_client_keeps_the_same(tmp_path: Path) -> None:
    path = tmp_path / "drift.db"

    async def get(origin: str) -> None:
        async with astra.AsyncAstra("id", "secret", base_url=origin, drift_store=path) as client:
            await client.tokens.store_answer("customer-42", TOKEN, astra_user_id="usr_1")
            await client.user("customer-42").transfers.get("tr_1")

    with answering(STRANGE) as server:
        asyncio.run(get(server.origin))
    assert differences(path).keys() == FOUND


def test_a_field_in_every_item_of_a_page_counts_once_for_the_answer(tmp_path: Path) -> None:
    path = tmp_path / "drift.db"
    page = {"transfers": [{**TRANSFER, "lane": "x"}] * 30, "more": False}
    with answering(page) as server, client_of(server, path) as client:
        list(client.user("customer-42").transfers.list())
    assert {key: one.count for key, one in differences(path).items()} == {("field", "transfers[]", "lane"): 1}


def test_a_required_field_that_was_missing_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "drift.db"
    with answering({"id": "tr_1", "status": "processed"}) as server, client_of(server, path) as client:
        client.user("customer-42").transfers.get("tr_1")
    assert differences(path).keys() == {("missing", "", "amount")}


@pytest.mark.parametrize(
    ("status", "body", "found"),
    [
        (422, {"code": 422, "name": "n", "description": "d"}, {("status", "", "422")}),
        (400, {"type": "t", "title": "t", "detail": "d"}, {("error shape", "", "detail, title, type")}),
        (404, b"<html>", {("error shape", "", "not JSON")}),
        (404, b"", {("error shape", "", "empty")}),
        (404, {"code": 404, "name": "n", "description": "d", "doc_url": "u"}, {("field", "GenericError", "doc_url")}),
        (404, {"code": 404, "name": "n", "description": "d"}, set()),
    ],
)
def test_statuses_and_shapes_of_errors_are_kept(tmp_path: Path, status: int, body: object, found: set[object]) -> None:
    path = tmp_path / "drift.db"
    with (
        answering(body, status=status) as server,
        client_of(server, path) as client,
        pytest.raises(astra.CallError),
    ):
        client.user("customer-42").transfers.get("tr_1")
    assert differences(path).keys() == found


def test_the_log_warns_once_per_name(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING, "astra.drift")
    with answering(STRANGE) as server, client_of(server, tmp_path / "drift.db") as client:
        for _ in range(5):
            client.user("customer-42").transfers.get("tr_1")
    said = [record.getMessage() for record in caplog.records if record.name == "astra.drift"]
    assert len(said) == len(FOUND)
    assert any("get_transfer has a value that the spec does not list: status=held_back" in line for line in said)
    assert any("chargeback.stage" in line for line in said)


def test_the_local_astra_answers_nothing_that_the_spec_does_not_know(tmp_path: Path) -> None:
    path = tmp_path / "drift.db"
    with Sandbox() as sandbox:
        (seeded,) = sandbox.seed(users=1, transfers=5, authorized=True)
        with astra.Astra(sandbox.client_id, sandbox.client_secret, base_url=sandbox.url, drift_store=path) as client:
            answer = TokenAnswer(access_token=seeded.access_token, expires_in=7200, refresh_token=seeded.refresh_token)
            client.tokens.store_answer("customer-42", answer, astra_user_id=seeded.id)
            user = client.user("customer-42")
            assert len(list(user.transfers.list())) == 5
            user.profile.get()
            with pytest.raises(astra.NotFoundError):
                user.transfers.get("tr_unknown")
    assert differences(path) == {}
    assert any(one.kind == "known field" for one in names_in(path))


def test_a_store_that_cannot_be_written_fails_no_call_and_says_so_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with answering(STRANGE) as server, client_of(server, tmp_path / "none" / "drift.db") as client:
        for _ in range(5):
            assert client.user("customer-42").transfers.get("tr_1").id == "tr_1"
    said = [record.getMessage() for record in caplog.records if "drift store" in record.getMessage()]
    assert len([line for line in said if "cannot be written" in line]) == 1


def test_an_answer_that_cannot_be_compared_fails_no_call(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with answering(STRANGE) as server, client_of(server, tmp_path / "drift.db") as client:
        monkeypatch.setattr("astra.drift.look.Operation.look", lambda *_: 1 / 0)
        assert client.user("customer-42").transfers.get("tr_1").id == "tr_1"
    assert "could not be compared with the spec: ZeroDivisionError" in caplog.text


def test_the_file_is_its_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / "drift.db"
    with answering(STRANGE) as server, client_of(server, path) as client:
        client.user("customer-42").transfers.get("tr_1")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_names_beyond_the_limit_are_counted_and_not_kept(tmp_path: Path) -> None:
    path = tmp_path / "drift.db"
    letters = [a + b for a in "abcdefghijklmnopqrstuvwxyz" for b in "abcdefghijklmnopqrstuvwxyz"]
    for start in range(0, 30):
        fields = {f"field_{name}": 1 for name in letters[start * 10 : start * 10 + 10]}
        with answering({**TRANSFER, **fields}) as server, client_of(server, path) as client:
            client.user("customer-42").transfers.get("tr_1")
    found = differences(path)
    assert len(found) == MOST_NAMES + 1
    assert found["more", "", ""].count == 300 - MOST_NAMES


def test_an_object_with_many_unknown_keys_is_a_map_and_none_is_named(tmp_path: Path) -> None:
    path = tmp_path / "drift.db"
    people = {f"person_{letter}": 1 for letter in "abcdefghijklmnopqrstuvwxyz"}
    with answering({**TRANSFER, **people}) as server, client_of(server, path) as client:
        client.user("customer-42").transfers.get("tr_1")
    assert differences(path).keys() == {("field", "", "(many keys)")}


def test_threads_share_one_count(tmp_path: Path) -> None:
    path = tmp_path / "drift.db"
    with answering(STRANGE) as server, client_of(server, path) as client:
        threads = [threading.Thread(target=lambda: client.user("customer-42").transfers.get("tr_1")) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert differences(path)["field", "", "risk_score"].count == 8


def test_a_forked_worker_adds_to_the_same_file(tmp_path: Path) -> None:
    path = tmp_path / "drift.db"
    with answering(STRANGE) as server, client_of(server, path) as client:
        client.user("customer-42").transfers.get("tr_1")

        def work() -> None:
            client.user("customer-42").transfers.get("tr_1")

        workers = [multiprocessing.get_context("fork").Process(target=work) for _ in range(3)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join(60)
        assert [worker.exitcode for worker in workers] == [0, 0, 0]
    assert differences(path)["field", "", "risk_score"].count == 4


def test_a_store_of_the_callers_own_serves_two_clients(tmp_path: Path) -> None:
    path = tmp_path / "drift.db"
    with open_drift_store(path) as store, answering(STRANGE) as server:
        for _ in range(2):
            with client_of(server, store) as client:
                client.user("customer-42").transfers.get("tr_1")
        assert {one.count for one in store.select() if one.is_different} == {2}


def test_after_the_first_ones_answers_are_looked_at_by_turns(tmp_path: Path) -> None:
    path = tmp_path / "drift.db"
    with answering(STRANGE) as server, client_of(server, path) as client:
        for _ in range(ALWAYS + 2 * TURN_OF_SMALL):
            client.user("customer-42").transfers.get("tr_1")
    (looked,) = [one.count for one in names_in(path) if one.kind == "looked at"]
    assert looked == ALWAYS + 2
    assert TURN_OF_LARGE > TURN_OF_SMALL


def test_the_environment_names_the_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "drift.db"
    monkeypatch.setenv("ASTRA_DRIFT_STORE", f"sqlite:///{path}")
    with (
        answering(STRANGE) as server,
        astra.Astra.from_env(client_id="id", client_secret="s", base_url=server.origin) as client,
    ):
        client.tokens.store_answer("customer-42", TOKEN, astra_user_id="usr_1")
        client.user("customer-42").transfers.get("tr_1")
    assert differences(path).keys() == FOUND


@pytest.mark.parametrize(
    "name", ["status", "soleProprietorship", "street_line_2", "T", "real-time", "ACH", "userID", "sourceId"]
)
def test_a_name_that_a_programmer_chose_is_shown(name: str) -> None:
    assert harmless(name) == name


@pytest.mark.parametrize(
    "name",
    [
        "Ada Lovelace", "ada@example.com", "+15551234567", "123-45-6789", "4111111111111111", "tr_8f14e45fceea",
        "1970-01-01", "9b1deb4d-3b7d-4bad-9bdd-2b0d7b3dcb6d", "sk_live_4eC39HqLyjWDarjtT1zdp7dc", "", "x" * 65,
        "eyJhbGciOiJIUzI1NiJ9", "línea", "a\nb", "CfQp8L2mZx", "aBcDeFgH",
    ],
)  # fmt: skip
def test_a_name_that_may_be_a_person_or_a_secret_is_not_shown(name: str) -> None:
    assert harmless(name) == NOT_SHOWN


def test_every_name_of_the_spec_would_be_shown() -> None:
    from astra_api.answers import ENUMS, OBJECTS

    fields = {field for fields in OBJECTS.values() for field in fields}
    values = {value for listed in ENUMS.values() for value in listed}
    hidden = {name for name in fields | values if harmless(name) != name}
    assert hidden == {"T+0", "T+1", "T+2", "T+4", "Not Disputed"}


@pytest.mark.parametrize("url", ["postgresql://u:planted@127.0.0.1:1/x", "drift.db", "sqlite:///:memory:"])
def test_what_a_drift_store_cannot_be_is_not_offered(url: str) -> None:
    with pytest.raises(astra.ConfigurationError) as caught:
        open_drift_store(url)
    told = str(caught.value)
    assert "sqlite" in told.lower()
    for other in ("memory://", "SQLAlchemy", "postgresql and", ", postgresql", "planted"):
        assert other not in told
