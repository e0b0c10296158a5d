"""What `astra doctor` says of payments."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from astra.doctor.payments import judge_memory, judge_open, judge_payers, judge_shared
from astra.tokens.identity import Identity

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
LONG = "0123456789abcdef" * 3
ME, OTHER = Identity("sandbox", LONG), Identity("production", LONG)


@pytest.mark.parametrize(("is_production", "status"), [(True, "fail"), (False, "warn")])
def test_memory_forgets_payments(is_production: bool, status: str) -> None:
    found = judge_memory(is_production=is_production)
    assert (found.check, found.status) == ("idempotency_store.place", status)
    assert found.message == (
        "payments are remembered in memory: the same key pays once more in every other process, and after a restart"
    )
    assert found.advice == "Name a durable store with ASTRA_IDEMPOTENCY_STORE."
    assert found.details == {"place": "memory://", "exists": True}


def test_the_file_of_the_grants_is_no_good_place() -> None:
    found = judge_shared()
    assert (found.check, found.status) == ("idempotency_store.shared", "warn")
    assert found.message == (
        "payments are kept in the file of the token store: who puts back a copy of that file forgets the payments made "
        "since, and their keys pay once more"
    )
    assert found.advice == "Give ASTRA_IDEMPOTENCY_STORE a file of its own, unless you never put back copies."


def test_no_unknown_outcome_is_well() -> None:
    found = judge_open(0, first=None, now=NOW, is_complete=True)
    assert (found.check, found.status) == ("idempotency_store.uncertain", "ok")
    assert found.message == "no payment has an unknown outcome"
    assert found.details == {"payments": 0, "complete": True}


def test_an_unknown_outcome_waits_an_hour_before_people_are_told() -> None:
    found = judge_open(2, first=NOW - timedelta(minutes=59), now=NOW, is_complete=True)
    assert (found.status, found.advice) == ("ok", "")
    assert found.message == "2 payment(s) have an unknown outcome, since less than an hour"
    assert found.details == {"payments": 2, "complete": True, "first_sent": "2026-11-26T11:01:00Z"}
    late = judge_open(2, first=NOW - timedelta(hours=1), now=NOW, is_complete=False)
    assert (late.check, late.status) == ("idempotency_store.uncertain", "warn")
    assert late.message == (
        "2 payment(s) have an unknown outcome, there are more, the first since 2026-11-26 11:00:00 UTC"
    )
    assert late.advice == ("astra payments reconcile looks for them, and says who has to do what; have cron run it.")
    assert late.details == {"payments": 2, "complete": False, "first_sent": "2026-11-26T11:00:00Z"}


def test_payments_of_others_alone_are_odd() -> None:
    mine = judge_payers(has_own=True, other=None, mine=ME)
    assert (mine.check, mine.status) == ("idempotency_store.identities", "ok")
    assert mine.message.startswith("payments of sandbox")
    assert mine.details == {"own": True, "other": None}
    none = judge_payers(has_own=False, other=None, mine=ME)
    assert (none.check, none.status, none.message) == ("idempotency_store.identities", "ok", "no payments yet")
    assert none.details == {"own": False, "other": None}
    others = judge_payers(has_own=False, other=OTHER, mine=ME)
    assert (others.check, others.status) == ("idempotency_store.identities", "warn")
    assert others.message.startswith("no payments of sandbox")
    assert ", but of others, such as production" in others.message
    assert others.advice == "Check client id, environment and hosts, unless this client has paid nothing yet."
    assert others.details["own"] is False
    assert others.details["other"].startswith("production")
    assert LONG not in repr(others)
