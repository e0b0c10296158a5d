"""A keep-alive that is killed loses no grant; it waits for the leases of the killed one, hence the half minute."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts.bench.keep_alive import run_bench


@pytest.mark.long
def test_a_killed_keep_alive_is_continued_and_does_no_saved_grant_twice(tmp_path: Path) -> None:
    """The bench with small numbers; in full: `python scripts/bench/keep_alive.py`."""
    result = run_bench(f"sqlite:///{tmp_path}/tokens.db", grants=2000, bare=500)
    assert result.left_over == 0
    assert result.saved_right == 2000
    assert result.refreshed_once + result.refreshed_twice == 2000
    # Those whose new tokens were not saved yet at the kill: at most a batch, and what was under way.
    assert result.refreshed_twice <= 64 + 16
    assert result.peak_mib < 200
