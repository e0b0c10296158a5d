"""A fork in the middle of a read: the child is told, the parent reads on, and what the parent has open stays open."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from scripts.bench.sandbox_process import ROOT

PROGRAM = """
import gc, os, sys
from astra import StorageError
from datetime import UTC, datetime
from astra.request_log import RequestRecord, open_request_log
from astra.request_log.query import RequestQuery

log = open_request_log(sys.argv[1])
for number in range(3000):
    log.append(RequestRecord(f"c{number}", "r", datetime.now(UTC), "get_transfer", "GET", "/v1/x", 200, 1.0))
log.flush()
rows = iter(log.select(RequestQuery(limit=5000)))
next(rows)
if os.fork() == 0:
    told = ""
    try:
        for row in rows:
            pass
    except StorageError as error:
        told = str(error)
    del rows
    gc.collect()
    assert "forked" in told, told
    assert len(log.query(limit=5000)) == 3000
    log.close()
    sys.exit()
print(os.wait()[1], 1 + sum(1 for _ in rows))
log.append(RequestRecord("last", "r", datetime.now(UTC), "get_transfer", "GET", "/v1/x", 200, 1.0))
print(len(log.query(limit=5000)))
log.close()
"""


@pytest.mark.sampled(1)
@pytest.mark.parametrize("kind", ["sqlite", "sql over sqlite", "postgresql"])
def test_a_read_goes_on_in_the_parent_and_is_refused_in_the_child(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    urls = {"sqlite": f"sqlite:///{tmp_path}/r.db", "sql over sqlite": f"sqlite+pysqlite:///{tmp_path}/r.db"}
    url = urls.get(kind) or request.getfixturevalue("postgres_url")
    command = [sys.executable, "-W", "error", "-c", PROGRAM, url]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, cwd=ROOT)
    assert (done.stdout, done.stderr) == ("0 3000\n3001\n", "")
