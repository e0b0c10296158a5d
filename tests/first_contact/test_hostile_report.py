"""A report that nobody's walk wrote: refused with the place, or its names left to a person; nothing of it is obeyed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from astra_api.guesses import GUESSES

from astra.first_contact.judge import Verdict
from astra.first_contact.report import BadReportError, Report, Unknown, checked_report, read_report
from scripts.import_spec.__main__ import main
from scripts.import_spec.observed import plan_of
from tests.spec.documents import spec

pytestmark = pytest.mark.guesses

KYC_TYPE = "components.schemas.User.kyc_type"
BANKS = "paths./v1/instant_payment_eligibility.get"


def verdict(**changed: Any) -> dict[str, Any]:
    usual = {"place": KYC_TYPE, "outcome": "open", "detail": "x", "called": None, "kinds": [], "suspects": []}
    return usual | changed


def thing(**changed: Any) -> dict[str, Any]:
    return {"kind": "field", "owner": "User", "name": "tier", "types": ["string"], "request_id": "r"} | changed


def written(*rows: dict[str, Any], unknown: tuple[dict[str, Any], ...] = (), **changed: Any) -> str:
    usual = {"base": "https://api-sandbox.astra.finance", "calls": 1, "done": [], "ended": ""}
    return json.dumps({"first_contact": 1, "verdicts": list(rows), "unknown": list(unknown), **usual, **changed})


HOSTILE = {
    "a path with code": (written(verdict(place=BANKS, called='/v1/x")+__import__("os")+("')), "verdicts[0].called"),
    "a path with lines": (written(verdict(place=BANKS, called="/v1/x\n  y: z")), "verdicts[0].called"),
    "a path to another host": (written(verdict(place=BANKS, called="//evil.example/v1/x")), "verdicts[0].called"),
    "a name that is a person's": (written(verdict(called="ada@example.com")), "verdicts[0].called"),
    "a name that is a number": (written(verdict(called="a4155550123")), "verdicts[0].called"),
    "a name that is no text": (written(verdict(called=5)), "verdicts[0].called"),
    "a place that is none": (written(verdict(place="\x1b[2J")), "verdicts[0].place"),
    "an outcome that is none": (written(verdict(outcome="maybe")), "verdicts[0]"),
    "an outcome that is a list": (written(verdict(outcome=["open"])), "verdicts[0]"),
    "a kind that is none": (written(verdict(kinds=["evil: {"])), "verdicts[0].kinds"),
    "a suspect that is none": (written(verdict(), verdict(suspects=["a b"])), "verdicts[1].suspects"),
    "a verdict that is a text": (written(unknown=(), verdicts=["x"]), "verdicts[0]"),
    "verdicts that are an object": (written(verdicts={}), "verdicts"),
    "a type that is YAML": (written(unknown=(thing(types=["evil: {"]),)), "unknown[0].types"),
    "a thing of no kind": (written(unknown=(thing(kind="evil"),)), "unknown[0]"),
    "an owner that is none": (written(unknown=(thing(owner="User: {"),)), "unknown[0].owner"),
    "a field that is no name": (written(unknown=(thing(name="__class__"),)), "unknown[0].name"),
    "a shape with a name that is none": (
        written(unknown=(thing(kind="error shape", name="fault, a b"),)),
        "unknown[0].name",
    ),
    "a request id of a person": (written(unknown=(thing(request_id="ada@example.com"),)), "unknown[0].request_id"),
    "calls without end": (written(calls=1).replace('"calls": 1', '"calls": 1e999'), "calls"),
    "calls below nothing": (written(calls=-1), "calls"),
    "a server that is none": (written(base="\x1b]0;evil"), "base"),
    "an operation that is none": (written(done=["\x1b[2J"]), "done"),
}


@pytest.mark.sampled(6)
@pytest.mark.parametrize("name", HOSTILE)
def test_a_report_that_no_walk_writes_is_refused_with_the_place(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text, place = HOSTILE[name]
    with pytest.raises(BadReportError) as caught:
        checked_report(text)
    assert str(caught.value).startswith(place)
    assert read_report(text) is None
    file = tmp_path / "report.json"
    file.write_text(text, encoding="utf-8")
    assert main([str(file)]) == 2
    out, error = capsys.readouterr()
    assert (out, error.count("\n")) == ("", 1)
    assert "report.json" in error
    assert place in error


@pytest.mark.parametrize("text", ['{"first_contact":1,"x":' + "[" * 100_000 + "]" * 100_000 + "}", "[" * 10**5, "5"])
def test_what_cannot_be_read_as_a_report_ends_in_a_line(
    text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert read_report(text) is None
    file = tmp_path / "report.json"
    file.write_text(text, encoding="utf-8")
    assert main([str(file)]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_what_a_terminal_would_obey_is_not_told() -> None:
    found = read_report(written(verdict(detail="\x1b[2J gone"), ended="\x1b]0;x\x07"))
    assert found is not None
    assert (found.verdicts[0].detail, found.ended) == ("?[2J gone", "?]0;x?")


def test_a_report_of_all_that_a_walk_writes_is_taken() -> None:
    mine = Report(
        base="http://[::1]:8080",
        verdicts=[Verdict(KYC_TYPE, "contradicted", "x", "kycType", ("number",), ("tier", "(not shown)")),
                  Verdict(BANKS, "contradicted", "x", "/v1/instant-payment-eligibility")],
        unknown=[Unknown("error shape", "get_user 404", "fault, message"), Unknown("status", "get_user 418", "418"),
                 Unknown("error shape", "get_user 502", "not JSON", ("string",), "req_1.2:3"),
                 Unknown("error shape", "get_user 502", "JSON array"), Unknown("field", "", "(many keys)")],
        calls=7, done=("get_user",), ended="a while ago",
    )  # fmt: skip
    found = read_report(json.dumps(mine.to_dict()))
    assert found is not None
    assert json.dumps(found.to_dict()) == json.dumps(mine.to_dict())


@pytest.mark.parametrize(
    ("seen", "says"),
    [
        (Verdict("components.headers.RetryAfter", "contradicted", "x", "Evil"), "has no name that travels"),
        (Verdict("components.responses.UserGuess", "contradicted", "x", "Evil"), "has no name that travels"),
        (Verdict("components.schemas.SettlementMode=gross_debit", "contradicted", "x", "Evil"), "has no name that"),
        (Verdict(BANKS, "contradicted", "x", "/v1/transfers/execute"), "no walk tries that path"),
        *(
            (Verdict(KYC_TYPE, "contradicted", "x", name), "every model has")
            for name in ("to_dict", "toDict", "additional_properties", "context", "from_json", "request_id")
        ),
    ],
)
def test_a_name_that_cannot_be_is_left_to_a_person(seen: Verdict, says: str) -> None:
    plan = plan_of(Report(base="http://x", verdicts=[seen], unknown=[], calls=1), spec())
    assert plan.edits == []
    (task,) = plan.tasks
    assert says in task


@pytest.mark.parametrize(
    ("owner", "name"), [("UserStatus", "blue"), ("User", "to_dict"), ("User", "additionalProperties"), ("Card", "keys")]
)
def test_a_field_that_cannot_be_is_left_to_a_person(owner: str, name: str) -> None:
    report = Report(base="http://x", verdicts=[], unknown=[Unknown("field", owner, name, ("string",))], calls=1)
    plan = plan_of(report, spec())
    assert plan.edits == []
    assert f"{owner} has a field {name}" in plan.tasks[0]


def test_every_place_of_a_guess_can_stand_in_a_report() -> None:
    text = written(*(verdict(place=guess.place) for guess in GUESSES))
    assert read_report(text) is not None
