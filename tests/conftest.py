"""Fixtures for every room."""

from __future__ import annotations

import faulthandler
import gc
import os
import signal
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from _pytest.faulthandler import fault_handler_stderr_fd_key

from tests.sampling import mark_the_rest_long

pytest_plugins = ["tests.services"]

APART = ("stress", "outage", "browser")
"""Marks of tests that `scripts/run_tests.py` runs apart: it looks for these in the files that name them."""


OF_RUNS = ("ASTRA_HTTP", "ASTRA_FAULTS", "ASTRA_FAULTS_SEED")
"""Variables that choose how tests run; every other one of Astra's is a setting of somebody's client."""


def settings() -> dict[str, str]:
    """Settings of a client that are in the environment."""
    return {name: value for name, value in os.environ.items() if name.startswith("ASTRA_") and name not in OF_RUNS}


NOBODY = Path(__file__).parent / "nobody.pem"
"""An authority that has signed nothing. No test leaves this machine, and to read the world's hundred and fifty
authorities takes 40 milliseconds for each client that is made: a third of the time of many tests."""


def pytest_configure(config: pytest.Config) -> None:
    """Takes the settings of whoever runs the tests out of their way, and lets no client read certificates for nothing.

    What tests start inherits that, and projects whose tests are run do not load plugins that take a second.
    """
    os.environ["SSL_CERT_FILE"] = str(NOBODY)  # also where a machine names its own, as many in CI do
    os.environ["PYTEST_ADDOPTS"] = "-p no:schemathesis -p no:hypothesispytest"
    for name in settings():
        del os.environ[name]
    if config.pluginmanager.hasplugin("hypothesispytest"):
        from hypothesis import HealthCheck
        from hypothesis import settings as of_hypothesis

        # Beside other tests it takes any time to draw an example.
        of_hypothesis.register_profile("beside", suppress_health_check=[HealthCheck.too_slow], deadline=None)
        of_hypothesis.load_profile("beside")
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        # As of a job in the background. What tests start would inherit it, and none of it could be interrupted.
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def _no_setting_stays() -> Iterator[None]:
    """A test that leaves settings behind fails itself, and not the ones that run after it in the same process."""
    before = settings()
    yield
    assert settings() == before, "this test leaves settings of a client in the environment"


@pytest.hookimpl(tryfirst=True)
def pytest_timeout_set_timer(item: Any, settings: Any) -> bool | None:
    """Lets a test whose time limit ends the process say where it stood.

    A worker writes what pytest-timeout says of it to /dev/null: it was down without a word.
    """
    if settings.method != "thread":
        return None
    error = item.config.stash[fault_handler_stderr_fd_key]
    faulthandler.dump_traceback_later(settings.timeout, exit=True, file=error)
    item.cancel_timeout = faulthandler.cancel_dump_traceback_later
    return True


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Collects without the collector of garbage, and lets it look at nothing that was collected: all that stays.

    Later it comes more seldom than in a program: here most of what it would look at are documents that stay as well.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()
        gc.set_threshold(5_000, 20, 20)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks what of sampled tests is long, and starts the slow tests first: at the end no worker waits for them."""
    mark_the_rest_long(items)
    for item in items:
        for mark in APART:
            named = item.get_closest_marker(mark) is None or f"pytest.mark.{mark}" in item.path.read_text("utf-8")
            if not named:
                raise pytest.UsageError(f"{item.nodeid}: write pytest.mark.{mark} in the file itself")
