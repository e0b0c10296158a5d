"""However much there is, no page shows all of it. How long pages take, `make bench-workbench` tells."""

from __future__ import annotations

from tests.workbench.bench import ROOT
from tests.workbench.many import pages_of, with_many

MANY = 20_000
A_PAGE = 150_000
"""Bytes; a hundredth of what all rows of the smallest list would take."""


def test_no_page_shows_all_there_is() -> None:
    with with_many(MANY) as (bench, ids):
        assert len(bench.sandbox.requests) == MANY
        assert len(bench.sandbox._backend.engine.state.transfers) > MANY
        sizes: dict[str, int] = {}
        for path in pages_of(ids):
            answer = bench.http.get(ROOT + path, follow_redirects=True)
            assert answer.status_code in (200, 404), path
            sizes[path] = len(answer.content)
        assert {path: size for path, size in sizes.items() if size >= A_PAGE} == {}
