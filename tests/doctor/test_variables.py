"""Variables that do not do what somebody meant."""

from __future__ import annotations

import pytest

from astra.doctor.findings import Finding
from astra.doctor.variables import judge_names, judge_value, nearest, source

KNOWN = ("ASTRA_CLIENT_ID", "ASTRA_CLIENT_SECRET", "ASTRA_ENVIRONMENT", "ASTRA_TOKEN_KEYS", "ASTRA_TOKEN_STORE")


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("ASTRA_TOKEN_KEY", "ASTRA_TOKEN_KEYS"),
        ("ASTRA_CLIENTID", "ASTRA_CLIENT_ID"),
        ("astra_client_id", "ASTRA_CLIENT_ID"),
        ("ASTRA_ENV", "ASTRA_ENVIRONMENT"),
        ("ASTRA_KEYS", "ASTRA_TOKEN_KEYS"),
        ("ASTRA_SECRET", "ASTRA_CLIENT_SECRET"),
        ("ASTRA_ID", "ASTRA_CLIENT_ID"),
        ("ASTRA_T", None),
        ("ASTRA_S", None),
        ("ASTRA_TO", "ASTRA_TOKEN_KEYS"),
        ("ASTRA_DB_APPLICATION_TOKEN", None),
        ("ASTRA_DB_ID", None),
        ("ASTRA_", None),
    ],
)
def test_the_variable_that_was_meant_is_found(name: str, meant: str | None) -> None:
    assert nearest(name, KNOWN) == meant
    assert nearest(name, KNOWN[::-1]) == meant


def test_of_several_names_that_are_alike_the_nearest_was_meant() -> None:
    assert nearest("ASTRA_ABCX", ["ASTRA_ABCXYZ", "ASTRA_ABCXY"]) == "ASTRA_ABCXY"


def test_a_misspelt_variable_is_named_with_the_one_that_was_meant() -> None:
    assert judge_names(["ASTRA_CLIENT_ID", "ASTRA_HTTP", "ASTRA_ENV"], known=KNOWN, tools=("ASTRA_HTTP",)) == [
        Finding(
            check="settings.variables",
            status="warn",
            message="ASTRA_ENV is read by nothing and has no effect; did you mean ASTRA_ENVIRONMENT?",
            advice="Set ASTRA_ENVIRONMENT, or unset ASTRA_ENV.",
            details={"variable": "ASTRA_ENV", "nearest": "ASTRA_ENVIRONMENT"},
        )
    ]


def test_variables_of_something_else_are_no_fault() -> None:
    assert judge_names(["ASTRA_DB_ID", "ASTRA_ENV", "ASTRA_X_Y_Z"], known=KNOWN, tools=())[1:] == [
        Finding(
            check="settings.variables",
            status="ok",
            message="not of this SDK, and not read: ASTRA_DB_ID, ASTRA_X_Y_Z",
            details={"foreign": ["ASTRA_DB_ID", "ASTRA_X_Y_Z"]},
        )
    ]


def test_when_all_are_read_that_is_said() -> None:
    assert judge_names(["ASTRA_CLIENT_ID"], known=KNOWN, tools=()) == [
        Finding(check="settings.variables", status="ok", message="every ASTRA_* variable that is set is read")
    ]


@pytest.mark.parametrize(
    ("value", "odd"),
    [
        ("value", None),
        ("  value ", None),
        ("", "A is set, but empty, which counts as not set"),
        (" ", "A is set, but empty, which counts as not set"),
        ('"value"', "A has quotation marks around its value, and they are part of it"),
        (" 'value' ", "A has quotation marks around its value, and they are part of it"),
        ('"', None),
        ('""', "A has quotation marks around its value, and they are part of it"),
        ("\"value'", None),
        ('"value', None),
        ("value'", None),
        ("xvaluex", None),
        ("va\nlue", "A has a line break or another character in it that cannot be printed"),
    ],
)
def test_a_value_that_nobody_meant_is_noticed(value: str, odd: str | None) -> None:
    assert judge_value("A", value) == odd


def test_a_setting_comes_from_its_variable_or_is_the_default() -> None:
    assert source("A", {"A": " x "}) == "A"
    assert source("A", {"A": "  "}) == "default"
    assert source("A", {}) == "default"
