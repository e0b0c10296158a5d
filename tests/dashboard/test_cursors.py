"""Places in a list, as they stand in the address bar."""

from __future__ import annotations

import pytest

from astra.dashboard.cursors import Cursor, following, read_cursor


@pytest.mark.parametrize("value", [0, 5, -3, 1764244800123456, 1764244800.123457, 1.5e300, -0.25])
def test_a_cursor_reads_back(value: float) -> None:
    cursor = Cursor(value, 7)
    read = read_cursor(str(cursor))
    assert read == cursor


@pytest.mark.parametrize(
    "text", ["", "~", "1", "1~", "~1", "a~1", "1~-1", "nan~1", "inf~1", "1~1~1", "1~99999999", "1 ~1"]
)
def test_what_is_none_is_told(text: str) -> None:
    assert read_cursor(text) is None


def test_the_next_page_skips_the_rows_with_the_last_number_that_were_shown() -> None:
    first = following([1, 2, 2], after=None)
    assert first == Cursor(2, 2)
    assert following([2, 2, 2], after=first) == Cursor(2, 5)
    assert following([2, 3, 3], after=first) == Cursor(3, 2)
    assert following([], after=first) is None
