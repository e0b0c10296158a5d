"""The bench of payouts, small: workers are killed, answers are lost, and each row is paid once or refused."""

from __future__ import annotations

import pytest

from scripts.bench.payouts import judge, run_bench

SETTINGS = {"TIMEOUT": "2", "RESEND_AFTER": "3", "RECONCILE_EVERY": "4"}


@pytest.mark.long
@pytest.mark.timeout(400)
def test_each_row_is_paid_once_or_refused() -> None:
    result = run_bench(
        rows=200, users=5, bare=20, workers=2, kill_every=1.5, lost=0.04, unavailable=0.04, settings=SETTINGS
    )
    assert result.wrong == []
    assert result.ok
    assert (result.paid, result.refused) == (199, 1)
    assert result.states == {"made": 199, "refused": 1}
    assert result.kills > 0
    assert result.hits["lost"] > 0
    assert result.hits["503"] > 0
    assert result.rate > 0
    assert result.bare_rate > 0
    assert result.worker_mib > 0


def test_the_judge_sees_what_was_paid_twice_or_not_at_all() -> None:
    states = {"row-0": "made", "row-1": "made", "row-2": "uncertain", "row-3": "refused"}
    paid, refused, wrong = judge(5, states, {"row-0": 1, "row-1": 2, "row-2": 1})
    assert (paid, refused) == (1, 0)
    assert wrong == [
        "row-1: made, 2 routines",
        "row-2: uncertain, 1 routines",
        "row-3: refused, 0 routines",
        "row-4: None, 0 routines",
    ]
