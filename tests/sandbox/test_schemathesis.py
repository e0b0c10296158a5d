"""Schemathesis drives the sandbox from the OpenAPI document; `scripts/fuzz_sandbox.py` runs the same for longer."""

import importlib.util
from pathlib import Path

import pytest
from astra_api.operations import OPERATIONS

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.timeout(170)
@pytest.mark.parametrize(("examples", "seconds"), [(2, 8), pytest.param(8, 30, marks=pytest.mark.long)])
def test_no_server_error_no_undocumented_status_no_schema_violation(examples: int, seconds: int) -> None:
    spec = importlib.util.spec_from_file_location("fuzz_sandbox", ROOT / "scripts" / "fuzz_sandbox.py")
    fuzz = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(fuzz)
    status, printed, sandbox = fuzz.run(seconds=seconds, seed=20260303, examples=examples)
    assert status == 0, printed
    assert f"{len(OPERATIONS)} selected / {len(OPERATIONS)} total" in printed
    assert not [request for request in sandbox.requests if request.status == 500]
    succeeded = {request.operation for request in sandbox.requests if (request.status or 500) < 300}
    assert len(succeeded) >= 25
