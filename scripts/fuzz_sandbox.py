"""Drives the local sandbox with schemathesis from the OpenAPI document: examples, edge cases, fuzzing, whole sequences.

It fails on a server error, a status or content type or header that is not documented, a body that breaks its schema,
and on a call without authorization that is answered.

    python scripts/fuzz_sandbox.py --seconds 300
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from astra_api.operations import OPERATIONS

from astra.sandbox import Sandbox
from scripts.spec_document.fast_yaml import safe_load

SPEC = Path(__file__).resolve().parent.parent / "spec" / "astra.yaml"
HOOKS = Path(__file__).resolve().parent / "fuzz_hooks.py"
TIMESTAMP = r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?$"
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "ignored_auth",
    "unsupported_method",
)
# Not `use_after_free`: a deleted card is still shown, as removed, and a one-time routine outlives its deletion.
CONFIG = """
hooks = "{hooks}"

[auth.openapi.basic]
username = "{client_id}"
password = "{client_secret}"

[auth.openapi.bearer]
bearer = "{access_token}"
"""


def with_loose_timestamps(node: Any) -> Any:
    """The document with `format: date-time` widened where it says that the offset may be missing."""
    if isinstance(node, list):
        return [with_loose_timestamps(item) for item in node]
    if not isinstance(node, dict):
        return node
    kept = {name: with_loose_timestamps(item) for name, item in node.items()}
    if kept.get("format") == "date-time" and "without an offset" in str(kept.get("description")):
        del kept["format"]
        kept["pattern"] = TIMESTAMP
    return kept


def populate(sandbox: Sandbox) -> tuple[str, dict[str, list[str]]]:
    """A person who owns something of everything; gives the access token and the ids by kind."""
    seeded = sandbox.seed(users=1, transfers=40, authorized=True)[0]
    state = sandbox._backend.engine.state
    user = state.users.rows[seeded.id]
    # The client's own business user may do everything a person may, and book transfers besides.
    user.client_business = True
    sandbox.authorize(user_id=user.id, accounts=2)
    issued = state.accounts.of(user.id)[0]
    issued.client_issued = True
    cards = {
        external: [sandbox.cards.create(user.id, external=external).id for _ in range(3)] for external in (True, False)
    }
    pool = {
        "accounts": [account.id for account in state.accounts.of(user.id)],
        "issued_accounts": [issued.id],
        "cards": cards[True] + cards[False],
        "external_cards": cards[True],
        "transfers": [transfer.id for transfer in state.transfers],
        "routines": [routine.id for routine in state.routines],
        "instruments": [instrument.id for instrument in sandbox.payment_instruments.list()],
        "intents": [sandbox.user_intents.create().id for _ in range(5)],
        "users": [user.id],
    }
    return seeded.access_token or "", pool


def run(*, seconds: int, seed: int | None = None, examples: int = 50, phases: str = "") -> tuple[int, str, Sandbox]:
    """One run against a fresh sandbox; gives the exit status, what was printed, and the sandbox for a look inside."""
    with Sandbox(seed=1, keep_requests=1_000_000) as sandbox, tempfile.TemporaryDirectory() as folder:
        access_token, pool = populate(sandbox)
        config = CONFIG.format(
            hooks=HOOKS, client_id=sandbox.client_id, client_secret=sandbox.client_secret, access_token=access_token
        )
        Path(folder, "schemathesis.toml").write_text(config)
        spec = Path(folder, "astra.json")
        spec.write_text(json.dumps(with_loose_timestamps(safe_load(SPEC.read_text())), default=str))
        command = [sys.executable, "-m", "schemathesis.cli", "--config-file", "schemathesis.toml", "run", str(spec)]
        command += ["--url", sandbox.url, "--checks", ",".join(CHECKS), "--max-time", str(seconds)]
        command += ["--max-examples", str(examples), "--suppress-health-check", "all", "--warnings", "off"]
        command += ["--phases", phases] if phases else []
        command += ["--seed", str(seed)] if seed is not None else []
        environment = {**os.environ, "ASTRA_FUZZ_POOL": json.dumps(pool)}
        done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout + done.stderr, sandbox


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=300, help="how long to run")
    parser.add_argument("--examples", type=int, default=50, help="test cases per operation and phase")
    parser.add_argument("--seed", type=int, default=None, help="repeats a run")
    parser.add_argument("--phases", default="", help="some of examples,coverage,fuzzing,stateful")
    given = parser.parse_args()
    status, printed, sandbox = run(seconds=given.seconds, seed=given.seed, examples=given.examples, phases=given.phases)
    print(printed)
    called = sum(sandbox.counts.values())
    reached = {request.operation for request in sandbox.requests if (request.status or 500) < 300}
    print(f"{called} requests; {len(reached)} operations succeeded, among the latest {len(sandbox.requests)}")
    print("never:", ", ".join(sorted(OPERATIONS.keys() - reached)) or "none")
    return status


if __name__ == "__main__":
    raise SystemExit(main())
