"""One set of rules for the URLs of all families."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from astra import AstraError, ConfigurationError
from tests.storage.families import FAMILIES, FamilyUnderTest


def refusal(family: FamilyUnderTest, url: Any) -> str:
    """The text of the error with which a URL is refused before anything is connected."""
    with pytest.raises(ConfigurationError) as caught:
        family.open(url)
    return str(caught.value)


def test_percent_escapes_are_decoded_once(family: FamilyUnderTest, tmp_path: Path) -> None:
    with family.open(f"sqlite:///{tmp_path}/my%20file%2520.db") as store:
        assert family.use(store, "a")
    assert [path.name for path in tmp_path.iterdir()] == ["my file%20.db"]


def test_percent_escapes_are_decoded_once_through_sqlalchemy_too(family: FamilyUnderTest, tmp_path: Path) -> None:
    with family.open(f"sqlite+pysqlite:///{tmp_path}/my%20file.db") as store:
        assert family.use(store, "a")
    assert [path.name for path in tmp_path.iterdir()] == ["my file.db"]


def test_a_path_object_is_a_sqlite_file(family: FamilyUnderTest, tmp_path: Path) -> None:
    with family.open(tmp_path / "100% #1?.db") as store:
        assert family.use(store, "a")
    assert [path.name for path in tmp_path.iterdir()] == ["100% #1?.db"]


def test_a_relative_file_stays_where_it_was_when_the_process_moves(
    family: FamilyUnderTest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with family.open("sqlite:///here.db") as store:
        (tmp_path / "elsewhere").mkdir()
        monkeypatch.chdir(tmp_path / "elsewhere")
        assert family.use(store, "a")
    assert (tmp_path / "here.db").exists()
    assert list((tmp_path / "elsewhere").iterdir()) == []


@pytest.mark.parametrize(
    "url",
    [
        "sqlite:///x.db?journal=1",
        "sqlite+pysqlite:///x.db?journal=1",
        "redis://h/0?journal=1",
        "postgresql://h/d?journal=1",
        "memory://?journal=1",
    ],
)
def test_an_option_that_nobody_knows_is_refused(family: FamilyUnderTest, url: str) -> None:
    text = refusal(family, url)
    if family.name == "requests" and url.startswith("redis"):
        assert "'redis'" in text
    elif not url.startswith("memory"):
        assert "'journal'" in text


@pytest.mark.parametrize(
    "url", ["sqlite:///:memory:", "sqlite:///%3Amemory:", "sqlite+pysqlite:///:memory:", "sqlite+pysqlite://"]
)
def test_a_sqlite_database_in_memory_is_refused_with_a_hint(family: FamilyUnderTest, url: str) -> None:
    assert "memory://" in refusal(family, url)


def test_a_path_object_that_sqlite_takes_for_memory_is_refused(family: FamilyUnderTest) -> None:
    assert "memory://" in refusal(family, Path(":memory:"))


@pytest.mark.parametrize(
    "url",
    [
        "",
        "file.db",
        "user:hunter2@host/db",
        "sqlite://",
        "sqlite:///",
        "sqlite://file.db",
        "sqlite:///a%00b",
        "sqlite:///a#b",
        "memory://x",
        "://x",
        "ftp://me:hunter2@host/x",
        "nosuchdb://me:hunter2@host/x",
        "nosuch+driver://me:hunter2@host/x",
        "mysql+nosuchdriver://me:hunter2@host/x",
        "postgresql://me:hunter2@/d",
        "postgresql://",
        "postgresql://me:hunter2@h:port/d",
        "postgresql://me:hunter2@h:port",
        "redis://:hunter2@h:port",
        "redis://:hunter2@h:99999999",
        "redis://:hunter2@h/production",
        "redis:///0",
        "redis://:hunter2#more@h/0",
        "unix://",
        b"sqlite:///x.db",
        7,
        ["memory://"],
    ],
)
def test_what_means_nothing_is_refused_without_showing_a_password(family: FamilyUnderTest, url: Any) -> None:
    assert "hunter2" not in refusal(family, url)


def test_the_extra_for_another_database_is_named(family: FamilyUnderTest) -> None:
    assert "astra-finance[sql]" in refusal(family, "mysql+pymysql://db/app")


@pytest.mark.sampled(2)
@pytest.mark.parametrize(("extra", "url"), [("sql", "postgresql://h/d"), ("redis", "redis://h/0")])
def test_a_missing_extra_is_named(family: FamilyUnderTest, extra: str, url: str) -> None:
    if family.name == "requests" and extra == "redis":
        assert "'redis'" in refusal(family, url)
        return
    blocked = {"sql": "sqlalchemy", "redis": "redis"}[extra]
    program = (
        f"import sys; sys.modules[{blocked!r}] = None\n"
        "from tests.storage.families import FAMILIES\n"
        f"try: FAMILIES[{family.name!r}].open({url!r})\n"
        "except Exception as error: print(type(error).__name__, error)"
    )
    shown = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert shown.startswith("ConfigurationError")
    assert f"pip install 'astra-finance[{extra}]'" in shown


def test_a_misspelt_scheme_is_named_and_not_a_host(family: FamilyUnderTest) -> None:
    assert "'bogus'" in refusal(family, "bogus://")


def test_an_option_of_a_file_is_none_of_its_name(family: FamilyUnderTest) -> None:
    assert "'note'" in refusal(family, "sqlite:///z.db?note=a@b")


@pytest.mark.parametrize(
    "option",
    [
        "protocol=9",
        "protocol=",
        "max_connections=0",
        "socket_timeout=-1",
        "socket_timeout=0",
        "socket_connect_timeout=soon",
        "health_check_interval=-5",
        "socket_keepalive=perhaps",
        "db=one",
        "ssl_cert_reqs=none",
    ],
)
def test_a_value_that_redis_cannot_use_is_refused_by_the_name_of_its_option(option: str) -> None:
    assert repr(option.partition("=")[0]) in refusal(FAMILIES["tokens"], f"redis://h/0?{option}")


def test_a_value_that_a_secure_redis_cannot_use_is_refused(tmp_path: Path) -> None:
    assert "'ssl_cert_reqs'" in refusal(FAMILIES["tokens"], "rediss://h/0?ssl_cert_reqs=wat")
    FAMILIES["tokens"].open(
        f"rediss://h/0?ssl_cert_reqs=required&ssl_ca_certs={tmp_path}&socket_timeout=0.5&max_connections=8"
    ).close()


@pytest.mark.parametrize("password", ["p%40ss%23?x", "p#w", "p?a=b"])
def test_a_password_may_hold_any_character(family: FamilyUnderTest, password: str) -> None:
    # Refused for its port, not for its password, which proves that it was read to the end.
    text = refusal(family, f"postgresql://me:{password}@h/d?nosuch=1")
    assert "'nosuch'" in text


def test_a_store_object_is_taken_as_it_is(family: FamilyUnderTest) -> None:
    store = family.open("memory://")
    assert family.open(store) is store


def test_opening_connects_to_nothing(family: FamilyUnderTest, tmp_path: Path) -> None:
    for url in ("postgresql://127.0.0.1:1/d", f"sqlite:///{tmp_path}/x.db"):
        family.open(url).close()
    assert list(tmp_path.iterdir()) == []


def test_a_server_that_is_not_there_is_an_error_of_the_family(family: FamilyUnderTest) -> None:
    urls = ["postgresql://me:hunter2@127.0.0.1:1/d"]
    urls += ["redis://:hunter2@127.0.0.1:1/0"] if family.name != "requests" else []
    for url in urls:
        with family.open(url) as store:
            with pytest.raises(AstraError) as caught:
                read(family, store)
            assert type(caught.value) is family.error
            assert "hunter2" not in str(caught.value)


def read(family: FamilyUnderTest, store: Any) -> Any:
    """Reads from a store; the request log's own writer reports its failures in the log."""
    return store.query() if family.name == "requests" else family.use(store, "a")
