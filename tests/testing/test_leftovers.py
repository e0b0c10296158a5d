"""A test that passes without having tested anything fails at its end, in a pytest run as a user's project has it."""

from __future__ import annotations

import pytest

pytest_plugins = ["pytester"]

PROGRAM = """
import http.server
import threading

import pytest


@pytest.fixture
def receiver():
    class Handler(http.server.BaseHTTPRequestHandler):
        status = 200

        def do_POST(self):
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(Handler.status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        Handler.url = f"http://127.0.0.1:{server.server_port}/hook"
        yield Handler
        server.shutdown()
        thread.join()


def test_a_fault_that_strikes(astra_sandbox, astra_client):
    astra_sandbox.faults.add(operation="get_bin", status=503)
    assert astra_client.bins.get("440393").to_dict()["bin"] == "440393"


def test_a_fault_that_never_strikes(astra_sandbox, astra_client):
    astra_sandbox.faults.add(operation="create_routine", drop="after", skip=2)
    astra_client.bins.get("440393")


def test_a_fault_that_was_cleared(astra_sandbox):
    astra_sandbox.faults.add(operation="create_routine", drop="after")
    astra_sandbox.faults.clear()


@pytest.mark.astra_may_leave("faults")
def test_a_fault_that_may_be_left(astra_sandbox):
    astra_sandbox.faults.add(operation="create_routine", drop="after")


def test_a_failure_is_told_once(astra_sandbox):
    astra_sandbox.faults.add(operation="create_routine", drop="after")
    assert astra_sandbox.url == "what it is not"


def test_webhooks_that_arrive_by_themselves(receiver, astra_sandbox):
    astra_sandbox.webhooks.register(receiver.url)
    astra_sandbox.users.set_status(astra_sandbox.users.create().id, "retry")


def test_webhooks_whose_receiver_ends_before_the_sandbox(astra_sandbox, receiver):
    astra_sandbox.webhooks.register(receiver.url)
    astra_sandbox.users.set_status(astra_sandbox.users.create().id, "retry")


def test_webhooks_that_are_held_back(astra_sandbox, receiver):
    astra_sandbox.webhooks.register(receiver.url)
    astra_sandbox.webhooks.hold()
    astra_sandbox.users.set_status(astra_sandbox.users.create().id, "retry")


def test_webhooks_that_are_refused(astra_sandbox, receiver):
    astra_sandbox.webhooks.register(receiver.url)
    receiver.status = 500
    astra_sandbox.users.set_status(astra_sandbox.users.create().id, "retry")


def test_webhooks_that_nobody_wants_any_more(astra_sandbox, receiver):
    astra_sandbox.webhooks.register(receiver.url)
    astra_sandbox.webhooks.hold()
    astra_sandbox.users.set_status(astra_sandbox.users.create().id, "retry")
    astra_sandbox.webhooks.unregister(receiver.url)


def test_a_fault_that_never_strikes_before_a_reset(astra_sandbox, astra_client):
    astra_client.bins.get("440393")
    astra_sandbox.faults.add(operation="create_card", status=503)
    astra_sandbox.reset()


def test_a_reset_that_is_clean(astra_sandbox, astra_client, receiver):
    astra_sandbox.webhooks.register(receiver.url)
    astra_sandbox.webhooks.hold()
    astra_sandbox.users.set_status(astra_sandbox.users.create().id, "retry")
    astra_sandbox.faults.add(operation="get_bin", status=503)
    astra_client.bins.get("440393")
    astra_sandbox.reset()


@pytest.mark.astra_may_leave("faults")
def test_a_fault_that_may_be_left_at_a_reset(astra_sandbox):
    astra_sandbox.faults.add(operation="create_card", status=503)
    astra_sandbox.reset()


@pytest.mark.astra_may_leave
def test_anything_may_be_left(astra_sandbox, receiver):
    astra_sandbox.webhooks.register(receiver.url)
    astra_sandbox.webhooks.hold()
    astra_sandbox.users.set_status(astra_sandbox.users.create().id, "retry")
    astra_sandbox.faults.add(operation="create_routine", drop="after")
"""
NEVER_STRUCK = (
    "fault 1 (operation='create_routine', drop='after', skip=2) never struck. It would let 2 more pass first."
)


def run(pytester: pytest.Pytester, *, ini: str = "", program: str = PROGRAM, select: str = "test") -> pytest.RunResult:
    pytester.makeini(
        "[pytest]\nfilterwarnings = error\naddopts = --strict-markers\n"
        f"asyncio_default_fixture_loop_scope = function\n{ini}"
    )
    pytester.makepyfile(program)
    return pytester.runpytest_subprocess("-q", "-p", "no:cacheprovider", "-p", "no:randomly", "-k", select, timeout=60)


def test_what_a_passed_test_leaves_behind_fails_it_at_its_end_and_is_named(pytester: pytest.Pytester) -> None:
    result = run(pytester)
    result.assert_outcomes(passed=13, failed=1, errors=4)
    told = result.stdout.str()
    for name in (
        "fault_that_never_strikes",
        "fault_that_never_strikes_before_a_reset",
        "webhooks_that_are_held_back",
        "webhooks_that_are_refused",
    ):
        assert f"ERROR at teardown of test_{name}" in " ".join(told.split()).replace("a_fault", "fault")
    assert f"{NEVER_STRUCK} Called was: get_bin (1)." in told
    assert "fault 1 (operation='create_card', status=503) never struck before the reset. Called was: get_bin" in told
    in_full = told.partition("short test summary info")[0]  # the summary repeats the lines where the shell says CI
    assert in_full.count("webhook user_updated") == 2
    assert "/hook: never tried." in told
    assert "/hook: after 1 attempts, the last with 500." in told
    assert "@pytest.mark.astra_may_leave(" in told


@pytest.mark.long
def test_the_ini_option_switches_it_off(pytester: pytest.Pytester) -> None:
    run(pytester, ini="astra_may_leave = faults webhooks").assert_outcomes(passed=13, failed=1)


@pytest.mark.long
def test_the_ini_option_switches_off_one_kind(pytester: pytest.Pytester) -> None:
    run(pytester, ini="astra_may_leave = webhooks").assert_outcomes(passed=13, failed=1, errors=2)


@pytest.mark.long
def test_a_misspelt_kind_is_refused(pytester: pytest.Pytester) -> None:
    result = run(pytester, ini="astra_may_leave = fault")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert "takes faults and webhooks, not 'fault'" in result.stderr.str()
    for marker in ('"fault"', 'kinds="faults"'):
        program = f"import pytest\n@pytest.mark.astra_may_leave({marker})\ndef test_it(astra_sandbox): pass\n"
        run(pytester, program=program).assert_outcomes(errors=1)


@pytest.mark.long
def test_the_marker_is_listed(pytester: pytest.Pytester) -> None:
    pytester.runpytest_subprocess("--markers", timeout=60).stdout.fnmatch_lines(
        ["@pytest.mark.astra_may_leave(*kinds)*"]
    )


CLEAN = """
import pytest

URLS = set()


@pytest.mark.parametrize("number", range(3))
def test_each_begins_clean(number, astra_clean_sandbox, astra_shared_sandbox):
    URLS.add(astra_clean_sandbox.url)
    assert (len(URLS), astra_clean_sandbox.url) == (1, astra_shared_sandbox.url)
    assert astra_clean_sandbox.webhooks.events == []
    assert astra_clean_sandbox.users.create().id == "USER_ID"
    astra_clean_sandbox.users.set_status("USER_ID", "suspended")
    astra_clean_sandbox.advance(days=number)
    astra_clean_sandbox.thaw()


def test_a_fault_is_left(astra_clean_sandbox):
    assert astra_clean_sandbox.is_frozen and f"{astra_clean_sandbox.now():%d.%m.%Y %H:%M}" == "03.03.2026 16:00"
    astra_clean_sandbox.faults.add(operation="get_user", status=503)


def test_it_is_gone_in_the_next(astra_clean_sandbox):
    assert astra_clean_sandbox.faults.unstruck == []


def test_both_are_looked_into(astra_clean_sandbox, astra_sandbox):
    astra_sandbox.faults.add(operation="get_bin", status=503)
"""


@pytest.mark.long
def test_a_clean_sandbox_is_reset_before_each_test_and_looked_into_after_it(pytester: pytest.Pytester) -> None:
    from astra.sandbox import Sandbox

    with Sandbox(seed=1) as sandbox:
        user_id = sandbox.users.create().id
    result = run(pytester, program=CLEAN.replace("USER_ID", user_id))
    result.assert_outcomes(passed=6, errors=2)
    told = result.stdout.str()
    assert "ERROR at teardown of test_a_fault_is_left" in told
    for operation in ("get_user", "get_bin"):
        assert f"fault 1 (operation='{operation}', status=503) never struck." in told
