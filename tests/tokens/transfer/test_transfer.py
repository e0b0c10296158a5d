"""Grants go to an encrypted file and from there to any store; a file that is not as it was written is refused whole."""

from __future__ import annotations

import gc
import io
import json
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

import attrs
import pytest
from cryptography.fernet import Fernet

from astra.errors import ConfigurationError, InvalidRequestError, TokenStoreError
from astra.testing.store_contract import ME, NOW, make_grant
from astra.tokens import UNBOUND, Grant, Identity, TokenStore, open_store
from astra.tokens.stores.keyring import Keyring
from astra.tokens.transfer import exporting, importing, lines
from astra.tokens.transfer.exporting import ExportReport, batches_of, export_grants
from astra.tokens.transfer.importing import check_file, check_target, import_grants
from astra.tokens.transfer.merging import ImportReport

KEY, NEW, WRONG = (Fernet.generate_key().decode() for _ in range(3))
KEYRING = Keyring([KEY])
OTHER = Identity("production", "another client")


@pytest.fixture(params=["memory", "sqlite", "postgresql", "redis"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[TokenStore]:
    urls = {"memory": lambda: "memory://", "sqlite": lambda: f"sqlite:///{tmp_path}/target.db"}
    names = {"postgresql": "postgres_url", "redis": "redis_url"}
    kind = str(request.param)
    url = urls[kind]() if kind in urls else request.getfixturevalue(names[kind])
    with open_store(url) as opened:
        yield opened


def everything() -> list[Grant]:
    """Grants of three identities that differ in all that is kept."""
    plain = [
        make_grant("a", version=7, identity=ME),
        attrs.evolve(
            make_grant("Größe 'x' \U0001f600", identity=ME), failures=3, next_attempt_at=NOW + 60, generation=5
        ),
        attrs.evolve(make_grant("dead", identity=ME), state="dead", dead_since=NOW - 5.25, dead_reason="invalid_grant"),
        attrs.evolve(make_grant("nameless", identity=ME), astra_user_id=None),
        make_grant("a", version=9, identity=OTHER),
        make_grant("a", version=3, identity=UNBOUND),
    ]
    return sorted(plain, key=lambda grant: (str(grant.identity), grant.key))


def fill(store: TokenStore, grants: list[Grant], keyring: Keyring = KEYRING) -> None:
    for grant in grants:
        assert store.save(keyring.seal(grant), replaces=None)


def contents(store: TokenStore, keyring: Keyring = KEYRING) -> list[Grant]:
    found = [keyring.open(grant) for batch in batches_of(store, store.identities(), limit=2) for grant in batch.grants]
    return sorted(found, key=lambda grant: (str(grant.identity), grant.key))


def write(store: TokenStore, keyring: Keyring = KEYRING, *, limit: int = 2) -> bytes:
    written = bytearray()
    export_grants(batches_of(store, sorted(store.identities(), key=str), limit=limit), keyring, written.extend, now=NOW)
    return bytes(written)


@pytest.fixture
def source(tmp_path: Path) -> Iterator[TokenStore]:
    with open_store(f"sqlite:///{tmp_path}/source.db") as opened:
        fill(opened, everything())
        yield opened


@pytest.fixture
def file(source: TokenStore) -> bytes:
    return write(source)


def read(data: bytes, keyring: Keyring = KEYRING) -> Any:
    return check_file(io.BytesIO(data), keyring)


def bring(store: TokenStore, data: bytes, keyring: Keyring = KEYRING, **options: Any) -> ImportReport:
    source = io.BytesIO(data)
    check_file(source, keyring)
    return import_grants(store, keyring, source, **({"only": None} | options))


def test_grants_arrive_in_every_store_as_they_were(store: TokenStore, file: bytes) -> None:
    report = bring(store, file)
    assert contents(store) == everything()
    assert (report.added, report.nobodys, report.done, report.ok) == (6, 1, 6, True)
    stored = store.load(ME, "a")
    assert stored is not None
    assert stored.access_token.startswith("astra1:")


def test_an_import_that_was_interrupted_is_begun_again(
    store: TokenStore, file: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    save_many, calls = type(store).save_many, 0

    def fail(self: TokenStore, saves: Any, **options: Any) -> list[bool]:
        nonlocal calls
        calls += 1
        if calls > 1:
            raise TokenStoreError("gone")
        return save_many(self, saves, **options)

    with monkeypatch.context() as broken:
        broken.setattr(type(store), "save_many", fail)
        broken.setattr(type(store), "load", lambda *_: fail(store, []))
        with pytest.raises(TokenStoreError):
            bring(store, file)
    before = len(contents(store))
    assert 0 < before < 6
    again = bring(store, file)
    assert (again.added, again.present, contents(store)) == (6 - before, before, everything())


def test_a_newer_grant_stays_and_an_older_one_is_replaced(store: TokenStore, file: bytes) -> None:
    (mine,) = (grant for grant in everything() if grant.identity == ME and grant.key == "a")
    newer = attrs.evolve(mine, version=8, refreshed_at=mine.refreshed_at + 1, access_token="newer")
    (dead,) = (grant for grant in everything() if grant.key == "dead")
    older = attrs.evolve(dead, state="active", dead_since=None, dead_reason=None, version=dead.version - 1)
    fill(store, [newer, older])
    report = bring(store, file)
    assert (report.added, report.replaced, report.kept) == (4, 1, 1)
    found = {(grant.identity, grant.key): grant for grant in contents(store)}
    assert found[ME, "a"] == newer
    assert found[ME, "dead"] == dead


def test_the_grant_of_another_person_stays_and_is_told(store: TokenStore, file: bytes) -> None:
    (mine,) = (grant for grant in everything() if grant.identity == ME and grant.key == "a")
    theirs = attrs.evolve(mine, version=1, refreshed_at=mine.refreshed_at - 1, astra_user_id="somebody else")
    fill(store, [theirs])
    report = bring(store, file)
    assert (report.other_person, report.ok) == (1, False)
    assert "'a' belongs to another Astra user" in report.reasons[0]
    assert theirs in contents(store)


def test_one_whose_key_somebody_adds_at_the_same_moment_is_merged(
    store: TokenStore, file: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    (mine,) = (grant for grant in everything() if grant.identity == ME and grant.key == "a")
    load, done = type(store).load, False

    def add_first(self: TokenStore, identity: Identity, key: str) -> Grant | None:
        nonlocal done
        found = load(self, identity, key)
        if not done and (identity, key) == (ME, "a"):
            done = True
            fill(self, [attrs.evolve(mine, version=6, refreshed_at=mine.refreshed_at - 60)])
        return found

    save_many = type(store).save_many
    monkeypatch.setattr(type(store), "load", add_first)
    # A database refuses the whole transaction when somebody has added one of its keys meanwhile.
    monkeypatch.setattr(
        type(store),
        "save_many",
        lambda self, saves, **options: (
            save_many(self, saves, **options) if len(saves) == 1 else _refuse("duplicate key")
        ),
    )
    report = bring(store, file)
    assert (report.added, report.replaced, report.ok) == (5, 1, True)
    assert contents(store) == everything()


def _refuse(reason: str) -> list[bool]:
    raise TokenStoreError(reason)


def test_only_the_identities_that_are_asked_for_are_imported(store: TokenStore, file: bytes) -> None:
    report = bring(store, file, only=frozenset({OTHER}))
    assert (report.added, report.left_out) == (1, 5)
    assert store.identities() == {OTHER: 1}


def test_a_damaged_row_of_the_store_stays_and_the_others_are_imported(tmp_path: Path, file: bytes) -> None:
    import sqlite3

    with open_store(f"sqlite:///{tmp_path}/target.db") as store:
        fill(store, [make_grant("a", version=1, identity=ME)])
        with sqlite3.connect(tmp_path / "target.db") as connection:
            connection.execute("UPDATE astra_grants SET refreshed_at='never'")
        connection.close()
        report = bring(store, file)
        assert (report.added, report.failed, report.ok) == (5, 1, False)
        assert "damaged" in report.reasons[0]


# -- files that are refused ------------------------------------------------------------------------------------------


def test_no_token_and_no_key_of_a_user_can_be_read_in_the_file(file: bytes) -> None:
    for grant in everything():
        assert grant.refresh_token.encode() not in file
        assert f'"{grant.key}"'.encode() not in file


def changed(file: bytes) -> dict[str, bytes]:
    header, *batches, end = file.splitlines(keepends=True)
    middle = bytearray(batches[1])
    middle[len(middle) // 2] ^= 1
    return {
        "empty": b"",
        "no end": b"".join([header, *batches]),
        "cut in a line": file[:-10],
        "cut at the last line break": file[:-1],
        "no batches": header + end,
        "a batch left out": b"".join([header, batches[0], *batches[2:], end]),
        "batches swapped": b"".join([header, batches[1], batches[0], *batches[2:], end]),
        "a batch twice": b"".join([header, batches[0], *batches, end]),
        "one byte changed": b"".join([header, batches[0], bytes(middle), *batches[2:], end]),
        "the end in the middle": b"".join([header, batches[0], end, *batches[1:], end]),
        "more after the end": file + b"\n",
        "two files": file + file,
        "a line as the end": b"".join([header, *batches, b"end:" + batches[0]]),
        "the end as a line": b"".join([header, *batches, end.removeprefix(b"end:"), end]),
        "header changed": header.replace(b'"written_at": ', b'"written_at": 1') + b"".join([*batches, end]),
        "no header": b"".join([*batches, end]),
        "a text": b"Dear operator,\nthis is no export.\n",
        "json": b'{"kind": "something else"}\n',
        "no time": header.replace(b'"written_at": ', b'"written_at": 1e999, "x": ') + b"".join([*batches, end]),
        "zeros": bytes(100_000),
        "a line of plain text": b"".join([header, b"grants\n", end]),
        "line breaks of another system": file.replace(b"\n", b"\r\n"),
    }


@pytest.mark.parametrize("change", changed(b"{}\n1\n2\nend:3\n"))
def test_a_file_that_is_not_as_it_was_written_is_refused(file: bytes, change: str) -> None:
    with pytest.raises(InvalidRequestError, match=r"^The file ") as caught:
        read(changed(file)[change])
    assert caught.value.argument == "file"


def test_lines_of_two_files_do_not_mix(source: TokenStore, file: bytes) -> None:
    other = write(source)
    header, *rest = file.splitlines(keepends=True)
    with pytest.raises(InvalidRequestError, match="line 2"):
        read(header + b"".join(other.splitlines(keepends=True)[1:]))
    mixed = [header, *rest]
    mixed[2] = other.splitlines(keepends=True)[2]
    with pytest.raises(InvalidRequestError, match="line 3"):
        read(b"".join(mixed))


def test_a_row_of_a_store_is_no_line_of_a_file(source: TokenStore, file: bytes) -> None:
    header, *_, end = file.splitlines(keepends=True)
    stored = source.load(ME, "a")
    assert stored is not None
    with pytest.raises(InvalidRequestError, match="line 2"):
        read(header + stored.refresh_token.encode() + b"\n" + end)


def test_another_key_is_named(file: bytes) -> None:
    with pytest.raises(ConfigurationError, match=KEYRING.ids[0]):
        read(file, Keyring([WRONG]))
    assert read(file, Keyring([NEW, KEY])).total == 6


@pytest.mark.parametrize("change", [(b'"version": 1', b'"version": 2'), (b'"dead_reason"', b'"dead_why"')])
def test_a_file_of_another_release_is_said_to_be_one(file: bytes, change: tuple[bytes, bytes]) -> None:
    with pytest.raises(ConfigurationError, match="another release"):
        read(file.replace(*change, 1))


def test_what_a_holder_of_the_key_wrote_has_to_be_grants(source: TokenStore) -> None:
    header = lines.make_header(now=NOW)
    for text in ("[[]]", "[[[1, 2, 3]]]", "7", '[[["sandbox", "c", ""], "a"]]', "nonsense", '[["abc", 1]]'):
        line = KEYRING.wrap(text, bound_to=header.place("batch", 0)).encode() + b"\n"
        with pytest.raises(InvalidRequestError, match="something else than grants in line 2"):
            read(header.line + line + lines.write_end(header, 1, 1, KEYRING))


def test_a_file_that_changes_between_check_and_import_is_refused_there(store: TokenStore, file: bytes) -> None:
    source = io.BytesIO(file)
    check_file(source, KEYRING)
    source = io.BytesIO(file[: len(file) // 2])
    with pytest.raises(InvalidRequestError):
        import_grants(store, KEYRING, source, only=None)


def test_a_store_under_other_keys_is_no_target(store: TokenStore) -> None:
    fill(store, [make_grant("z", identity=ME)], Keyring([WRONG]))
    with pytest.raises(ConfigurationError, match="none of those given"):
        check_target(store, KEYRING, [ME, UNBOUND])
    check_target(store, KEYRING, [OTHER])
    fill(store, [make_grant("zz", identity=ME)])
    check_target(store, KEYRING, [ME])


# -- the export ------------------------------------------------------------------------------------------------------


def test_grants_that_no_key_opens_are_counted_and_named(source: TokenStore) -> None:
    fill(source, [make_grant("lost", identity=ME)], Keyring([WRONG]))
    written: list[bytes] = []
    told: list[ExportReport] = []
    batches = batches_of(source, [ME], limit=2)
    report = export_grants(batches, KEYRING, written.append, now=NOW, progress=told.append)
    assert (report.exported, report.failed, told[-1]) == (4, 1, report)
    assert "'lost'" in report.reasons[0]
    assert read(b"".join(written)).total == 4


def test_a_store_that_no_key_opens_is_an_error(source: TokenStore) -> None:
    with pytest.raises(ConfigurationError, match="none of those given"):
        export_grants(batches_of(source, [ME]), Keyring([WRONG]), cast("Any", bytearray().extend), now=NOW)


def test_plain_tokens_are_exported_only_if_they_are_accepted(tmp_path: Path) -> None:
    with open_store(f"sqlite:///{tmp_path}/plain.db") as plain:
        plain.save(make_grant("a", identity=ME), replaces=None)
        with pytest.raises(ConfigurationError, match="not encrypted"):
            write(plain)
        assert read(write(plain, Keyring([KEY, "plain"]))).total == 1


def test_an_empty_store_makes_a_file_of_nothing(store: TokenStore, tmp_path: Path) -> None:
    assert read(write(store)).total == 0
    assert bring(store, write(store)) == ImportReport()


@pytest.mark.long
@pytest.mark.parametrize("step", ["export", "import"])
def test_memory_does_not_grow_with_the_number_of_grants(tmp_path: Path, step: str) -> None:
    peaks: list[int] = []
    for number in (1_000, 2_000, 12_000):
        path = tmp_path / f"{number}.grants"
        with open_store(f"sqlite:///{tmp_path}/{number}.db") as store:
            for start in range(0, number, 500):
                some = [make_grant(f"k{one:06}", identity=ME) for one in range(start, start + 500)]
                store.save_many([(KEYRING.seal(grant), None) for grant in some])
            work: dict[str, Callable[[], object]] = {
                "export": lambda: _export(store, path),  # noqa: B023 - called at once
                "import": lambda: _import(store, path),  # noqa: B023
            }
            if step == "import":
                work["export"]()
            gc.collect()
            tracemalloc.start()
            work[step]()
            peaks.append(tracemalloc.get_traced_memory()[1])
            tracemalloc.stop()
    # The first run loads what is loaded once; the collector of garbage comes when it likes.
    assert peaks[2] - peaks[1] < 10_000 * 20


def _export(store: TokenStore, path: Path) -> None:
    with path.open("wb") as file:
        export_grants(batches_of(store, [ME]), KEYRING, file.write, now=NOW)


def _import(store: TokenStore, path: Path) -> None:
    with path.open("rb") as file:
        check_file(file, KEYRING)
        assert import_grants(store, KEYRING, file, only=None).done


def test_lines_are_no_longer_than_they_are_read() -> None:
    longest = attrs.evolve(make_grant("k" * 255, identity=ME), access_token="x" * 16_000, refresh_token="x" * 16_000)
    header = lines.make_header(now=NOW)
    line = lines.write_batch(header, 0, [longest] * exporting.BATCH, KEYRING)
    assert len(line) < lines.LONGEST_LINE
    assert len(header.line) < lines.LONGEST_HEADER
    assert json.loads(header.line)["kind"] == lines.KIND
    assert importing.ATTEMPTS > 1


@pytest.mark.parametrize(
    "line", [b"[" * 4000, b'{"kind": "astra grants", "version": 1, "written_at": 1' + b"0" * 400 + b"}"]
)
def test_a_first_line_that_is_made_to_do_harm_is_no_file_of_grants(line: bytes) -> None:
    with pytest.raises(InvalidRequestError, match="is no file that astra tokens export wrote"):
        read(line + b"\n")
