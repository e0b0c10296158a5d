"""The bench of the workbench opens each kind of page, and knows a promise that is missed."""

from __future__ import annotations

import pytest

from scripts.bench import workbench

pytestmark = pytest.mark.long


def test_each_kind_of_page_is_timed(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["workbench", "--many", "60"])
    monkeypatch.setattr(workbench, "LIMIT", 60.0)
    assert workbench.main() == 0
    told = capsys.readouterr().out
    assert all(page in told for page in ("  /\n", "/money/balances", "/search?id=", "/transfers/", "/webhooks/events/"))


def test_a_page_over_the_limit_is_a_promise_that_is_missed(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.argv", ["workbench", "--many", "60"])
    monkeypatch.setattr(workbench, "LIMIT", 0.0)
    assert workbench.main() == 1
    assert "TOO SLOW" in capsys.readouterr().out
