"""A filter, handler, observer, capture or request log that raises never changes what becomes of a call."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

import pytest

import astra
from astra.instrumentation import CallObserver, CapturedRequests, RequestRecord, capture_requests, dispatch
from astra.request_log.memory import MemoryRequestLog
from tests.http.paying import FLAVOURS, MADE, AnsweringServer, Flavour, answer, run

pytestmark = pytest.mark.parametrize("flavour", FLAVOURS)


def broken(*_: Any) -> NoReturn:
    raise KeyError("redaction rule is broken")


class BrokenFilter(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        broken()


class BrokenHandler(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        raise OSError("syslog is gone")


class BrokenLogger(logging.Logger):
    def isEnabledFor(self, level: int) -> bool:
        broken()


class BrokenObserver(CallObserver):
    def on_call_start(self, call: object) -> object:
        broken()

    def on_attempt(self, record: RequestRecord) -> None:
        broken()

    def on_call_end(self, token: object, outcome: object) -> None:
        broken()


class BrokenLog(MemoryRequestLog):
    def append(self, record: RequestRecord) -> None:
        broken()


@contextmanager
def filtered() -> Iterator[dict[str, Any]]:
    rule = BrokenFilter()
    dispatch.logger.addFilter(rule)
    try:
        yield {}
    finally:
        dispatch.logger.removeFilter(rule)


@contextmanager
def handled() -> Iterator[dict[str, Any]]:
    handler = BrokenHandler()
    dispatch.logger.addHandler(handler)
    try:
        yield {}
    finally:
        dispatch.logger.removeHandler(handler)


@contextmanager
def logged_by_an_odd_class() -> Iterator[dict[str, Any]]:
    kind = dispatch.logger.__class__
    dispatch.logger.__class__ = BrokenLogger
    try:
        yield {}
    finally:
        dispatch.logger.__class__ = kind


@contextmanager
def watched() -> Iterator[dict[str, Any]]:
    yield {"watch": BrokenObserver()}


@contextmanager
def watched_and_handled() -> Iterator[dict[str, Any]]:
    with handled():
        yield {"watch": BrokenObserver()}


@contextmanager
def logged() -> Iterator[dict[str, Any]]:
    yield {"log": BrokenLog()}


@contextmanager
def captured() -> Iterator[dict[str, Any]]:
    with pytest.MonkeyPatch.context() as patch, capture_requests():
        patch.setattr(CapturedRequests, "add", broken)
        yield {}


@contextmanager
def no_record_can_be_made() -> Iterator[dict[str, Any]]:
    with pytest.MonkeyPatch.context() as patch:
        for flavour in ("_async", "_sync"):
            patch.setattr(f"astra.http.{flavour}.pipeline.attempt_record", broken)
        yield {}


WAYS: list[Callable[[], Any]] = [
    filtered,
    handled,
    logged_by_an_odd_class,
    watched,
    watched_and_handled,
    logged,
    captured,
    no_record_can_be_made,
]


@pytest.fixture(autouse=True)
def logged_at_info() -> Iterator[None]:
    before = dispatch.logger.level
    dispatch.logger.setLevel(logging.INFO)
    yield
    dispatch.logger.setLevel(before)


@pytest.mark.parametrize("way", WAYS)
def test_a_payment_that_was_made_is_returned(flavour: Flavour, way: Callable[[], Any]) -> None:
    with AnsweringServer(answer(MADE)) as server, way() as settings:
        assert run(flavour, server, **settings).id == "rt_1"
    assert server.posts() == 1


@pytest.mark.parametrize("way", WAYS)
def test_a_payment_that_was_lost_is_uncertain(flavour: Flavour, way: Callable[[], Any]) -> None:
    with AnsweringServer(b"") as server, way() as settings, pytest.raises(astra.UncertainOutcomeError):
        run(flavour, server, **settings)


def test_broken_logging_is_told_on_stderr_where_logging_tells_its_own_failures(
    flavour: Flavour, capsys: pytest.CaptureFixture[str]
) -> None:
    log = MemoryRequestLog()
    with AnsweringServer(answer(MADE)) as server, filtered():
        run(flavour, server, log=log)
    assert "redaction rule is broken" in capsys.readouterr().err
    assert [record.status for record in log.query()] == [200]


def test_ctrl_c_in_a_handler_passes_after_the_attempt_was_recorded(flavour: Flavour) -> None:
    class Interrupted(logging.Filter):
        def filter(self, record: logging.LogRecord) -> bool:
            raise KeyboardInterrupt

    log, rule = MemoryRequestLog(), Interrupted()
    dispatch.logger.addFilter(rule)
    try:
        with AnsweringServer(answer(MADE)) as server, pytest.raises(KeyboardInterrupt):
            run(flavour, server, log=log)
    finally:
        dispatch.logger.removeFilter(rule)
    assert [record.status for record in log.query()] == [200]
