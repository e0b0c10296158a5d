"""The test kit in projects of every kind: runners of coroutines, unittest, parallel workers, and without the plugin."""

from __future__ import annotations

import pytest

pytest_plugins = ["pytester"]

AUTO = "asyncio_mode = auto\nasyncio_default_fixture_loop_scope = function\n"
STRICT = "asyncio_mode = strict\nasyncio_default_fixture_loop_scope = function\n"

ASYNC_USER = """
import pytest

{backend}
{mark}
async def test_the_user_of_a_coroutine(async_astra_user, astra_sandbox):
    accounts = await async_astra_user.accounts.list().to_list()
    assert [account.subtype for account in accounts] == ["savings", "checking"]
    assert (await async_astra_user.profile.get()).status == "approved"

{mark}
async def test_its_key(async_astra_client, async_astra_user):
    assert (await async_astra_client.user("customer-42").profile.get()).id
"""
BACKEND = """
@pytest.fixture
def anyio_backend():
    return "asyncio"
"""

APPS = """
import pytest

async def asgi(scope, receive, send):
    message = await receive()
    seen.append(message["body"])
    await send({"type": "http.response.start", "status": status_of(scope["path"]), "headers": []})
    await send({"type": "http.response.body", "body": b"ok"})

class Asgi:
    async def __call__(self, scope, receive, send):
        await asgi(scope, receive, send)

def wsgi(environ, start_response):
    seen.append(environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])))
    start_response(f"{status_of(environ['PATH_INFO'])} Whatever", [])
    return [b"ok"]

async def broken(scope, receive, send):
    raise KeyError("mine")

def status_of(path):
    return 200 if path == "/hooks" else 404

seen = []

@pytest.mark.parametrize("app", [asgi, Asgi(), wsgi])
def test_an_app(app, astra_sandbox, astra_deliver_webhooks):
    seen.clear()
    user = astra_sandbox.users.create()
    for status in ("suspended", "approved"):
        astra_sandbox.users.set_status(user.id, status)
    events = astra_sandbox.webhooks.events
    attempts = astra_deliver_webhooks(app, path="/hooks")
    assert [(one.type, one.webhook_id, one.status) for one in attempts] == [(e.type, e.id, 200) for e in events]
    assert len(attempts) == len(seen) >= 2
    assert astra_deliver_webhooks(app, path="/hooks") == []
    astra_sandbox.users.set_status(user.id, "suspended")
    assert [one.status for one in astra_deliver_webhooks(app, path="/elsewhere")] == [404]

def test_an_app_after_a_reset(astra_sandbox, astra_deliver_webhooks):
    def suspend():
        astra_sandbox.users.set_status(astra_sandbox.users.create().id, "suspended")

    for _ in range(2):
        suspend()
    assert len(astra_deliver_webhooks(asgi, path="/hooks")) == 2
    astra_sandbox.reset()
    assert astra_deliver_webhooks(asgi, path="/hooks") == []
    suspend()
    assert [one.webhook_id for one in astra_deliver_webhooks(asgi, path="/hooks")] == [
        event.id for event in astra_sandbox.webhooks.events]
    suspend()
    astra_sandbox.reset()
    for _ in range(3):
        suspend()
    assert len(astra_deliver_webhooks(asgi, path="/hooks")) == 3

async def test_an_app_from_a_coroutine(astra_sandbox, astra_deliver_webhooks):
    astra_sandbox.users.set_status(astra_sandbox.users.create().id, "suspended")
    assert {one.status for one in astra_deliver_webhooks(asgi, path="/hooks")} == {200}

def test_what_the_app_raises_and_what_is_none(astra_sandbox, astra_deliver_webhooks):
    astra_sandbox.users.set_status(astra_sandbox.users.create().id, "suspended")
    with pytest.raises(ValueError, match="does not begin with a slash"):
        astra_deliver_webhooks(asgi, path="hooks")
    with pytest.raises(ValueError, match="neither an ASGI nor a WSGI app"):
        astra_deliver_webhooks("app")
    with pytest.raises(KeyError, match="mine"):
        astra_deliver_webhooks(broken)
"""

UNITTEST = """
import unittest

import pytest
from astra import Astra
from astra.sandbox import Sandbox

@pytest.mark.usefixtures("astra_sandbox")
class WithFixtures(unittest.TestCase):
    @pytest.fixture(autouse=True)
    def fixtures(self, astra_user, astra_sandbox):
        self.user, self.sandbox = astra_user, astra_sandbox

    def test_it(self):
        self.assertEqual(len(self.user.accounts.list().to_list()), 2)

    def test_what_is_left(self):
        self.sandbox.faults.add(operation="get_user", status=503)

class Alone(unittest.IsolatedAsyncioTestCase):
    async def test_it(self):
        with Sandbox() as sandbox:
            self.assertTrue(sandbox.users.create().id)
"""

SHARED = """
import pytest

@pytest.mark.parametrize("number", range(8))
def test_it(number, astra_user, astra_session_sandbox):
    assert len(astra_user.accounts.list().to_list()) == 2
    assert astra_session_sandbox.users.create().id
"""


def run(pytester: pytest.Pytester, program: str, *arguments: str, ini: str = AUTO) -> pytest.RunResult:
    pytester.makeini(f"[pytest]\nfilterwarnings = error\naddopts = --strict-markers\n{ini}")
    pytester.makepyfile(program)
    return pytester.runpytest_subprocess("-q", "-p", "no:cacheprovider", "-p", "no:randomly", *arguments, timeout=90)


@pytest.mark.sampled(1)
@pytest.mark.parametrize(
    ("ini", "mark", "backend", "arguments"),
    [
        (AUTO, "", "", ()),
        (STRICT, "@pytest.mark.asyncio", "", ()),
        (STRICT, "@pytest.mark.anyio", BACKEND, ()),
        ("", "@pytest.mark.anyio", BACKEND, ("-p", "no:asyncio")),
    ],
    ids=["asyncio-auto", "asyncio-strict", "anyio-beside-asyncio", "anyio-alone"],
)
@pytest.mark.long
def test_coroutines_get_a_user_whatever_runs_them(
    pytester: pytest.Pytester, ini: str, mark: str, backend: str, arguments: tuple[str, ...]
) -> None:
    program = ASYNC_USER.format(mark=mark, backend=backend)
    run(pytester, program, *arguments, ini=ini).assert_outcomes(passed=2)


@pytest.mark.long
def test_webhooks_reach_an_app_without_a_socket(pytester: pytest.Pytester) -> None:
    run(pytester, APPS).assert_outcomes(passed=6)


@pytest.mark.long
def test_unittest_uses_the_fixtures_and_is_told_what_it_leaves(pytester: pytest.Pytester) -> None:
    result = run(pytester, UNITTEST)
    result.assert_outcomes(passed=3, errors=1)
    assert "fault 1 (operation='get_user', status=503) never struck" in result.stdout.str()


@pytest.mark.long
def test_workers_run_beside_each_other(pytester: pytest.Pytester) -> None:
    run(pytester, SHARED, "-n", "2").assert_outcomes(passed=8)


@pytest.mark.long
def test_without_the_plugin_its_fixtures_are_gone_and_the_rest_works(pytester: pytest.Pytester) -> None:
    program = """
    from astra.testing import CannedAnswers, construct_error, sign_webhook, webhook_event
    from astra.testing.store_contract import StoreContract

    def test_gone(astra_sandbox):
        pass

    def test_helpers():
        assert construct_error(404, operation="get_transfer").status_code == 404
        assert sign_webhook(webhook_event("transfer_updated"), secret="s").signature
        CannedAnswers().close()
    """
    result = run(pytester, program, "-p", "no:astra")
    result.assert_outcomes(passed=1, errors=1)
    assert "fixture 'astra_sandbox' not found" in result.stdout.str()


def test_every_fixture_and_option_has_a_name_that_nobody_else_uses() -> None:
    from astra.testing import plugin

    made = {name for name, value in vars(plugin).items() if type(value).__name__ == "FixtureFunctionDefinition"}
    assert made
    assert all(name.startswith("astra_") for name in made)
    assert plugin.leftovers.SETTING.startswith("astra_")


def test_a_misspelt_operation_of_canned_answers_is_refused_with_the_nearest() -> None:
    from astra import ConfigurationError
    from astra.testing import CannedAnswers

    with pytest.raises(ConfigurationError, match='Did you mean "get_transfer"'):
        CannedAnswers().on("get_transfers_", {})
