"""What a walk changes on the server: never twice, never unsaid, and known after whatever happens in the middle."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path
from typing import Any

import pytest

from astra.conformance import world
from astra.conformance.remote import Given, target_of
from astra.first_contact.contact import Contact, contact
from astra.first_contact.intents import PAYMENT, Intent, Journal
from tests.conformance.servers import Answer, Asked
from tests.first_contact.fakes import MISSING, REFUSED, Rule, faking, usual
from tests.first_contact.stand_ins import report_in, run

pytestmark = pytest.mark.guesses

PAY, OUT = "POST /v1/routines", "POST /v1/routines/account-to-card"
TRANSFERS, CANCEL = "GET /v1/routines/routine-1/transfers", "POST /v1/transfers/transfer-1/cancel"
NO_ANSWER: Answer = (0, b"")


def meant(answer: Answer) -> Rule:
    """Answers so a payment that is meant, and refuses one that cannot be taken."""
    return lambda asked: REFUSED if b'"contact"' in asked.body else answer


PAID: dict[str, Rule | Answer] = {
    PAY: meant((200, {"id": "routine-1"})),
    OUT: meant((200, {"id": "routine-2"})),
    TRANSFERS: (200, {"count": 1, "transfers": [{"id": "transfer-1", "status": "pending"}]}),
    CANCEL: (200, {"id": "transfer-1", "status": "cancelled"}),
}


def paid(fake: Any) -> list[int]:
    return [len(fake.sent("POST", path)) for path in ("/v1/routines", "/v1/routines/account-to-card")]


def contacted(folder: Path, pauses: list[float]) -> Contact:
    return contact(
        target_of(Given(payments=True)),
        folder=folder,
        before=None,
        payments=True,
        batch_transfer=None,
        pause=pauses.append,
    )


def test_both_are_made_once_and_the_first_is_taken_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with faking(monkeypatch, PAID) as fake:
        first = run(tmp_path, "--with-payments")
        assert (first.exit_code, paid(fake)) == (0, [1, 1]), first.output
        again = run(tmp_path, "--with-payments")
        assert (again.exit_code, paid(fake)) == (0, [1, 1])
        assert len(fake.sent("POST", "/v1/transfers/transfer-1/cancel")) == 1
    assert "makes no payment, as both were made before" in again.stderr.splitlines()[0]


@pytest.mark.sampled(2)
@pytest.mark.parametrize("lost", [NO_ANSWER, (500, {}), (502, b"<html>"), (409, {}), (302, b"")])
def test_a_payment_without_a_sure_answer_is_never_repeated_and_not_said_to_be_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lost: Answer
) -> None:
    with faking(monkeypatch, {**PAID, PAY: meant(lost)}) as fake:
        for _ in range(2):
            result = run(tmp_path, "--with-payments")
            assert (result.exit_code, paid(fake)) == (6, [1, 1]), result.output
            assert "WARNING: whether a dollar was paid is not known (create_routine" in result.stderr
            assert fake.sent("POST", "/v1/routines")[0].sent["client_correlation_id"] in result.stderr
            assert "no transfer was made" not in result.output


def test_a_payment_to_a_card_without_an_answer_is_told_as_that(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with faking(monkeypatch, {**PAID, OUT: meant(NO_ANSWER)}) as fake:
        for _ in range(2):
            result = run(tmp_path, "--with-payments")
            assert (result.exit_code, paid(fake)) == (6, [1, 1])
            assert "whether a dollar was paid to a card is not known" in result.stderr


def test_a_payment_whose_answer_was_lost_is_found_by_its_correlation_id_and_taken_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def listed(_: Asked) -> Answer:
        made = [one.sent["client_correlation_id"] for one in fake.sent("POST", "/v1/routines")]
        rows = [{"id": "routine-0", "client_correlation_id": "OTHER"}]
        return 200, {"routines": [*rows, *({"id": "routine-1", "client_correlation_id": one} for one in made)]}

    with faking(monkeypatch, {**PAID, PAY: meant(NO_ANSWER), "GET /v1/routines": listed}) as fake:
        result = run(tmp_path, "--with-payments")
        assert (result.exit_code, paid(fake)) == (0, [1, 1]), result.output
        assert len(fake.sent("POST", "/v1/transfers/transfer-1/cancel")) == 1


def test_an_id_of_another_name_is_enough_to_take_it_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = {"user_id": "user-1", "routineId": "routine-1", "source_id": "account-1"}
    with faking(monkeypatch, {**PAID, PAY: meant((200, made))}) as fake:
        assert run(tmp_path, "--with-payments").exit_code == 0
        assert len(fake.sent("POST", "/v1/transfers/transfer-1/cancel")) == 1


def test_a_transfer_that_comes_late_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def late(asked: Asked) -> Answer:
        return 200, {"transfers": [{"id": "transfer-1"}] if asked.before == 2 else []}

    pauses: list[float] = []
    with faking(monkeypatch, {**PAID, TRANSFERS: late}):
        made = contacted(tmp_path, pauses)
    assert (list(made.warnings), made.code, pauses) == ([], 0, [2, 2])


@pytest.mark.parametrize("change", [{TRANSFERS: (200, {"transfers": []})}, {CANCEL: (409, {})}])
def test_a_dollar_that_is_not_taken_back_is_said_loudly_and_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: dict[str, Rule | Answer]
) -> None:
    with faking(monkeypatch, {**PAID, **change}) as fake:
        made = contacted(tmp_path, [])
        assert made.code == 6
        assert "a dollar was paid and NOT taken back (create_routine, request id r" in made.warnings[0]
    with faking(monkeypatch, PAID) as fake:
        text = (tmp_path / "report.json").read_text(encoding="utf-8").replace(made.report.base, fake.base)
        (tmp_path / "report.json").write_text(text, encoding="utf-8")
        result = run(tmp_path, "--with-payments")
        assert (result.exit_code, paid(fake)) == (0, [0, 0]), result.output
        assert len(fake.sent("POST", "/v1/transfers/transfer-1/cancel")) == 1
    assert "tries to cancel the dollar that was paid before" in result.stderr.splitlines()[0]


def test_a_payment_that_was_refused_may_be_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with faking(monkeypatch, {**PAID, PAY: REFUSED}) as fake:
        assert run(tmp_path, "--with-payments").exit_code == 0
        run(tmp_path, "--with-payments")
        assert len({one.sent["client_correlation_id"] for one in fake.sent("POST", "/v1/routines")}) == 1
        assert paid(fake) == [2, 1]


def test_what_it_was_about_to_pay_and_had_found_is_there_when_it_is_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    send = world.send

    def killed(url: str, method: str, **given: Any) -> Any:
        if method == "POST" and url.endswith("/v1/routines"):
            intents = json.loads((tmp_path / "intents.json").read_text(encoding="utf-8"))
            assert {one["operation"]: one["state"] for one in intents}["create_routine"] == "begun"
            send(url, method, **given)
            raise SystemExit(143)
        return send(url, method, **given)

    with faking(monkeypatch, PAID) as fake:
        monkeypatch.setattr(world, "send", killed)
        assert run(tmp_path, "--with-payments").exit_code == 143
        assert report_in(tmp_path).ended == "it was cut off before its end"
        assert "get_user" in report_in(tmp_path).done
        monkeypatch.setattr(world, "send", send)
        result = run(tmp_path, "--with-payments")
        assert (result.exit_code, paid(fake)) == (6, [1, 1])
    assert "whether a dollar was paid is not known" in result.stderr
    assert report_in(tmp_path).ended == ""


@pytest.mark.parametrize("content", ["", "{}", '[{"operation": "create_routine"}]', "[" * 100_000])
def test_a_journal_that_cannot_be_read_stops_it_before_anything_is_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str
) -> None:
    (tmp_path / "intents.json").write_text(content, encoding="utf-8")
    with faking(monkeypatch, PAID) as fake:
        result = run(tmp_path, "--with-payments")
        assert (result.exit_code, fake.asked) == (2, [])
    assert "it says what earlier walks have paid" in result.stderr


def test_a_business_profile_that_cannot_be_read_is_not_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: dict[str, Rule | Answer] = {"POST /v1/business_profile": (200, {"id": "business-1"})}
    with faking(monkeypatch, made) as fake:
        assert "makes a business profile" in run(tmp_path).stderr
        again = run(tmp_path)
        assert len(fake.sent("POST", "/v1/business_profile")) == 1
        assert len([one for one in fake.asked if one.path == "/v1/business_profile/business-1"]) == 2
    assert "makes a business profile" not in again.stderr


@pytest.mark.sampled(2)
@pytest.mark.parametrize("answer", [(200, {"status": "error"}), (202, b""), (200, b"<html>"), (200, {"id": "user-1"})])
def test_a_request_that_cannot_be_taken_and_was_taken_is_said_and_settles_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: Answer
) -> None:
    with faking(monkeypatch, {"PATCH /v1/users/user-1": answer}) as fake:
        for _ in range(2):
            result = run(tmp_path)
            assert result.exit_code == 6, result.output
            assert (
                "something may have been changed: a request that cannot be taken was taken (update_user, request"
                in (result.stderr)
            )
        assert len([one for one in fake.asked if one.path == "/v1/users/user-1" and one.method == "PATCH"]) == 1
    found = {one.place: one.outcome for one in report_in(tmp_path).verdicts}
    assert found["components.schemas.UserUpdate.email"] == "open"


def test_what_will_be_done_is_said_before_tokens_are_refreshed_or_a_code_is_spent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from astra.cli import first_contact

    said: list[str] = []
    with faking(monkeypatch, {"*": usual}):
        monkeypatch.setattr(first_contact, "say", said.append)
        monkeypatch.setattr(first_contact, "probe", lambda _: pytest.fail("nothing was said") if not said else exit(9))
        assert run(tmp_path, "--code", "a-code").exit_code == 9
    assert "exchanges the code, which can be done once" in said[0]


def test_nothing_is_called_without_the_id_that_it_is_called_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nameless: Answer = (200, {"count": 1, "payment_instruments": [{"instrument": "x", "name": "n"}]})
    with faking(monkeypatch, {"GET /v1/payment_instruments": nameless, "GET /v1/nothing": MISSING}) as fake:
        run(tmp_path)
        assert [one.path for one in fake.asked if one.path.endswith("/") or "//" in one.path] == []
    assert "nothing gave an id" in (tmp_path / "report.json").read_text(encoding="utf-8")


def test_what_is_written_down_is_in_the_folder_too_before_anything_is_paid(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept: list[bool] = []
    monkeypatch.setattr(os, "fsync", lambda number: kept.append(stat.S_ISDIR(os.fstat(number).st_mode)))
    Journal(tmp_path / "intents.json").put(Intent(operation=PAYMENT))
    assert kept == [False, True]
