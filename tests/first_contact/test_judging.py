"""What single answers settle: names by likeness and by what stands there, refusals, pages."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import attrs
import pytest
from astra_api.guesses import GUESSES, Guess

from astra._spec import packed_spec
from astra.first_contact.alike import are_same
from astra.first_contact.judge import Seen, Verdict, body_of, judge, merged
from astra.first_contact.paging import CURSOR, PAGE_CURSOR, PAGE_MORE, SIZE, find_out
from astra.first_contact.report import make_report, read_report

pytestmark = pytest.mark.guesses

OPERATION = "get_card_auth_details"
DETAILS = "components.schemas.CardAuthDetails"


def guess(place: str) -> Guess:
    return next(one for one in GUESSES if one.place == place)


def judged(place: str, *seen: Seen) -> Verdict:
    (verdict,) = judge(packed_spec(), [guess(place)], seen)
    return verdict


def details(**body: Any) -> Seen:
    return Seen(operation=OPERATION, status=200, body=body, facts={"card_id": ["card_8f14e4"]})


def test_a_field_that_is_there_is_confirmed() -> None:
    assert judged(f"{DETAILS}.risk_level", details(card_id="card_8f14e4", risk_level="low")).outcome == "confirmed"


def test_a_field_under_a_name_that_is_alike_is_contradicted_with_that_name() -> None:
    verdict = judged(f"{DETAILS}.risk_level", details(card_id="card_8f14e4", riskLevel="low"))
    assert (verdict.outcome, verdict.called) == ("contradicted", "riskLevel")


def test_a_name_that_is_nothing_alike_is_told_by_what_stands_under_it() -> None:
    verdict = judged(f"{DETAILS}.card_id", details(wombat="card_8f14e4", risk_level="low", recommendation="approve"))
    assert (verdict.outcome, verdict.called) == ("contradicted", "wombat")


def test_two_names_that_hold_the_same_say_nothing() -> None:
    verdict = judged(f"{DETAILS}.card_id", details(wombat="card_8f14e4", quokka="card_8f14e4"))
    assert (verdict.outcome, verdict.called) == ("open", None)
    assert set(verdict.suspects) == {"wombat", "quokka"}


def test_a_field_that_is_not_in_an_answer_stays_open_for_it_may_exist_all_the_same() -> None:
    verdict = judged(f"{DETAILS}.risk_level", details(card_id="card_8f14e4"))
    assert verdict.outcome == "open"
    assert "none of 1 objects" in verdict.detail


def test_another_type_is_told() -> None:
    verdict = judged(f"{DETAILS}.risk_level", details(card_id="card_8f14e4", risk_level=3))
    assert (verdict.outcome, verdict.kinds) == ("confirmed", ("number",))


def test_a_name_that_may_be_a_person_s_is_no_name_and_never_told() -> None:
    verdict = judged(f"{DETAILS}.card_id", details(**{"ada@example.com": "card_8f14e4", "risk_level": "low"}))
    assert verdict.called is None
    assert "ada" not in f"{verdict}"


ADDRESS = "components.schemas.AddressChange"
SENT = ("address1", "address2", "city", "state", "postal_code")


def refused(body: Any, *, status: int = 400) -> Seen:
    return Seen(operation="request_address_change", status=status, body=body, probe=SENT)


@pytest.mark.parametrize(
    "body",
    [
        {"code": 400, "description": {"city": ["Not a valid string."], "state": ["Not a valid string."]}},
        {"errors": [{"field": "city", "reason": "no text"}, {"field": "state", "reason": "no text"}]},
        {"detail": "'city' is no text, 'state' is no text"},
    ],
)
def test_a_refusal_names_the_fields_that_exist_in_whatever_shape(body: Any) -> None:
    assert judged(f"{ADDRESS}.city", refused(body)).outcome == "confirmed"
    # Of what it does not name it says nothing: it may have stopped there, or pass over what is optional.
    assert judged(f"{ADDRESS}.postal_code", refused(body)).outcome == "open"


@pytest.mark.parametrize(
    "body",
    [
        {"description": {"city": ["Not a valid string."], "state": ["Unknown field."]}},
        {"errors": [{"field": "city", "reason": "no text"}, {"field": "state", "reason": "Unexpected field"}]},
        {"detail": [{"loc": "state", "msg": "Extra inputs are not permitted"}, {"loc": "city", "msg": "no text"}]},
        {"detail": "'city' is no text; unknown field 'state'"},
        {"errors": ["'city' is no text", "no such field: 'state'"]},
    ],
)
def test_a_refusal_that_calls_a_field_unknown_does_not_confirm_it(body: Any) -> None:
    assert judged(f"{ADDRESS}.city", refused(body)).outcome == "confirmed"
    assert judged(f"{ADDRESS}.state", refused(body)).outcome == "contradicted"


WRONG = {"first": "contact"}
NOT_EVIDENCE: dict[str, Any] = {
    "an echo under input": {"detail": [{"loc": ["body", "town"], "msg": "Field required", "input": {"city": WRONG}}]},
    "an echo under its own name": {"code": 400, "request": {"city": WRONG}, "errors": [{"sent": {"city": WRONG}}]},
    "an echo in a sentence": {"message": "cannot read {'city': {'first': 'contact'}}"},
    "the name of the error": {"error": {"name": "city", "message": "Please check.", "status": "fail"}},
    "a key that every error has": {"city": "x", "state": "y"},
}


@pytest.mark.parametrize("name", NOT_EVIDENCE)
def test_what_was_sent_and_what_every_error_has_confirms_nothing(name: str) -> None:
    seen = attrs.evolve(refused(NOT_EVIDENCE[name]), sent=dict.fromkeys(SENT, WRONG))
    assert judged(f"{ADDRESS}.city", seen).outcome == "open"


@pytest.mark.parametrize(
    "body",
    [
        {"detail": [{"type": "extra_forbidden", "loc": ["body", "city"], "msg": "Extra inputs are not permitted"}]},
        [{"instancePath": "", "keyword": "additionalProperties", "params": {"additionalProperty": "city"},
          "message": "must NOT have additional properties"}],
        {"errors": [{"source": {"pointer": "/data/attributes/city"}, "detail": "There is no such attribute."}]},
        {"unknown": ["city"], "message": "Bad Request"},
    ],
)  # fmt: skip
def test_a_field_that_a_validator_does_not_know_is_not_confirmed_by_its_place(body: Any) -> None:
    assert judged(f"{ADDRESS}.city", refused(body)).outcome == "contradicted"


@pytest.mark.parametrize(
    "body",
    [
        {"detail": [{"loc": ["body", "city"], "msg": "Input should be a valid string", "input": WRONG}]},
        [{"instancePath": "/city", "keyword": "type", "message": "must be string"}],
        {"errors": [{"source": {"pointer": "/data/attributes/city"}, "detail": "is no text"}]},
        {"title": "Bad Request", "invalid_params": [{"name": "city", "reason": "is no text"}]},
        {"city": ["Not a valid string."]},
        {"errors": {"city": "is no text"}},
        {"error": {"message": "bad", "params": ["city"]}},
        {"errors": [{"path": "$.city", "message": "no text"}, {"path": ["user", 0, "state"], "message": "no text"}]},
    ],
)
def test_a_field_is_confirmed_where_a_validator_puts_names(body: Any) -> None:
    assert judged(f"{ADDRESS}.city", refused(body)).outcome == "confirmed"


GROSS_DEBIT = "components.schemas.SettlementMode=gross_debit"
PAYOUT: dict[str, Any] = {"operation": "create_account_to_card_routine", "sent": {"settlement_mode": "gross_debit"}}


@pytest.mark.parametrize(
    ("seen", "outcome"),
    [
        (Seen(status=200, body={"id": "r1", "settlement_mode": "gross_debit"}, **PAYOUT), "confirmed"),
        (Seen(status=200, body={"id": "r1"}, **PAYOUT), "open"),
        (Seen(status=200, body={"id": "r1", "settlement_mode": "net"}, **PAYOUT), "open"),
        (Seen(status=200, body={"error": "gross_debit"}, **PAYOUT), "open"),
        (Seen(status=400, body={"description": "One of: net, gross_debit."}, operation=PAYOUT["operation"],
              sent={"settlement_mode": "first-contact"}, probe=("settlement_mode",)), "confirmed"),
        (Seen(status=400, body={"description": "No gross_debit."}, probe=("name",), **PAYOUT), "open"),
    ],
)  # fmt: skip
def test_a_value_is_confirmed_by_an_answer_that_has_it_or_a_refusal_that_lists_it(seen: Seen, outcome: str) -> None:
    assert judged(GROSS_DEBIT, seen).outcome == outcome


def test_a_body_that_is_nested_without_end_is_no_body() -> None:
    assert body_of(b"[" * 900 + b"]" * 900) is None
    assert body_of(b"[" * 9 + b"5" + b"]" * 9) == [[[[[[[[[5]]]]]]]]]


def test_a_refusal_without_end_is_read() -> None:
    body: Any = "city"
    for _ in range(900):
        body = {"errors": [body]}
    assert judged(f"{ADDRESS}.city", refused(body)).outcome == "open"


def test_a_refusal_tells_the_name_of_a_required_field() -> None:
    body = {"description": {"city": ["x"], "state": ["x"], "postalCode": ["Missing data for required field."]}}
    verdict = judged(f"{ADDRESS}.postal_code", refused(body))
    assert (verdict.outcome, verdict.called) == ("contradicted", "postalCode")


def test_a_word_that_no_field_has_is_no_name_because_all_others_are_named() -> None:
    named = [{"field": name, "code": "invalid"} for name in SENT[:-1]]
    verdict = judged(f"{ADDRESS}.postal_code", refused({"errors": named}))
    assert (verdict.outcome, verdict.called) == ("open", None)


def test_a_name_of_other_words_is_left_to_a_person_with_what_may_be_it() -> None:
    body = {
        "description": {
            "city": ["No text."],
            "state": ["No text."],
            "postal_code_line": ["Missing data for required field."],
        }
    }
    verdict = judged(f"{ADDRESS}.postal_code", refused(body))
    assert (verdict.outcome, verdict.called, verdict.suspects) == ("open", None, ("postal_code_line",))


NEIGHBOURS = [
    ("list_transfer_segments", "segments", "TransferSegment", "source_id", "source_type"),
    ("list_transfer_segments", "segments", "TransferSegment", "destination_id", "destination_type"),
    ("list_transfer_segments", "segments", "TransferSegment", "return_code", "return_reason"),
    ("list_payment_instruments", "payment_instruments", "PaymentInstrument", "account_number", "account_name"),
    ("list_instant_payment_eligibility", "instant_payment_eligibility", "InstantPaymentEligibility",
     "participant_id", "participant_name"),
]  # fmt: skip


@pytest.mark.parametrize(("operation", "items", "owner", "name", "neighbour"), NEIGHBOURS)
def test_a_newcomer_beside_a_field_that_is_missing_is_not_taken_for_it(
    operation: str, items: str, owner: str, name: str, neighbour: str
) -> None:
    body = {"count": 1, items: [{"id": "x", "amount": 1, neighbour: "something"}]}
    verdict = judged(f"components.schemas.{owner}.{name}", Seen(operation=operation, status=200, body=body))
    assert (verdict.outcome, verdict.called) == ("open", None)
    assert neighbour in verdict.suspects


@pytest.mark.parametrize(
    ("other", "called"), [("segments_found", "segments_found"), ("violations", None), ("errors", None)]
)
def test_the_one_list_of_an_answer_is_the_list_when_its_name_is_alike(other: str, called: str | None) -> None:
    body = {"total": 1, other: [{"text": "x"}]}
    verdict = judged(
        "components.schemas.TransferSegmentList.segments",
        Seen(operation="list_transfer_segments", status=200, body=body),
    )
    assert verdict.called == called


def test_one_of_two_names_with_the_same_words_is_not_chosen() -> None:
    verdict = judged(f"{DETAILS}.risk_level", details(card_id="card_8f14e4", riskLevel="low", risk_levels="low"))
    assert (verdict.outcome, verdict.called) == ("open", None)
    assert set(verdict.suspects) == {"riskLevel", "risk_levels"}


@pytest.mark.parametrize(
    ("mine", "other", "same"),
    [
        ("kyc_type", "kycType", True), ("fee_amount", "feeAmounts", True), ("eligible", "is_eligible", True),
        ("kyc_type", "kyc_status", False), ("source_id", "source_user_id", False), ("is", "has", False),
    ],
)  # fmt: skip
def test_names_are_the_same_when_their_words_are(mine: str, other: str, same: bool) -> None:
    assert are_same(mine, other) is same


def test_a_request_that_is_taken_whatever_stands_in_a_field_says_nothing_of_it() -> None:
    assert judged(f"{ADDRESS}.city", refused({}, status=200)).outcome == "open"


@pytest.mark.parametrize(
    ("content", "shape"), [(b"<title>Just a moment</title>", "not JSON"), (b" ", "empty"), (b"null", "JSON null")]
)
def test_a_success_without_an_object_says_what_came_instead(content: bytes, shape: str) -> None:
    seen = [Seen(operation="get_user", status=200, content=content)]
    report = make_report(packed_spec(), seen, base="http://localhost", told={}, left={}, before=None)
    assert [(one.owner, one.name) for one in report.unknown] == [("get_user 200", shape)]


@pytest.mark.parametrize(
    "body",
    [
        {"error": "rate_limited", "message": "slow down"},
        {"id": "u1", "errors": [{"message": "slow down"}]},
        {"title": "Maintenance", "until": "2026-11-27"},
        {f"word_{letter}": 1 for letter in "abcdefgh"},
        {f"word_{letter}": 1 for letter in "abcdefghijklmnop"},
        None,
        "slow down",
    ],
)
def test_a_success_that_is_an_error_gives_the_spec_no_fields_and_is_told(body: Any) -> None:
    seen = [Seen(operation=name, status=200, body=body) for name in ("list_accounts", "get_user", "get_transfer")]
    report = make_report(packed_spec(), seen, base="http://x", told={}, left={}, before=None)
    assert [one.outcome for one in report.verdicts if one.outcome != "open"] == []
    assert {one.kind for one in report.unknown} == {"error shape"}
    assert {one.owner for one in report.unknown} >= {"list_accounts 200", "get_user 200", "get_transfer 200"}
    assert report.done == []
    assert read_report(json.dumps(report.to_dict())) is not None
    told = next(one for one in report.verdicts if one.place == "components.schemas.User.kyc_type")
    assert told.detail == "get_user: it answered 200 with a body of another form"


@pytest.mark.parametrize("status", [401, 403, 404, 500])
def test_a_refusal_for_another_reason_says_nothing(status: int) -> None:
    body = {"description": {"city": ["x"]}}
    assert judged(f"{ADDRESS}.city", refused(body, status=status)).outcome == "open"


ROWS = [{"id": f"row_{number}", "name": "x"} for number in range(25)]


def by_names(size: str, cursor: str, *, answered: str, more: str) -> Callable[[Mapping[str, str]], object]:
    def fetch(query: Mapping[str, str]) -> object:
        if not query.get(cursor, "0").isdecimal():
            return None  # refused
        start, count = int(query.get(cursor, 0)), int(query.get(size, 20))
        rest = start + count < len(ROWS)
        return {"accounts": ROWS[start : start + count], more: rest, answered: str(start + count) if rest else None}

    return fetch


def by_last_item(query: Mapping[str, str]) -> object:
    start = next((n for n, row in enumerate(ROWS, 1) if row["id"] == query.get("starting_after")), 0)
    count = int(query.get("limit", 20))
    return {"accounts": ROWS[start : start + count], "has_more": start + count < len(ROWS)}


def by_offset(query: Mapping[str, str]) -> object:
    start = int(query.get("offset", 0))
    return {"accounts": ROWS[start : start + int(query.get("size", 20))]}


def test_pages_by_our_names_are_confirmed() -> None:
    fetch = by_names("page_size", "cursor", answered="cursor", more="more")
    found = find_out(packed_spec(), "list_accounts", fetch)
    assert {place: one.outcome for place, one in found.items()} == {SIZE: "confirmed", CURSOR: "confirmed"}


def test_pages_by_other_names_are_told_by_what_changes_the_answer() -> None:
    fetch = by_names("limit", "page_token", answered="next_page_token", more="has_more")
    found = find_out(packed_spec(), "list_accounts", fetch)
    told = {place: one.called for place, one in found.items()}
    assert told == {SIZE: "limit", CURSOR: "page_token", PAGE_CURSOR: "next_page_token"}


@pytest.mark.parametrize(
    ("fetch", "cursor", "takes", "lacks"),
    [
        (by_last_item, "starting_after", "the id of the last item", {PAGE_CURSOR}),
        (by_offset, "offset", "how many items to leave out", {PAGE_CURSOR, PAGE_MORE}),
    ],
)
def test_pages_of_another_kind_are_told_with_what_leads_on(
    fetch: Callable[[Mapping[str, str]], object], cursor: str, takes: str, lacks: set[str]
) -> None:
    found = find_out(packed_spec(), "list_accounts", fetch)
    assert found[CURSOR].called == cursor
    assert takes in found[CURSOR].detail
    assert {place for place in (PAGE_CURSOR, PAGE_MORE) if place in found} == lacks


def test_a_list_that_is_shorter_than_a_page_says_nothing_of_pages() -> None:
    assert find_out(packed_spec(), "list_accounts", lambda query: {"accounts": ROWS[:10], "more": False}) == {}


def test_a_server_that_heeds_nothing_is_told_and_named_nothing() -> None:
    found = find_out(packed_spec(), "list_accounts", lambda query: {"accounts": ROWS, "more": True, "cursor": "c"})
    assert {one.outcome for one in found.values()} == {"contradicted"}
    assert {one.called for one in found.values()} == {None}


def test_what_an_earlier_walk_missed_is_settled_by_one_that_looked_and_a_name_that_it_saw_stays() -> None:
    missed = Verdict(f"{DETAILS}.risk_level", "contradicted", "none has it")
    named = Verdict(f"{DETAILS}.card_id", "contradicted", "it is wombat", called="wombat")
    now = [Verdict(one.place, "open", "not seen") for one in (missed, named)]
    before = {one.place: one for one in (missed, named)}
    assert merged(before, now, looked=before) == [now[0], named]
    assert merged(before, now) == [missed, named]
    report = make_report(packed_spec(), [], base="http://x", told=before, left={}, before=None)
    again = make_report(
        packed_spec(), [details(recommendation="approve")], base="http://x", told={}, left={}, before=report
    )
    assert next(one for one in again.verdicts if one.place == missed.place).outcome == "open"
    assert next(one for one in again.verdicts if one.place == named.place) == named
