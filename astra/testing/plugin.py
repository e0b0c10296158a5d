"""The pytest plugin of the SDK: fixtures for tests of programs that use it.

Nothing beyond pytest is imported before a fixture is used, so that the plugin costs nothing where it is not needed.
To change a fixture, define one of the same name in your `conftest.py`.
"""

from __future__ import annotations

import types
from collections.abc import AsyncIterator, Callable, Generator, Iterator
from typing import TYPE_CHECKING, Any, Final

import pytest

from astra.testing import leftovers

if TYPE_CHECKING:
    from astra import Astra, AsyncAstra, AsyncUserSession, UserSession
    from astra.sandbox import Sandbox, SandboxClock
    from astra.testing.canned import CannedAnswers
    from astra.testing.webhook_apps import WebhookDelivery

KEY: Final = "customer-42"
"""The key of the user of `astra_user`."""

BANKING_DAY: Final = 1_772_553_600.0
"""Tuesday, 3 March 2026, 16:00 UTC: a banking day, in the morning in New York, not beside a holiday."""


@pytest.fixture
def astra_clock() -> SandboxClock:
    """The clock of the sandbox and of the clients. It stands still on a banking day until it is moved.

    Example:
        def test_a_payment_clears(astra_sandbox, astra_user):
            astra_sandbox.advance(days=3)
    """
    from astra.sandbox import SandboxClock

    return SandboxClock(frozen_at=BANKING_DAY)


@pytest.fixture
def astra_sandbox(astra_clock: SandboxClock, request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    """A local Astra on a free port of this machine, fresh for each test, with the same ids in every run.

    A test that passes fails at its end all the same when a fault of this sandbox never struck, or when a webhook was
    not delivered. The marker and the ini option `astra_may_leave` switch that off.
    """
    from astra.sandbox import Sandbox

    with Sandbox(clock=astra_clock, seed=1) as sandbox:
        yield from watch(sandbox, request)


def watch(sandbox: Sandbox, request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    """Gives a sandbox to a test, and fails the test for what it leaves behind."""
    with leftovers.watched(request.node, sandbox) as watched:
        yield sandbox
    if watched.left:
        pytest.fail(watched.left, pytrace=False)


@pytest.fixture(scope="session")
def astra_shared_sandbox() -> Iterator[Sandbox]:
    """The server of `astra_clean_sandbox`, for fixtures of wider scope, such as one that starts your app with its URL.

    Its clock stands on the same banking day, and its ids are the same, as those of `astra_sandbox`.
    """
    from astra.sandbox import Sandbox, SandboxClock

    with Sandbox(clock=SandboxClock(frozen_at=BANKING_DAY), seed=1) as sandbox:
        yield sandbox


@pytest.fixture
def astra_clean_sandbox(astra_shared_sandbox: Sandbox, request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    """A local Astra that keeps its URL from test to test, and is reset before each: as `astra_sandbox`, on one server.

    It fails a test for what the test leaves behind, as `astra_sandbox` does.

    Example:
        @pytest.fixture(scope="session")
        def app(astra_shared_sandbox):
            with run_app(ASTRA_BASE_URL=astra_shared_sandbox.url) as app:
                yield app

        def test_the_start_page(app, astra_clean_sandbox):
            astra_clean_sandbox.users.create()
    """
    astra_shared_sandbox.reset()
    yield from watch(astra_shared_sandbox, request)


@pytest.fixture(scope="class")
def astra_class_sandbox() -> Iterator[Sandbox]:
    """A local Astra that the tests of a class share, on real time, as `astra_session_sandbox` is shared by all."""
    yield from shared_sandbox()


@pytest.fixture(scope="module")
def astra_module_sandbox() -> Iterator[Sandbox]:
    """A local Astra that the tests of a module share, on real time, as `astra_session_sandbox` is shared by all."""
    yield from shared_sandbox()


@pytest.fixture(scope="session")
def astra_session_sandbox() -> Iterator[Sandbox]:
    """A local Astra that all tests share, on real time: for tests that make users of their own and move no clock."""
    yield from shared_sandbox()


def shared_sandbox() -> Iterator[Sandbox]:
    """Serves a local Astra until its scope ends."""
    from astra.sandbox import Sandbox

    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def astra_client(astra_sandbox: Sandbox, astra_clock: SandboxClock) -> Iterator[Astra]:
    """A client on `astra_sandbox`, with its clock; tokens and payments under keys are kept in memory."""
    from astra import Astra

    with Astra(**client_arguments(astra_sandbox, astra_clock)) as client:
        yield client


@pytest.fixture
def astra_user(astra_sandbox: Sandbox, astra_client: Astra) -> UserSession:
    """The session of an approved, authorized user with two bank accounts; its key is "customer-42"."""
    user = astra_sandbox.users.create(accounts=2)
    return astra_client.oauth.exchange(astra_sandbox.authorize(user_id=user.id), key=KEY)


@pytest.fixture
def astra_deliver_webhooks(astra_sandbox: Sandbox) -> WebhookDelivery:
    """Hands the events of `astra_sandbox` to an ASGI or WSGI app of yours, signed, without a socket.

    Example:
        def test_a_payout_is_noted(astra_sandbox, astra_user, astra_deliver_webhooks):
            ...
            assert all(attempt.status == 200 for attempt in astra_deliver_webhooks(app, path="/webhooks/astra"))
    """
    from astra.testing.webhook_apps import WebhookDelivery

    return WebhookDelivery(astra_sandbox)


@pytest.fixture
def astra_canned() -> Iterator[CannedAnswers]:
    """Answers that you write, and clients that get them; see `astra.testing.CannedAnswers`.

    Example:
        def test_status_page(astra_canned):
            astra_canned.on("get_transfer", {"id": "tr_1", "amount": 20.25, "status": "failed"})
            page = status_page(astra_canned.client, "tr_1")
    """
    from astra.testing.canned import CannedAnswers

    canned = CannedAnswers()
    yield canned
    canned.close()


def client_arguments(sandbox: Sandbox, clock: Callable[[], float]) -> dict[str, Any]:
    """What a client needs to talk to a sandbox."""
    return {
        "client_id": sandbox.client_id,
        "client_secret": sandbox.client_secret,
        "base_url": sandbox.url,
        "secure_base_url": sandbox.secure_url,
        "app_url": sandbox.url,
        "redirect_uri": sandbox.redirect_uri,
        "idempotency_store": "memory://",
        "clock": clock,
    }


async def serve_async_client(astra_sandbox: Sandbox, astra_clock: SandboxClock) -> AsyncIterator[AsyncAstra]:
    """An asyncio client on `astra_sandbox`, with its clock. Needs pytest-asyncio, or anyio's pytest plugin."""
    from astra import AsyncAstra

    async with AsyncAstra(**client_arguments(astra_sandbox, astra_clock)) as client:
        yield client


async def make_async_user(astra_sandbox: Sandbox, async_astra_client: AsyncAstra) -> AsyncUserSession:
    """The asyncio session of an approved, authorized user with two bank accounts; its key is "customer-42"."""
    user = astra_sandbox.users.create(accounts=2)
    return await async_astra_client.oauth.exchange(astra_sandbox.authorize(user_id=user.id), key=KEY)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds the ini option that says what tests may leave behind."""
    parser.addini(
        leftovers.SETTING,
        "what every test may leave behind in astra_sandbox: faults that never struck, webhooks that were not delivered",
        type="args",
        default=[],
    )


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Notes whether a test passed: what a failed one leaves behind is no news."""
    report = yield
    if report.when == "call" and report.passed:
        item.stash[leftovers.PASSED] = True
    return report


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None]:
    """Looks for what a test leaves behind, before its receivers of webhooks are closed."""
    try:
        leftovers.look(item)
    finally:
        yield


def pytest_configure(config: pytest.Config) -> None:
    """Registers the marker, and the asyncio fixtures in the form that the plugin wants which runs coroutines here."""
    leftovers.check_setting(config)
    config.addinivalue_line(
        "markers",
        f"{leftovers.SETTING}(*kinds): the test may leave 'faults' that never struck or 'webhooks' that were not "
        "delivered in astra_sandbox; without arguments, both",
    )
    fixtures = types.ModuleType("astra.testing.async_fixtures")
    make: Callable[..., Any] = pytest.fixture
    if config.pluginmanager.hasplugin("asyncio"):
        import pytest_asyncio

        make = pytest_asyncio.fixture
    fixtures.__dict__["async_astra_client"] = make(serve_async_client, name="async_astra_client")
    fixtures.__dict__["async_astra_user"] = make(make_async_user, name="async_astra_user")
    config.pluginmanager.register(fixtures, fixtures.__name__)
