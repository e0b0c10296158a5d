"""Which cases of a test with many parameters `make test` runs; `make test-long` runs the others.

`@pytest.mark.sampled` keeps each value of each parameter once: of three stores and four troubles, four cases and not
twelve. `@pytest.mark.sampled(2)` keeps the first two of those. The choice hangs on the names of the cases alone, so
that every worker and every run makes the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest


def chosen(cases: Sequence[Mapping[str, int]], most: int | None = None) -> list[int]:
    """Picks cases until each value of each parameter occurred, and always the one that brings the most new values.

    Args:
        cases: what tells the value of each parameter from others, for each case.
        most: cases to pick at most.

    Returns:
        Indices of what was picked.
    """
    unseen = {value for case in cases for value in case.items()}
    picked: list[int] = []
    while unseen and (most is None or len(picked) < most):
        best = max(range(len(cases)), key=lambda index: (len(unseen & cases[index].items()), -index))
        picked.append(best)
        unseen -= cases[best].items()
    return picked


def mark_the_rest_long(items: Sequence[pytest.Item]) -> None:
    """Marks the cases of sampled tests that were not picked."""
    tests: dict[tuple[object, ...], list[pytest.Function]] = {}
    for item in items:
        if item.get_closest_marker("sampled") is None:
            continue
        if not isinstance(item, pytest.Function) or not hasattr(item, "callspec"):
            raise pytest.UsageError(f"{item.nodeid}: there is nothing to sample in a test without parameters")
        tests.setdefault((item.path, item.cls, item.originalname), []).append(item)
    for cases in tests.values():
        cases.sort(key=lambda item: item.nodeid)
        mark = cases[0].get_closest_marker("sampled")
        # Cases with the same value of a parameter share the object.
        values = [{name: id(value) for name, value in item.callspec.params.items()} for item in cases]
        picked = chosen(values, *(mark.args if mark else ()))
        for index, item in enumerate(cases):
            if index not in picked:
                item.add_marker("long")
