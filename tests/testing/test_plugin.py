"""The fixtures, in a pytest run of their own, as a user's project would have it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytest_plugins = ["pytester"]

STRICT = """
[pytest]
asyncio_mode = strict
asyncio_default_fixture_loop_scope = function
filterwarnings = error
addopts = --strict-markers -p no:randomly
"""

USES_EVERY_FIXTURE = """
import pytest
from astra import Astra, AsyncAstra, BadRequestError

def test_a_payment_clears(astra_sandbox, astra_user, astra_clock):
    savings, checking = astra_user.accounts.list().to_list()
    routine = astra_user.routines.create(
        type="one-time", name="Rent", payment_type="ach", source_id=checking.id, destination_id=savings.id, amount="20")
    transfer = astra_user.routines.transfers(routine.id).first()
    assert transfer.status == "pending"
    before = astra_clock()
    astra_sandbox.advance(days=3)
    assert astra_clock() - before == 3 * 86400
    assert astra_user.transfers.get(transfer.id).status == "processed"

def test_the_token_expires_on_the_same_clock(astra_sandbox, astra_user, astra_clock):
    refreshes = astra_sandbox.refreshes(astra_user.profile.get().id)
    astra_clock.advance(hours=3)
    assert astra_sandbox.refreshes(astra_user.profile.get().id) == refreshes + 1

def test_ids_are_the_same_in_every_run(astra_user):
    assert astra_user.profile.get().id == "USER_ID"

def test_a_client_is_connected(astra_client, astra_sandbox):
    assert isinstance(astra_client, Astra)
    assert astra_client.bins.get("440393").to_dict()["bin"] == "440393"
    assert [request.operation for request in astra_sandbox.requests] == ["get_bin"]

@pytest.mark.asyncio
async def test_the_async_client(async_astra_client, astra_sandbox):
    assert isinstance(async_astra_client, AsyncAstra)
    code = astra_sandbox.authorize(user_id=astra_sandbox.users.create(accounts=2).id)
    user = await async_astra_client.oauth.exchange(code, key="customer-1")
    assert len(await user.accounts.list().to_list()) == 2

def test_the_session_sandbox(astra_session_sandbox):
    assert astra_session_sandbox.url.startswith("http://127.0.0.1:")

class TestShared:
    def test_one(self, request, astra_class_sandbox, astra_module_sandbox):
        assert astra_class_sandbox.users.create().id
        request.config.shared = (astra_class_sandbox.url, astra_module_sandbox.url)

    def test_two(self, request, astra_class_sandbox, astra_module_sandbox):
        assert (astra_class_sandbox.url, astra_module_sandbox.url) == request.config.shared

def test_another_class_has_another(request, astra_class_sandbox, astra_module_sandbox, astra_session_sandbox):
    class_url, module_url = request.config.shared
    assert astra_module_sandbox.url == module_url != astra_session_sandbox.url
    assert astra_class_sandbox.url not in (module_url, astra_session_sandbox.url)

def test_canned(astra_canned):
    astra_canned.on("get_bin", {"bin": "440393"})
    assert astra_canned.client.bins.get("440393").to_dict()["bin"] == "440393"
"""


def run(pytester: pytest.Pytester, *arguments: str) -> pytest.RunResult:
    return pytester.runpytest_subprocess("-q", "-p", "no:cacheprovider", *arguments, timeout=60)


def test_every_fixture_works_in_a_project_that_is_strict(pytester: pytest.Pytester) -> None:
    from astra.sandbox import Sandbox

    user_id = Sandbox(seed=1).users.create(accounts=2).id
    pytester.makeini(STRICT)
    pytester.makepyfile(USES_EVERY_FIXTURE.replace("USER_ID", user_id))
    run(pytester).assert_outcomes(passed=10)


@pytest.mark.long
def test_the_async_client_also_works_with_anyio_alone(pytester: pytest.Pytester) -> None:
    pytester.makeini("[pytest]\nfilterwarnings = error\n")
    pytester.makepyfile(
        """
        import pytest

        @pytest.fixture
        def anyio_backend():
            return "asyncio"

        @pytest.mark.anyio
        async def test_it(async_astra_client):
            assert (await async_astra_client.bins.get("440393")).to_dict()["bin"] == "440393"
        """
    )
    run(pytester, "-p", "no:asyncio").assert_outcomes(passed=1)


@pytest.mark.long
def test_a_project_replaces_the_clock_by_one_of_its_own(pytester: pytest.Pytester) -> None:
    pytester.makeconftest(
        """
        import datetime as dt
        import pytest
        from astra.sandbox import SandboxClock

        @pytest.fixture
        def astra_clock():
            return SandboxClock(frozen_at=dt.datetime(2030, 1, 2, tzinfo=dt.UTC))
        """
    )
    pytester.makepyfile("def test_it(astra_sandbox):\n    assert astra_sandbox.now().year == 2030\n")
    run(pytester).assert_outcomes(passed=1)


def test_a_project_that_uses_no_fixture_loads_nothing_of_the_sdk(tmp_path: Path) -> None:
    program = (
        "import sys, astra.testing.plugin;"
        "heavy = ('httpx', 'starlette', 'uvicorn', 'vcr', 'yaml', 'astra_api', 'pytest_asyncio', 'astra.sandbox',"
        " 'astra._sync.client', 'astra.errors');"
        "print([name for name in heavy if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=tmp_path)
    assert done.stdout == "[]\n"


@pytest.mark.long
def test_pytest_runs_without_the_extras(pytester: pytest.Pytester) -> None:
    """Neither starlette nor uvicorn nor vcrpy can be imported here, as after a plain install."""
    pytester.makeini(STRICT)
    pytester.makeconftest(
        """
        import sys

        for name in ("starlette", "uvicorn", "jinja2", "vcr"):
            sys.modules[name] = None
        """
    )
    pytester.makepyfile(
        """
        import pytest
        from astra import ConfigurationError

        def test_other_things():
            assert True

        def test_canned_answers_need_no_extra(astra_canned):
            astra_canned.on("get_bin", {"bin": "440393"})
            assert astra_canned.client.bins.get("440393").to_dict()["bin"] == "440393"

        def test_the_sandbox_names_what_is_missing(request):
            with pytest.raises(ConfigurationError, match=r"pip install 'astra-finance\\[sandbox\\]'"):
                request.getfixturevalue("astra_sandbox")
        """
    )
    run(pytester, "-p", "no:recording", "-p", "no:schemathesis").assert_outcomes(passed=3)
