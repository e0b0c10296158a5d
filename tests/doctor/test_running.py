"""Checks run side by side, each in its time, and one that raises is a finding."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from astra.doctor.findings import Finding
from astra.doctor.running import run_all
from astra.errors import TokenStoreError


def finding(check: str) -> Finding:
    return Finding(check=check, status="ok", message="m")


def test_findings_come_in_the_order_of_the_checks() -> None:
    late = threading.Event()

    def first() -> Iterator[Finding]:
        assert late.wait(10)
        yield finding("a")

    def second() -> Iterator[Finding]:
        late.set()
        yield finding("b")
        yield finding("c")

    assert run_all({"a": first, "b": second}, limit=10) == [finding("a"), finding("b"), finding("c")]


def test_checks_that_hang_cost_the_limit_once_and_keep_what_they_found() -> None:
    never = threading.Event()

    def hangs() -> Iterator[Finding]:
        yield finding("a")
        never.wait(60)
        yield finding("b")

    began = time.monotonic()
    found = run_all({"x": hangs, "y": hangs, "z": lambda: [finding("z")]}, limit=0.3)
    assert time.monotonic() - began < 2
    never.set()
    late = {
        name: Finding(
            check=name,
            status="fail",
            message="no answer within 0.3 s, and it was not waited for any longer",
            advice="Find out what hangs; --timeout gives it more time.",
            details={"error": "timeout"},
        )
        for name in "xy"
    }
    assert found == [finding("a"), late["x"], finding("a"), late["y"], finding("z")]


def test_a_check_whose_time_was_up_goes_no_further_when_it_can_again() -> None:
    """The store answers at last, and the check would go on to save a grant into it, with nobody there to see it."""
    answered, ended = threading.Event(), threading.Event()
    done: list[str] = []

    def probe() -> Iterator[Finding]:
        try:
            assert answered.wait(30)
            yield finding("store.place")
            done.append("saved a grant")
        finally:
            ended.set()

    found = run_all({"store": probe}, limit=0.1)
    assert [(one.check, one.status) for one in found] == [("store", "fail")]
    answered.set()
    assert ended.wait(30)
    assert done == []


@pytest.mark.parametrize("error", [KeyError("s3cret"), SystemExit("s3cret"), RuntimeError("s3cret")])
def test_a_check_that_raises_is_a_finding_with_the_name_of_the_type(error: BaseException) -> None:
    def raises() -> Iterator[Finding]:
        yield finding("a")
        raise error

    assert run_all({"x": raises}, limit=10) == [
        finding("a"),
        Finding(
            check="x",
            status="fail",
            message=f"the check itself failed: {type(error).__name__}",
            advice="Please report it, with your versions.",
            details={"error": type(error).__name__},
        ),
    ]


def test_an_error_of_the_sdk_is_told_in_its_words() -> None:
    def raises() -> Iterator[Finding]:
        raise TokenStoreError("the store is closed")
        yield

    assert run_all({"x": raises}, limit=10) == [
        Finding(
            check="x",
            status="fail",
            message="TokenStoreError: the store is closed",
            details={"error": "TokenStoreError"},
        )
    ]
