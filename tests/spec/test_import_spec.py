"""Somebody else's description of the API is taken in, and what it says about our guesses is right."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from scripts.import_spec.__main__ import FORMS, Imported, import_spec, main
from scripts.import_spec.sources import merge, read_sources
from scripts.spec_document.fast_yaml import safe_load
from scripts.spec_document.guesses import find_guesses
from scripts.spec_document.load import CannotLoadError, load
from scripts.spec_document.walk import reach
from tests.spec.documents import ROOT, spec

pytestmark = pytest.mark.guesses

THEIRS = ROOT / "tests/spec/fixtures/written_by_someone_else.yaml"

# What the fixture says about the guesses that it touches, worked out by hand. A text after a colon is their name.
EXPECTED = """
paths./v1/cards/{id}/auth_details.get                contradicted: auth-details
paths./v1/instant_payment_eligibility.get            contradicted: /v1/instant-payment-eligibility
paths./v1/request_user_phone_number_update.post      confirmed
paths./v1/batch_transfers/{id}.get                   confirmed
paths./v1/business_profile/{business_profile_id}.get open
paths./v1/request_address_change.post                open
paths./v1/instant_payment_eligibility.get.parameters.routing_number             confirmed
paths./v1/instant_payment_eligibility.get.parameters.institution_routing_number contradicted: institution_routing
paths./v1/instant_payment_eligibility.get.parameters.participant_id             contradicted: no such
components.parameters.Cursor                         contradicted: cursor_id
components.parameters.PageSize                       confirmed
components.headers.RetryAfter                        confirmed
components.schemas.Page.cursor                       contradicted: next_cursor
components.schemas.Page.more                         contradicted: has_more
components.schemas.CardAuthDetails.recommendation    confirmed
components.schemas.CardAuthDetails.card_id           contradicted: no such
components.schemas.CardAuthDetails.risk_level        contradicted: risk_score
components.schemas.BatchTransfer.amount              open
components.schemas.InstantPaymentEligibilityList.instant_payment_eligibility contradicted: institutions
components.schemas.InstantPaymentEligibility.routing_number   confirmed
components.schemas.InstantPaymentEligibility.institution_name contradicted: perhaps it is name
components.schemas.InstantPaymentEligibility.rtp              confirmed
components.schemas.InstantPaymentEligibility.fednow           contradicted: fed_now
components.schemas.InstantPaymentEligibility.participant_id   contradicted: no such
components.schemas.RoutineCreate.debit_fee_percent            contradicted: customer_debit_fee_percent_override
components.schemas.RoutineCreate.ultimate_receiver_user_id    contradicted: ultimate_receiving_user_id
components.schemas.RoutineCreate.ultimate_sender_user_id      contradicted: ultimate_sending_user_id
components.schemas.SettlementMode=gross_debit        contradicted: gross, net_debit
components.schemas.AccountToCardRoutineCreate.ultimate_sender_user_id contradicted: no such
components.schemas.CardToAccountRoutineCreate.ultimate_sender_user_id open
components.schemas.BookRoutineCreate.name            confirmed
components.schemas.BookRoutineCreate.amount          confirmed
components.schemas.BookRoutineCreate.source_id       contradicted: from_instrument
components.schemas.BookRoutineCreate.destination_id  contradicted: to_instrument
components.schemas.Routine.transfer_id               confirmed
components.schemas.TransferSegmentList.segments      contradicted: data
components.schemas.TransferSegmentList.count         contradicted: no such
components.schemas.TransferSegment.id                confirmed
components.schemas.TransferSegment.amount            confirmed
components.schemas.TransferSegment.status            confirmed
components.schemas.TransferSegment.return_code       contradicted: ach_return_code
components.schemas.TransferSegment.source_id         contradicted: no such
components.schemas.PhoneNumberUpdate.phone           contradicted: phone_number
components.schemas.PhoneNumberChangeRequest.status   open
components.responses.PhoneNumberChangeRequest        open
components.responses.UserGuess                       open
components.schemas.KycUpgrade.kyc_type               confirmed
components.schemas.KycUpgrade.ssn                    confirmed
components.schemas.KycUpgrade.date_of_birth          confirmed
components.schemas.PaymentInstrumentList.payment_instruments confirmed
components.schemas.PaymentInstrument.name            contradicted: no such
components.schemas.PaymentInstrument.account_id      confirmed
components.schemas.PaymentInstrument.available_balance confirmed
components.schemas.Capabilities.account_to_card      open
components.schemas.BusinessProfile.status            open
"""


def imported(*paths: Path) -> Imported:
    return import_spec(list(paths), ours=spec(), overlay=load("spec/overlay.yaml", root=ROOT))


def outcomes(result: Imported) -> dict[str, str]:
    return {verdict.guess.place: verdict.outcome for verdict in result.verdicts}


def test_the_guess_report_is_right_for_a_document_with_other_names_and_layouts() -> None:
    verdicts = {verdict.guess.place: verdict for verdict in imported(THEIRS).verdicts}
    for line in EXPECTED.strip().splitlines():
        place, expected = line.split(maxsplit=1)
        outcome, _, name = expected.partition(": ")
        assert verdicts[place].outcome == outcome, (place, verdicts[place])
        assert name in verdicts[place].detail, (place, verdicts[place])


def test_every_guess_gets_one_verdict_and_what_the_document_lacks_stays_open() -> None:
    result = imported(THEIRS)
    assert [verdict.guess.place for verdict in result.verdicts] == [guess.place for guess in find_guesses(spec())]
    unmentioned = [
        verdict
        for verdict in result.verdicts
        if verdict.guess.operations and set(verdict.guess.operations) <= set(result.missing)
    ]
    assert len(unmentioned) > 20
    assert {verdict.outcome for verdict in unmentioned} == {"open"}


def test_a_type_that_differs_from_ours_is_told() -> None:
    verdicts = {verdict.guess.place: verdict.detail for verdict in imported(THEIRS).verdicts}
    assert "as string" in verdicts["components.schemas.PaymentInstrument.available_balance"]


def test_operations_that_one_side_lacks_are_named() -> None:
    result = imported(THEIRS)
    assert result.unknown == ["GET /v1/institutions"]
    assert "get_user" in result.missing
    assert "list_accounts" not in result.missing


def test_a_write_that_nobody_has_judged_is_taken_for_money_and_told(tmp_path: Path) -> None:
    theirs = safe_load(THEIRS.read_text(encoding="utf-8"))
    theirs["paths"]["/v1/transfers/{id}/refund"] = {"post": {"operationId": "post_v1-refund", "responses": {}}}
    (tmp_path / "theirs.json").write_text(json.dumps(theirs, default=str), encoding="utf-8")
    result = imported(tmp_path / "theirs.json")
    assert result.document["paths"]["/v1/transfers/{id}/refund"]["post"]["x-money"] is True
    assert result.assumed_money == ["POST /v1/transfers/{id}/refund (post_v1-refund)"]
    for form in FORMS.values():
        assert "post_v1-refund" in form(result)
    assert imported(THEIRS).assumed_money == []


def test_fragments_in_pages_give_the_same_report_as_the_whole_document(tmp_path: Path) -> None:
    whole = safe_load(THEIRS.read_text(encoding="utf-8"))
    for number, (path, item) in enumerate(whole["paths"].items()):
        fragment: dict[str, Any] = {"openapi": "3.0.3", "info": whole["info"], "paths": {path: item}}
        used = {name.rsplit("/", 1)[-1] for name in reach(whole, item)}
        fragment["components"] = {"schemas": {n: s for n, s in whole["components"]["schemas"].items() if n in used}}
        if number % 3 == 0:
            (tmp_path / f"{number}.json").write_text(
                json.dumps({path: item} if not used else fragment), encoding="utf-8"
            )
        else:
            block = json.dumps(fragment, indent=2)
            page = f"# A page\n\nSome words.\n\n```python\nprint('no OpenAPI here')\n```\n\n```json\n{block}\n```\n"
            (tmp_path / f"{number}.md").write_text(page, encoding="utf-8")
    assert outcomes(imported(tmp_path)) == outcomes(imported(THEIRS))


def test_our_own_spec_confirms_every_guess() -> None:
    assert set(outcomes(imported(ROOT / "spec/astra.yaml")).values()) == {"confirmed"}


def test_components_of_one_name_and_different_content_are_kept_apart() -> None:
    def fragment(path: str, kind: str) -> dict[str, Any]:
        schema = {"$ref": "#/components/schemas/error"}
        response = {"description": "x", "content": {"application/json": {"schema": schema}}}
        return {
            "paths": {path: {"get": {"responses": {"400": response}}}},
            "components": {"schemas": {"error": {"type": kind}}},
        }

    whole = merge([("a", fragment("/a", "object")), ("b", fragment("/b", "string")), ("c", fragment("/c", "object"))])
    assert whole["components"]["schemas"] == {"error": {"type": "object"}, "error2": {"type": "string"}}
    reference = whole["paths"]["/b"]["get"]["responses"]["400"]["content"]["application/json"]["schema"]["$ref"]
    assert reference == "#/components/schemas/error2"


def test_two_files_that_describe_an_operation_differently_are_refused() -> None:
    with pytest.raises(CannotLoadError, match="GET /a"):
        merge([("a", {"paths": {"/a": {"get": {"x": 1}}}}), ("b", {"paths": {"/a": {"get": {"x": 2}}}})])


@pytest.mark.parametrize("text", ["just words", "[1, 2]", "info: {}", "{"])
def test_a_file_without_openapi_is_a_clear_error(tmp_path: Path, text: str) -> None:
    (tmp_path / "x.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(CannotLoadError, match=r"x\.yaml"):
        read_sources([tmp_path / "x.yaml"])
    (tmp_path / "x.md").write_text(text, encoding="utf-8")
    with pytest.raises(CannotLoadError, match=r"x\.md"):
        read_sources([tmp_path / "x.md"])
    with pytest.raises(CannotLoadError, match="nowhere"):
        read_sources([tmp_path / "nowhere"])


def test_the_overlay_makes_their_document_ours() -> None:
    result = imported(THEIRS)
    operation = result.document["paths"]["/v1/routines"]["post"]
    assert (operation["operationId"], operation["tags"], operation["x-money"]) == ("create_routine", ["routines"], True)
    assert operation["security"] == [{"bearer": []}]
    text = json.dumps(result.document)
    assert '"uuid"' not in text
    assert '"additionalProperties": false' not in text
    assert text.count('"format": "decimal"') >= 5
    assert result.document["components"]["schemas"]["identity"]["properties"]["ssn"]["x-secret"] is True


def test_every_operation_of_ours_is_named_by_the_overlay(tmp_path: Path) -> None:
    overlay = load("spec/overlay.yaml", root=ROOT)
    for action in overlay["actions"]:
        assert action["description"]
    theirs = copy.deepcopy(spec())
    for item in theirs["paths"].values():
        for key, operation in item.items():
            if key != "parameters":
                operation["operationId"] = operation.pop("x-astra-slug")
                for extension in ("tags", "security", "x-money", "x-host", "servers"):
                    operation.pop(extension, None)
    (tmp_path / "theirs.json").write_text(json.dumps(theirs), encoding="utf-8")
    renamed = import_spec([tmp_path / "theirs.json"], ours=spec(), overlay=overlay).document
    for path, item in spec()["paths"].items():
        for key, operation in item.items():
            if key != "parameters":
                for same in ("operationId", "tags", "security", "x-money", "x-host", "x-astra-slug"):
                    assert renamed["paths"][path][key].get(same) == operation.get(same), (path, same)


def test_the_command_prints_each_form_and_writes_the_document(tmp_path: Path, capsys) -> None:
    target = tmp_path / "out" / "imported.yaml"
    assert main([str(THEIRS), "--output", str(target)]) == 0
    assert f"{len(find_guesses(spec()))} guesses: " in capsys.readouterr().out
    assert load(str(target), root=ROOT)["paths"]["/v1/accounts"]["get"]["operationId"] == "list_accounts"
    assert main([str(THEIRS), "--format", "json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert sum(answer["counts"].values()) == len(answer["guesses"]) == len(find_guesses(spec()))
    assert main([str(THEIRS), "--format", "markdown"]) == 0
    assert "## Contradicted" in capsys.readouterr().out
    assert main([str(tmp_path / "missing")]) == 2
    assert "missing" in capsys.readouterr().err
