"""What happens to issued tokens: none is lost, none is taken for another person's, and no code is spent for nothing."""

from __future__ import annotations

import itertools
import pickle
import sqlite3
import uuid
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

import astra
from astra.sandbox import Sandbox
from astra.tokens import Grant, TokenAnswer
from astra.tokens.stores.memory import MemoryStore
from tests.engine import httpx


class FailingStore(MemoryStore):
    """Refuses to keep the users of a caller, as a disk that became full after it was looked at."""

    full = True

    def save_many(self, saves: Sequence[tuple[Grant, int | None]], *, release: str | None = None) -> list[bool]:
        if self.full and any(grant.key.startswith("customer") for grant, _ in saves):
            raise OSError("No space left on device")
        return super().save_many(saves, release=release)


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as started:
        yield started


def options(sandbox: Sandbox, **more: Any) -> dict[str, Any]:
    return {
        "client_id": sandbox.client_id,
        "client_secret": sandbox.client_secret,
        "base_url": sandbox.url,
        "redirect_uri": sandbox.redirect_uri,
        "max_retries": 0,
        **more,
    }


@pytest.fixture
def client(sandbox: Sandbox) -> Iterator[astra.Astra]:
    with astra.Astra(**options(sandbox)) as made:
        yield made


def person(sandbox: Sandbox) -> str:
    return sandbox.users.create(status="approved").id


def operations(sandbox: Sandbox) -> list[str]:
    return [request.operation or "" for request in sandbox.requests]


# -- keys ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", ["", "  ", 42, uuid.UUID(int=7), "c" * 256, "a\0b"], ids=repr)
def test_a_key_that_no_store_keeps_is_refused_before_a_code_is_spent(
    client: astra.Astra, sandbox: Sandbox, key: Any
) -> None:
    code = sandbox.authorize(user_id=person(sandbox))
    before = len(sandbox.requests)
    with pytest.raises(astra.InvalidRequestError) as caught:
        client.oauth.exchange(code, key=key)
    assert caught.value.argument == "key"
    with pytest.raises(astra.InvalidRequestError):
        client.oauth.exchange_identity_token("token", user_consent_captured=True, key=key)
    with pytest.raises(astra.InvalidRequestError):
        client.user(key)
    with pytest.raises(astra.InvalidRequestError):
        client.request("GET", "/v1/user", user=key)
    assert len(sandbox.requests) == before
    assert client.oauth.exchange(code, key="c" * 255).key() == "c" * 255


@pytest.mark.parametrize("code", ["", "  ", None, 42, b"code"])
def test_a_code_that_is_none_is_refused_before_anything_is_sent(
    client: astra.Astra, sandbox: Sandbox, code: Any
) -> None:
    with pytest.raises(astra.InvalidRequestError) as caught:
        client.oauth.exchange(code, key="customer-42")
    assert caught.value.argument == "code"
    assert not sandbox.requests


# -- the code is not spent -------------------------------------------------------------------------------------------


def code_survives(sandbox: Sandbox, store: str) -> astra.TokenStoreError:
    """Exchanges a code over a store that cannot keep its tokens, and the same code again over a good one."""
    code, before = sandbox.authorize(user_id=person(sandbox)), operations(sandbox)
    with astra.Astra(**options(sandbox, token_store=store)) as broken, pytest.raises(astra.TokenStoreError) as caught:
        broken.oauth.exchange(code, key="customer-42")
    assert operations(sandbox) == before
    with astra.Astra(**options(sandbox)) as good:
        assert good.oauth.exchange(code, key="customer-42").profile.get().id
    return caught.value


def test_a_postgresql_that_only_reads_costs_no_code(sandbox: Sandbox, postgres_url: str) -> None:
    import psycopg

    with astra.Astra(**options(sandbox, token_store=postgres_url)) as first:
        assert first.tokens.get("customer-42") is None
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute("ALTER ROLE CURRENT_USER SET default_transaction_read_only = on")
        try:
            assert "read-only" in str(code_survives(sandbox, postgres_url))
        finally:
            connection.execute("ALTER ROLE CURRENT_USER RESET default_transaction_read_only")


def test_a_redis_without_room_costs_no_code(sandbox: Sandbox, redis_url: str) -> None:
    import redis

    with redis.Redis.from_url(redis_url) as server:
        server.config_set("maxmemory", "1")
        try:
            assert "maxmemory" in str(code_survives(sandbox, redis_url))
        finally:
            server.config_set("maxmemory", "0")


def test_a_sqlite_file_that_takes_no_rows_costs_no_code(sandbox: Sandbox, tmp_path: Path) -> None:
    with astra.Astra(**options(sandbox, token_store=tmp_path / "tokens.db")) as first:
        first.oauth.exchange(sandbox.authorize(user_id=person(sandbox)), key="customer-41")
    with sqlite3.connect(tmp_path / "tokens.db") as file:
        file.execute("CREATE TRIGGER full BEFORE INSERT ON astra_grants BEGIN SELECT RAISE(ABORT, 'full'); END")
    file.close()
    assert "full" in str(code_survives(sandbox, f"sqlite:///{tmp_path}/tokens.db"))


def test_looking_at_the_store_leaves_nothing_in_it(client: astra.Astra) -> None:
    client.tokens.check_store()
    assert client.tokens.store.scan().grants == []


# -- the code is spent, and the tokens cannot be kept ----------------------------------------------------------------


def test_what_cannot_be_stored_is_held_by_the_error_until_it_can(sandbox: Sandbox) -> None:
    store = FailingStore()
    with astra.Astra(**options(sandbox, token_store=store)) as client:
        known = person(sandbox)
        with pytest.raises(astra.TokensNotKeptError, match="do not send it again") as caught:
            client.oauth.exchange(sandbox.authorize(user_id=known), key="customer-42")
        error = caught.value
        assert (error.user_key, type(error.__cause__)) == ("customer-42", astra.TokenStoreError)
        with pytest.raises(astra.TokensNotKeptError) as again:
            error.keep()
        store.full = False
        assert again.value.keep().profile.get().id == known
        assert client.tokens.find_key(known) == "customer-42"
        assert operations(sandbox).count("exchange_token") == 1


def test_the_tokens_held_by_an_error_are_in_no_repr_and_no_pickle(sandbox: Sandbox) -> None:
    store = FailingStore()
    with astra.Astra(**options(sandbox, token_store=store)) as client:
        with pytest.raises(astra.TokensNotKeptError) as caught:
            client.oauth.exchange(sandbox.authorize(user_id=person(sandbox)), key="customer-42")
        error, store.full = caught.value, False
        copied = pickle.loads(pickle.dumps(error))
        user = error.keep()
        grant = client.tokens.get(user.key())
        assert grant is not None
        for shown in (str(error), repr(error), repr(vars(error)), repr(pickle.dumps(error)), repr(error.args)):
            assert grant.access_token not in shown
            assert grant.refresh_token not in shown
    assert copied.user_key == "customer-42"
    with pytest.raises(astra.ConfigurationError, match="crossed a process border"):
        copied.keep()


def test_tokens_may_be_kept_under_another_key(sandbox: Sandbox) -> None:
    with astra.Astra(**options(sandbox, token_store=FailingStore())) as client:
        known = person(sandbox)
        with pytest.raises(astra.TokensNotKeptError) as caught:
            client.oauth.exchange(sandbox.authorize(user_id=known), key="customer-42")
        with pytest.raises(astra.InvalidRequestError):
            caught.value.keep_as("")
        assert caught.value.keep_as("other").profile.get().id == known


# -- whose tokens they are -------------------------------------------------------------------------------------------


def test_another_astra_user_under_a_known_key_replaces_nobody(client: astra.Astra, sandbox: Sandbox) -> None:
    alice, bob = person(sandbox), person(sandbox)
    client.oauth.exchange(sandbox.authorize(user_id=alice), key="c42")
    with pytest.raises(astra.UserMismatchError) as caught:
        client.oauth.exchange(sandbox.authorize(user_id=bob), key="c42")
    error = caught.value
    assert (error.user_key, error.former_astra_user_id, error.astra_user_id) == ("c42", alice, bob)
    assert "`replace`" in str(error)
    assert "`keep_as`" in str(error)
    assert client.user("c42").profile.get().id == alice
    assert client.tokens.find_key(bob) is None
    with pytest.raises(astra.UserMismatchError):
        error.keep()
    assert error.keep_as("c43").profile.get().id == bob
    assert client.user(astra_user_id=alice).profile.get().id == alice
    assert operations(sandbox).count("exchange_token") == 2


def test_another_astra_user_replaces_the_former_one_when_told_to(client: astra.Astra, sandbox: Sandbox) -> None:
    alice, bob = person(sandbox), person(sandbox)
    client.oauth.exchange(sandbox.authorize(user_id=alice), key="c42")
    with pytest.raises(astra.UserMismatchError) as caught:
        client.oauth.exchange(sandbox.authorize(user_id=bob), key="c42")
    assert caught.value.replace().profile.get().id == bob
    assert (client.tokens.find_key(alice), client.tokens.find_key(bob)) == (None, "c42")
    back = client.oauth.exchange(sandbox.authorize(user_id=alice), key="c42", replace=True)
    assert back.profile.get().id == alice
    assert client.tokens.find_key(bob) is None


async def test_the_methods_for_asyncio_have_an_a_in_front(sandbox: Sandbox) -> None:
    alice, bob = person(sandbox), person(sandbox)
    async with astra.AsyncAstra(**options(sandbox)) as client:
        await client.oauth.exchange(sandbox.authorize(user_id=alice), key="c42")
        with pytest.raises(astra.UserMismatchError) as caught:
            await client.oauth.exchange(sandbox.authorize(user_id=bob), key="c42")
        with pytest.raises(astra.ConfigurationError, match=r"await error.akeep\(\)"):
            caught.value.replace()
        with pytest.raises(astra.UserMismatchError) as again:
            await caught.value.akeep()
        user = await again.value.akeep_as("c43")
        assert (await user.profile.get()).id == bob
        await client.tokens.forget("c43")
        user = await caught.value.areplace()
        assert (await user.key(), (await user.profile.get()).id) == ("c42", bob)


async def test_an_error_of_the_blocking_client_says_which_method_it_has(client: astra.Astra, sandbox: Sandbox) -> None:
    client.oauth.exchange(sandbox.authorize(user_id=person(sandbox)), key="c42")
    with pytest.raises(astra.UserMismatchError) as caught:
        client.oauth.exchange(sandbox.authorize(user_id=person(sandbox)), key="c42")
    with pytest.raises(astra.ConfigurationError, match=r"comes from Astra: use keep\(\)"):
        await caught.value.areplace()


def test_a_user_whose_id_cannot_be_asked_is_kept_without_one_and_gets_it_later(
    client: astra.Astra, sandbox: Sandbox
) -> None:
    known = person(sandbox)
    sandbox.faults.add(operation="get_user", status=500)
    user = client.oauth.exchange(sandbox.authorize(user_id=known), key="c42")
    grant = client.tokens.get("c42")
    assert grant is not None
    assert (grant.astra_user_id, client.tokens.find_key(known)) == (None, None)
    assert user.profile.get().id == known
    assert client.tokens.find_key(known) == "c42"


def test_an_exchange_never_inherits_another_persons_id(client: astra.Astra, sandbox: Sandbox) -> None:
    """bob authorizes under the key of alice, and Astra cannot say that it is bob."""
    alice, bob = person(sandbox), person(sandbox)
    client.oauth.exchange(sandbox.authorize(user_id=alice), key="c42")
    sandbox.faults.add(operation="get_user", status=500)
    with pytest.raises(astra.TokensNotKeptError, match="did not say whose they are") as caught:
        client.oauth.exchange(sandbox.authorize(user_id=bob), key="c42")
    assert client.user(astra_user_id=alice).profile.get().id == alice
    with pytest.raises(astra.UserMismatchError):
        caught.value.keep()


def test_who_authorizes_again_while_astra_cannot_say_who_it_is_is_kept_later(
    client: astra.Astra, sandbox: Sandbox
) -> None:
    alice = person(sandbox)
    client.oauth.exchange(sandbox.authorize(user_id=alice), key="c42")
    sandbox.faults.add(operation="get_user", status=500)
    with pytest.raises(astra.TokensNotKeptError) as caught:
        client.oauth.exchange(sandbox.authorize(user_id=alice), key="c42")
    assert caught.value.call_id is not None
    assert caught.value.keep().profile.get().id == alice


def test_replacing_whoever_it_is_does_not_wait_for_the_name(client: astra.Astra, sandbox: Sandbox) -> None:
    alice, bob = person(sandbox), person(sandbox)
    client.oauth.exchange(sandbox.authorize(user_id=alice), key="c42")
    sandbox.faults.add(operation="get_user", status=500)
    user = client.oauth.exchange(sandbox.authorize(user_id=bob), key="c42", replace=True)
    assert client.tokens.find_key(alice) is None
    assert user.profile.get().id == bob
    assert client.tokens.find_key(bob) == "c42"


def test_without_a_key_nothing_is_stored_until_astra_says_who_it_is(client: astra.Astra, sandbox: Sandbox) -> None:
    known = person(sandbox)
    sandbox.faults.add(operation="get_user", status=500)
    with pytest.raises(astra.TokensNotKeptError) as caught:
        client.oauth.exchange(sandbox.authorize(user_id=known))
    assert client.tokens.store.scan().grants == []
    assert caught.value.user_key is None
    assert caught.value.keep().key() == known
    assert [grant.key for grant in client.tokens.store.scan().grants] == [known]


def test_without_a_key_the_tokens_may_be_given_one(client: astra.Astra, sandbox: Sandbox) -> None:
    known = person(sandbox)
    sandbox.faults.add(operation="get_user", status=500)
    with pytest.raises(astra.TokensNotKeptError) as caught:
        client.oauth.exchange(sandbox.authorize(user_id=known))
    assert caught.value.keep_as("c42").profile.get().id == known


def test_stored_tokens_take_over_neither_the_id_nor_the_refresh_token_of_the_former_ones(client: astra.Astra) -> None:
    client.tokens.store_answer(
        "c42", TokenAnswer(access_token="a1", expires_in=60, refresh_token="r1"), astra_user_id="alice"
    )
    client.tokens.store_answer("c42", TokenAnswer(access_token="a2", expires_in=60), issued_at=1_000.0)
    grant = client.tokens.get("c42")
    assert grant is not None
    assert (grant.access_token, grant.refresh_token, grant.astra_user_id) == ("a2", "", None)
    assert (grant.refreshed_at, grant.access_expires_at) == (1_000.0, 1_060.0)


def test_an_id_is_added_only_to_the_grant_that_was_asked_about(client: astra.Astra) -> None:
    client.tokens.store_answer("c42", TokenAnswer(access_token="a1", expires_in=60, refresh_token="r1"))
    assert not client.tokens.set_user_id("stranger", astra_user_id="bob", access_token="a1")
    assert not client.tokens.set_user_id("c42", astra_user_id="bob", access_token="another")
    assert client.tokens.find_key("bob") is None
    assert client.tokens.set_user_id("c42", astra_user_id="alice", access_token="a1")
    assert client.tokens.set_user_id("c42", astra_user_id="alice", access_token="a1")
    assert not client.tokens.set_user_id("c42", astra_user_id="bob", access_token="a1")
    assert client.tokens.find_key("alice") == "c42"


@pytest.mark.parametrize("empty", ["", "  "])
def test_people_whose_id_is_empty_are_not_taken_for_one_person(empty: str, caplog: pytest.LogCaptureFixture) -> None:
    numbers = itertools.count(1)

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/oauth/token"):
            number = next(numbers)
            return httpx.Response(200, json={"access_token": f"a{number}", "refresh_token": f"r{number}"})
        return httpx.Response(200, json={"id": empty})

    http = httpx.Client(transport=httpx.MockTransport(answer))
    with astra.Astra("id", "secret", redirect_uri="https://app/back", http_client=http, max_retries=0) as client:
        client.oauth.exchange("code", key="c1")
        client.oauth.exchange("code", key="c2")
        assert [client.tokens.access_token(key) for key in ("c1", "c2")] == ["a1", "a2"]
        assert client.tokens.find_keys(empty) == []
        assert "c1' is kept without Astra's id" in caplog.text
        assert not client.tokens.set_user_id("c1", astra_user_id=empty, access_token="a1")
        with pytest.raises(astra.TokensNotKeptError):
            client.oauth.exchange("code")


def test_an_exchange_without_a_refresh_token_is_told(caplog: pytest.LogCaptureFixture) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={"access_token": "a1", "expires_in": 7200, "id": "usr_1"})

    http = httpx.Client(transport=httpx.MockTransport(answer))
    with astra.Astra("id", "secret", redirect_uri="https://app/back", http_client=http) as client:
        client.oauth.exchange("code", key="c1")
    assert "no refresh token for 'c1'" in caplog.text


# -- one person under two keys ---------------------------------------------------------------------------------------


def test_one_astra_user_under_two_keys_is_told_by_a_warning_that_names_both(
    client: astra.Astra, sandbox: Sandbox
) -> None:
    alice = person(sandbox)
    client.oauth.exchange(sandbox.authorize(user_id=alice), key="c42")
    with pytest.warns(astra.AstraDuplicateUserWarning, match="'c42' and now 'c43'") as told:
        client.oauth.exchange(sandbox.authorize(user_id=alice), key="c43")
    assert [warning.filename for warning in told] == [__file__]
    assert sorted(client.tokens.find_keys(alice)) == ["c42", "c43"]


def test_the_warning_can_be_filtered_by_its_type(client: astra.Astra, sandbox: Sandbox) -> None:
    alice = person(sandbox)
    client.oauth.exchange(sandbox.authorize(user_id=alice), key="c42")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", astra.AstraDuplicateUserWarning)
        client.oauth.exchange(sandbox.authorize(user_id=alice), key="c43")
    with pytest.raises(astra.AstraDuplicateUserWarning):  # warnings are errors here
        client.oauth.exchange(sandbox.authorize(user_id=alice), key="c44")
    assert client.user("c44").profile.get().id == alice


def test_who_authorizes_again_or_after_being_forgotten_is_no_duplicate(client: astra.Astra, sandbox: Sandbox) -> None:
    alice = person(sandbox)
    for _ in range(2):
        client.oauth.exchange(sandbox.authorize(user_id=alice), key="c42")
    client.tokens.forget("c42")
    assert client.oauth.exchange(sandbox.authorize(user_id=alice), key="c43").key() == "c43"


# -- the ledger ------------------------------------------------------------------------------------------------------


def test_the_requests_of_an_exchange_are_the_users_in_the_ledger(sandbox: Sandbox, tmp_path: Path) -> None:
    with astra.Astra(**options(sandbox, request_log=tmp_path / "requests.db")) as client:
        client.oauth.exchange(sandbox.authorize(user_id=person(sandbox)), key="c42")
        log = client.request_log
        assert log is not None
        log.flush()
        assert {record.operation for record in log.query(user_key="c42")} == {"exchange_token", "get_user"}


def test_a_refusal_of_the_client_is_not_taken_for_a_users_old_token(sandbox: Sandbox) -> None:
    with astra.Astra(**options(sandbox, client_secret="wrong")) as client:
        with pytest.raises(astra.OAuthError) as caught:
            client.oauth.exchange("code", key="c42")
        assert caught.value.code == "invalid_client"
        assert operations(sandbox) == ["exchange_token"]
