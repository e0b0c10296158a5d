"""The worst finding decides, and no secret passes."""

from __future__ import annotations

import pytest

from astra.doctor.findings import Finding, Status
from astra.doctor.report import Report, without_secrets


def finding(status: Status, message: str = "m", **more: object) -> Finding:
    return Finding(check="c", status=status, message=message, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("statuses", "worst", "code", "strict_code"),
    [
        ([], "ok", 0, 0),
        (["ok", "ok"], "ok", 0, 0),
        (["ok", "warn"], "warn", 0, 1),
        (["warn", "fail", "ok"], "fail", 1, 1),
        (["fail"], "fail", 1, 1),
    ],
)
def test_the_worst_finding_decides(statuses: list[Status], worst: str, code: int, strict_code: int) -> None:
    report = Report(tuple(finding(status) for status in statuses))
    assert report.status == worst
    assert report.exit_code(strict=False) == code
    assert report.exit_code(strict=True) == strict_code
    assert type(report.exit_code(strict=True)) is int


def test_json_has_a_version_and_names_that_stay() -> None:
    report = Report(
        findings=(
            finding("ok", details={"a": 1}),
            finding("warn", advice="do"),
            finding("warn"),
            finding("fail"),
            finding("fail"),
            finding("fail"),
        )
    )
    shown = report.to_dict(strict=False)
    assert shown == {
        "version": 1,
        "status": "fail",
        "exit_code": 1,
        "counts": {"ok": 1, "warn": 2, "fail": 3},
        "checks": shown["checks"],
    }
    assert shown["checks"][:2] == [
        {"check": "c", "status": "ok", "message": "m", "advice": "", "details": {"a": 1}},
        {"check": "c", "status": "warn", "message": "m", "advice": "do", "details": {}},
    ]
    assert Report((finding("warn"),)).to_dict(strict=True)["exit_code"] == 1
    assert Report((finding("warn"),)).to_dict(strict=False)["exit_code"] == 0


def test_secrets_are_taken_out_of_every_text_wherever_it_is() -> None:
    dirty = finding(
        "fail",
        "a s3cret b",
        advice="s3cret!",
        details={"s3cret": ["xs3cretx", ("s3cret", 4, None, True)], "n": {"k": "s3cret"}},
    )
    (clean,) = without_secrets([dirty], ["s3cret"])
    assert clean == finding(
        "fail", "a *** b", advice="***!", details={"***": ["x***x", ["***", 4, None, True]], "n": {"k": "***"}}
    )


def test_a_secret_that_holds_another_goes_first() -> None:
    (clean,) = without_secrets([finding("ok", "hush-hush-hush and hush")], ["hush", "hush-hush-hush"])
    assert clean.message == "*** and ***"
    (clean,) = without_secrets([finding("ok", "a-hush-b and hush")], ["hush", "a-hush-b"])
    assert clean.message == "*** and ***"


def test_a_secret_of_four_characters_is_found_and_a_shorter_one_is_in_every_word() -> None:
    (clean,) = without_secrets([finding("ok", "abcd abc")], ["abcd", "abc", ""])
    assert clean.message == "*** abc"
