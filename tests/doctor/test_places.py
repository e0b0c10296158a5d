"""Whether a store is there, of which version, and for whose eyes."""

from __future__ import annotations

from typing import Any

import pytest

from astra.doctor.findings import Finding, Kept
from astra.doctor.places import judge_durability, judge_mode, judge_place, judge_schema

TOKENS = Kept(check="t", name="token store", variable="ASTRA_TOKEN_STORE", version=2, is_vital=True)
LOG = Kept(check="l", name="request log", variable="ASTRA_REQUEST_LOG", version=3, is_vital=False)
OTHER = Kept(check="o", name="other", variable="--other", version=None, is_vital=False)
ABSENT = "If one should be there, correct {}. In a new installation the first use makes it."


def place(kept: Kept, **changes: bool) -> Finding:
    known: dict[str, Any] = {"is_there": True, "is_relative": False, "has_folder": True} | changes
    return judge_place(kept, shown="/a/b.db", **known)


def test_what_is_there_is_shown() -> None:
    assert place(TOKENS) == Finding(
        check="t.place", status="ok", message="/a/b.db", details={"place": "/a/b.db", "exists": True}
    )


def test_a_token_store_that_is_not_there_is_a_fault_and_a_log_may_come_yet() -> None:
    assert place(TOKENS, is_there=False, is_relative=True) == Finding(
        check="t.place",
        status="fail",
        message="there is no token store at /a/b.db",
        advice="If one should be there, correct ASTRA_TOKEN_STORE. The path is relative to the current folder; an "
        "absolute one has four slashes. In a new installation the first use makes it.",
        details={"place": "/a/b.db", "exists": False},
    )
    assert place(LOG, is_there=False) == Finding(
        check="l.place",
        status="warn",
        message="there is no request log at /a/b.db",
        advice=ABSENT.format("ASTRA_REQUEST_LOG"),
        details={"place": "/a/b.db", "exists": False},
    )


def test_without_its_folder_nothing_can_ever_be_there() -> None:
    assert place(LOG, is_there=False, has_folder=False) == Finding(
        check="l.place",
        status="fail",
        message="the folder of /a/b.db does not exist, so no request log can be there",
        advice="Correct ASTRA_REQUEST_LOG, or make the folder.",
        details={"place": "/a/b.db", "exists": False},
    )


def test_a_relative_path_means_something_else_to_cron() -> None:
    assert place(LOG, is_relative=True) == Finding(
        check="l.place",
        status="warn",
        message="/a/b.db, by a path relative to the current folder",
        advice="Write an absolute path into ASTRA_REQUEST_LOG (sqlite:////var/lib/app/x.db): "
        "cron and services start in other folders.",
        details={"place": "/a/b.db", "exists": True},
    )


NEWER = "a newer release wrote it: it has schema {}, this release knows 2"
OLDER = "schema 1, and this release has 2; the rows were not looked at"
UPGRADE = "Upgrade astra-finance here."
IN_PLACE = (
    "The first use by this release brings it up to date in place; stop programs of the former release before. "
    "This command changes nothing."
)


@pytest.mark.parametrize(
    ("version", "status", "message", "advice"),
    [
        (2, "ok", "schema 2, as this release has it", ""),
        (1, "warn", OLDER, IN_PLACE),
        (0, "fail", "the file is there, and no token store in it", ABSENT.format("ASTRA_TOKEN_STORE")),
        (3, "fail", NEWER.format(3), UPGRADE),
        (-1, "fail", NEWER.format(-1), UPGRADE),
    ],
)
def test_each_version_is_judged(version: int, status: str, message: str, advice: str) -> None:
    assert judge_schema(TOKENS, version) == Finding(
        check="t.schema",
        status=status,  # type: ignore[arg-type]
        message=message,
        advice=advice,
        details={"found": version, "known": 2},
    )


def test_a_file_without_a_log_is_a_warning_and_where_there_are_no_versions_none_is_right() -> None:
    assert judge_schema(LOG, 0).status == "warn"
    assert judge_schema(OTHER, 0).status == "ok"


@pytest.mark.parametrize("mode", [0o600, 0o400, 0o700])
def test_a_file_of_its_owner_alone_is_right(mode: int) -> None:
    assert judge_mode(TOKENS, mode, path="/a") == Finding(
        check="t.mode", status="ok", message=f"mode {mode:04o}: its owner's alone", details={"mode": f"{mode:04o}"}
    )


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o602, 0o601, 0o620, 0o610])
def test_a_file_that_others_may_use_is_a_warning(mode: int) -> None:
    assert judge_mode(TOKENS, mode, path="/a") == Finding(
        check="t.mode",
        status="warn",
        message=f"mode {mode:04o}: others on this machine may use /a",
        advice="chmod 600 /a; programs of the SDK that own the file do that when they open it.",
        details={"mode": f"{mode:04o}"},
    )


@pytest.mark.parametrize(
    ("facts", "status", "message", "advice"),
    [
        ({"aof_enabled": "1"}, "ok", "Redis writes to disk (AOF)", ""),
        ({"aof_enabled": "1", "maxmemory_policy": "noeviction"}, "ok", "Redis writes to disk (AOF)", ""),
        ({"aof_enabled": "1", "maxmemory_policy": "volatile-lru"}, "ok", "Redis writes to disk (AOF)", ""),
        (
            {"aof_enabled": "1", "maxmemory_policy": "allkeys-lru"},
            "fail",
            "Redis throws keys away when its memory is full (maxmemory-policy allkeys-lru)",
            "Set maxmemory-policy noeviction, or keep this in a Redis of its own.",
        ),
        (
            {"aof_enabled": "0", "save": "3600 1"},
            "warn",
            "Redis writes snapshots at most: a crash loses what came after the last one",
            "Set appendonly yes.",
        ),
        (
            {"aof_enabled": "0", "save": ""},
            "warn",
            "Redis does not write to disk: a restart loses everything",
            "Set appendonly yes.",
        ),
        (
            {"role": "master"},
            "warn",
            "Redis does not tell this account whether it keeps what it is given",
            "Look yourself: it needs persistence (AOF), and no eviction.",
        ),
    ],
)
def test_what_redis_keeps_is_judged(facts: dict[str, str], status: str, message: str, advice: str) -> None:
    assert judge_durability(TOKENS, facts) == Finding(
        check="t.durability",
        status=status,  # type: ignore[arg-type]
        message=message,
        advice=advice,
        details=facts,
    )
