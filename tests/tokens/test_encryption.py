"""Tokens at rest: bound to their row, under keys that can be rotated; what does not fit is an error, and harmless."""

from __future__ import annotations

import json
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest
from cryptography.fernet import Fernet
from typer.testing import CliRunner, Result

from astra.cli.tokens import app
from astra.errors import ConfigurationError, OAuthError, UnreadableGrantError
from astra.testing.store_contract import ME, NOW, OTHERS, make_grant
from astra.tokens import BoundStore, Grant, TokenAnswer, Tokens, TokenStore, open_store
from astra.tokens.stores.keyring import Keyring
from astra.tokens.stores.rotation import RotationReport, count_keys, rotate_keys
from astra.tokens.stores.sqlite import SQLiteStore

KEY, NEW, WRONG = (Fernet.generate_key().decode() for _ in range(3))
SIX_DAYS_AGO = NOW - 6 * 86400


@pytest.fixture(params=["memory", "sqlite", "postgresql", "redis"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[TokenStore]:
    url = {
        "memory": lambda: "memory://",
        "sqlite": lambda: f"sqlite:///{tmp_path}/tokens.db",
        "postgresql": lambda: request.getfixturevalue("postgres_url"),
        "redis": lambda: request.getfixturevalue("redis_url"),
    }[request.param]()
    with open_store(url) as opened:
        yield opened


def fill(grants: BoundStore, *keys: str) -> None:
    """Saves grants that are due."""
    saves = [(make_grant(key, refreshed_at=SIX_DAYS_AGO), None) for key in keys]
    assert all(grants.save_many(saves))


def stored(store: TokenStore, key: str) -> Grant:
    """A grant as it is in the store."""
    found = store.load(ME, key)
    assert found is not None
    return found


class Refuser:
    """An Astra that knows no token, and counts what was sent to it."""

    def __init__(self) -> None:
        self.sent: list[str] = []

    def __call__(self, refresh_token: str) -> TokenAnswer:
        self.sent.append(refresh_token)
        raise OAuthError("refused", status_code=400, code="invalid_grant")


def renew(refresh_token: str) -> TokenAnswer:
    return TokenAnswer(access_token=f"new-{refresh_token}", expires_in=7200, refresh_token=refresh_token)


def tokens_of(grants: BoundStore, refresh: Callable[[str], TokenAnswer] = renew, *, now: float = NOW) -> Tokens:
    return Tokens(grants, refresh=refresh, clock=lambda: now)


def swap_rows(store: TokenStore) -> None:
    """What somebody with write access, and without a key, would do to act as another user."""
    a, b = stored(store, "a"), stored(store, "b")
    store.save(attrs.evolve(b, access_token=a.access_token, refresh_token=a.refresh_token, version=2), replaces=1)


def swap_fields(store: TokenStore) -> None:
    b = stored(store, "b")
    store.save(attrs.evolve(b, access_token=b.refresh_token, refresh_token=b.access_token, version=2), replaces=1)


def copy_from_another_environment(store: TokenStore) -> None:
    theirs = store.for_identity(OTHERS[0], keys=[KEY])
    theirs.save(make_grant("b"), replaces=None)
    found = store.load(OTHERS[0], "b")
    assert found is not None
    store.save(attrs.evolve(found, identity=ME, version=2, refreshed_at=SIX_DAYS_AGO), replaces=1)


def damage(store: TokenStore) -> None:
    b = stored(store, "b")
    store.save(attrs.evolve(b, refresh_token=b.refresh_token[:-9], version=2), replaces=1)


@pytest.mark.parametrize("harm", [swap_rows, swap_fields, copy_from_another_environment, damage])
def test_a_ciphertext_that_is_not_of_this_row_is_refused_and_holds_up_nobody(
    store: TokenStore, harm: Callable[[TokenStore], None]
) -> None:
    grants, server = store.for_identity(ME, keys=[KEY]), Refuser()
    fill(grants, "a", "b", "c")
    harm(store)
    before = stored(store, "b")
    with pytest.raises(UnreadableGrantError, match="does not decrypt") as caught:
        tokens_of(grants, server).access_token("b")
    assert (caught.value.user_key, server.sent) == ("b", [])
    report = tokens_of(grants).keep_alive()
    assert (report.refreshed, report.failed, dict(report.errors)) == (2, 1, {"UnreadableGrantError": 1})
    after = stored(store, "b")
    assert (after.state, after.version, after.refresh_token) == ("active", 2, before.refresh_token)
    assert tokens_of(grants, now=NOW + 60).keep_alive().failed == 0, "it is left alone for an hour"


@pytest.mark.sampled(2)
@pytest.mark.parametrize("keys", [[], [WRONG]], ids=["no keys", "a wrong key"])
def test_1000_grants_survive_a_keep_alive_without_the_right_keys(store: TokenStore, keys: list[str]) -> None:
    names = [f"k{number:04}" for number in range(1000)]
    fill(store.for_identity(ME, keys=[KEY]), *names)
    server = Refuser()
    tokens = tokens_of(store.for_identity(ME, keys=keys), server)
    for call in (tokens.keep_alive, lambda: tokens.access_token("k0001"), lambda: tokens.refresh("k0002")):
        with pytest.raises(ConfigurationError, match="Nothing was sent"):
            call()
    assert server.sent == []
    found = [grant for batch in store.for_identity(ME).batches() for grant in batch.grants]
    assert {(grant.state, grant.version, grant.failures) for grant in found} == {("active", 1, 0)}
    later = tokens_of(store.for_identity(ME, keys=[WRONG, KEY]), now=NOW + 3600)
    assert later.keep_alive().refreshed == 1000


@pytest.mark.sampled(2)
@pytest.mark.parametrize("other", OTHERS)
def test_a_client_of_another_identity_sees_sends_and_marks_nothing(store: TokenStore, other: Any) -> None:
    fill(store.for_identity(ME), *(f"k{number:04}" for number in range(1000)))
    server = Refuser()
    grants = store.for_identity(other)
    tokens = tokens_of(grants, server)
    report = tokens.keep_alive()
    assert (report.refreshed, report.failed, report.needs_reauthorization, server.sent) == (0, 0, 0, [])
    assert tokens.get("k0001") is None
    assert list(grants.iterate()) == []
    tokens.store_answer("k0001", renew("theirs"))
    assert tokens_of(store.for_identity(ME), now=NOW + 3600).keep_alive().refreshed == 1000


def test_one_grant_under_a_lost_key_is_reported_and_holds_up_nobody(store: TokenStore) -> None:
    fill(store.for_identity(ME, keys=[WRONG]), "lost")
    grants = store.for_identity(ME, keys=[KEY])
    fill(grants, "a", "b")
    query_first = store.scan(ME).grants[0].key
    assert query_first == "a"
    report = tokens_of(grants).keep_alive()
    assert (report.refreshed, report.failed) == (2, 1)
    with pytest.raises(ConfigurationError, match="is an older key missing"):
        grants.load("lost")


def test_a_host_with_former_keys_keeps_no_other_from_refreshing_what_it_cannot_read(store: TokenStore) -> None:
    stale, current = store.for_identity(ME, keys=[KEY]), store.for_identity(ME, keys=[NEW, KEY])
    fill(stale, "a", "b")
    fill(current, "c")
    report = tokens_of(stale).keep_alive()
    assert (report.refreshed, report.failed, report.errors) == (2, 1, {"UnreadableGrantError": 1})
    assert tokens_of(current, now=NOW + 1).keep_alive().refreshed == 1
    assert current.load("c") != make_grant("c", refreshed_at=SIX_DAYS_AGO)


def test_a_grant_that_is_not_encrypted_is_refused_in_an_encrypted_store(store: TokenStore) -> None:
    fill(store.for_identity(ME), "a")
    with pytest.raises(ConfigurationError, match=r"not encrypted.*ASTRA_TOKEN_KEYS=KEY,plain.*Nothing was sent"):
        store.for_identity(ME, keys=[KEY]).load("a")


def test_a_store_is_moved_to_encryption_with_the_word_plain_after_the_keys(store: TokenStore) -> None:
    fill(store.for_identity(ME), "a", "b")
    moving = store.for_identity(ME, keys=[KEY, "plain"])
    tokens_of(moving).refresh("a")
    ids = Keyring([KEY]).ids
    assert (dict(count_keys(store).by_key), count_keys(store).plain) == ({ids[0]: 1}, 1)
    assert rotate_keys(store, Keyring([KEY, "plain"])).encrypted == 1
    strict = store.for_identity(ME, keys=[KEY])
    assert [grant.refresh_token for grant in map(strict.load, "ab") if grant] == ["refresh-of-a", "refresh-of-b"]


@pytest.mark.parametrize(
    "keys", [["short"], ["plain"], ["plain", KEY], [KEY, "plain", NEW], [KEY, ""], ["é" * 43 + "="]]
)
def test_what_is_no_key_is_refused_at_once(keys: list[str]) -> None:
    with pytest.raises(ConfigurationError) as caught:
        open_store("memory://").for_identity(ME, keys=keys)
    shown = "".join(traceback.TracebackException.from_exception(caught.value, capture_locals=True).format())
    of_the_sdk = shown.partition("stores/base.py")[2]
    assert of_the_sdk
    assert KEY not in of_the_sdk + str(caught.value)


def test_key_ids_tell_keys_apart_and_show_nothing_of_them() -> None:
    ring = Keyring([KEY, NEW])
    assert len(set(ring.ids)) == 2
    assert Keyring([NEW]).ids == (ring.ids[1],)
    assert KEY[:6] not in repr(ring)


class TestRotation:
    def test_rows_of_all_identities_come_under_the_first_key(self, store: TokenStore) -> None:
        for identity in (ME, *OTHERS):
            fill(store.for_identity(identity, keys=[KEY]), "a", "b")
        seen: list[RotationReport] = []
        report = rotate_keys(store, Keyring([NEW, KEY]), progress=seen.append, batch=1)
        assert (report.encrypted, report.current, report.failed) == (6, 0, 0)
        assert [done.encrypted for done in seen][-1] == 6
        assert dict(count_keys(store).by_key) == {Keyring([NEW]).ids[0]: 6}
        for identity in (ME, *OTHERS):
            loaded = store.for_identity(identity, keys=[NEW]).load("b")
            assert loaded is not None
            assert (loaded.refresh_token, loaded.version) == ("refresh-of-b", 2)

    def test_one_that_was_interrupted_goes_on_where_it_was(self, store: TokenStore) -> None:
        fill(store.for_identity(ME, keys=[KEY]), *"abcdef")

        def interrupt(done: RotationReport) -> None:
            if done.encrypted == 4:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            rotate_keys(store, Keyring([NEW, KEY]), progress=interrupt, batch=2)
        report = rotate_keys(store, Keyring([NEW, KEY]), batch=2)
        assert (report.encrypted, report.current) == (2, 4)

    def test_what_no_key_opens_stays_as_it_is_and_is_told(self, store: TokenStore) -> None:
        fill(store.for_identity(ME, keys=[WRONG]), "lost")
        fill(store.for_identity(ME, keys=[KEY]), "a", "b")
        damage(store)
        before = stored(store, "lost")
        report = rotate_keys(store, Keyring([NEW, KEY]))
        assert (report.encrypted, report.failed) == (1, 2)
        assert any("'lost'" in reason for reason in report.reasons)
        assert stored(store, "lost") == before

    def test_keys_that_open_nothing_change_nothing(self, store: TokenStore) -> None:
        fill(store.for_identity(ME, keys=[KEY]), "a", "b")
        with pytest.raises(ConfigurationError, match="is an older key missing"):
            rotate_keys(store, Keyring([NEW, WRONG]))
        assert dict(count_keys(store).by_key) == {Keyring([KEY]).ids[0]: 2}

    def test_a_grant_that_is_saved_at_the_same_moment_is_looked_at_again(self, store: TokenStore) -> None:
        former = store.for_identity(ME, keys=[KEY])
        fill(former, "a", "b")
        raced: list[bool] = []
        original = store.save_many

        def save_many(saves: Any, *, release: str | None = None) -> list[bool]:
            if not raced:
                raced.append(True)
                raced.append(original([(Keyring([KEY]).seal(make_grant("b", version=5)), 1)])[0])
            return original(saves, release=release)

        store.save_many = save_many  # type: ignore[method-assign]
        report = rotate_keys(store, Keyring([NEW, KEY]))
        assert (raced, report.encrypted, report.missed) == ([True, True], 2, 0)
        loaded = store.for_identity(ME, keys=[NEW]).load("b")
        assert loaded is not None
        assert loaded.version == 6


class TestCommandLine:
    @pytest.fixture
    def store(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SQLiteStore]:
        variables = {"CLIENT_ID": ME.client_id, "CLIENT_SECRET": "s3cret", "TOKEN_STORE": f"sqlite:///{tmp_path}/t.db"}
        for name, value in variables.items():
            monkeypatch.setenv(f"ASTRA_{name}", value)
        with SQLiteStore(tmp_path / "t.db") as opened:
            issued = time.time() - 6 * 86400
            for key in "abc":
                grant = make_grant(key, refreshed_at=issued, access_expires_at=issued + 7200)
                opened.for_identity(ME, keys=[KEY]).save(grant, replaces=None)
            yield opened

    def run(self, monkeypatch: pytest.MonkeyPatch, keys: str, *arguments: str, say: str = "") -> Result:
        monkeypatch.setenv("ASTRA_TOKEN_KEYS", keys)
        return CliRunner().invoke(app, list(arguments), input=say)

    @pytest.mark.parametrize("keys", ["", WRONG], ids=["none", "wrong"])
    @pytest.mark.parametrize("command", [["keep-alive"], ["show", "a"], ["refresh", "a"]])
    def test_without_the_right_keys_every_command_that_needs_tokens_exits_with_2(
        self, store: SQLiteStore, monkeypatch: pytest.MonkeyPatch, keys: str, command: list[str]
    ) -> None:
        before = store.scan(ME).grants
        result = self.run(monkeypatch, keys, *command)
        assert (result.exit_code, "Nothing was sent" in result.output) == (2, True)
        assert store.scan(ME).grants == before

    def test_rotate_keys_asks_and_says_which_keys_are_in_use(
        self, store: SQLiteStore, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        old, new = Keyring([KEY]).ids[0], Keyring([NEW]).ids[0]
        result = self.run(monkeypatch, f"{NEW},{KEY}", "rotate-keys", say="n\n")
        assert (result.exit_code, f"3 with the key {old}" in result.output) == (1, True)
        assert count_keys(store).by_key == {old: 3}
        result = self.run(monkeypatch, f"{NEW},{KEY}", "rotate-keys", say="y\n")
        assert (result.exit_code, f"3 with the key {new}" in result.output) == (0, True)
        result = self.run(monkeypatch, f"{NEW}", "rotate-keys", "--yes", "--json")
        assert json.loads(result.output) == {
            "version": 1,
            "store": f"SQLite file {store.path}",
            "encrypted": 0,
            "failed": 0,
            "keys": {"by_key": {new: 3}, "fernet": 0, "plain": 0, "unreadable": 0},
        }

    def test_rotate_keys_exits_with_1_when_some_cannot_be_opened_and_with_2_when_none_can(
        self, store: SQLiteStore, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        fill(store.for_identity(ME, keys=[WRONG]), "lost")
        result = self.run(monkeypatch, f"{NEW},{KEY}", "rotate-keys", "--yes")
        assert result.exit_code == 1
        assert "'lost'" in result.output
        assert "which is not in ASTRA_TOKEN_KEYS" in result.output
        unknown = Fernet.generate_key().decode()
        assert self.run(monkeypatch, unknown, "rotate-keys", "--yes").exit_code == 2

    def test_plain_grants_are_encrypted_only_when_that_is_asked_for(
        self, store: SQLiteStore, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        fill(store.for_identity(ME), "open")
        result = self.run(monkeypatch, KEY, "rotate-keys", "--yes")
        assert (result.exit_code, "1 not encrypted" in result.output) == (1, True)
        assert self.run(monkeypatch, KEY, "rotate-keys", "--yes", "--accept-plain").exit_code == 0
        assert count_keys(store).plain == 0
