"""The SDK where POSIX is not, simulated: no Windows is at hand.

What `tests/package/windows.py` takes away is away: descriptors' flags, forks, signals, modules, owners of files.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path, PureWindowsPath

import pytest

from astra.request_log.opening import REQUESTS
from astra.storage.url import read_url

SIMULATION = Path(__file__).with_name("windows.py")
ROOT = SIMULATION.parents[2]

PAY = """
from pathlib import Path
from astra import Astra
from astra.request_log import open_request_log
from astra.sandbox import Sandbox
from astra.webhooks import open_dedupe

for log in ("sqlite:///requests.db", "jsonl:///requests.jsonl"):
    with Sandbox(state=Path("state.db")) as sandbox:
        try:
            Sandbox(state=Path("state.db")).start()
        except Exception as error:
            print(type(error).__name__, "in use" in str(error))
        with Astra(
            sandbox.client_id, sandbox.client_secret, base_url=sandbox.url, redirect_uri=sandbox.redirect_uri,
            token_store="sqlite:///tokens.db", request_log=log, idempotency_store="sqlite:///payments.db",
        ) as astra:
            user = astra.oauth.exchange(sandbox.authorize(user_id=sandbox.users.create(accounts=2).id), key=log)
            source, destination = user.accounts.list(limit=2).to_list()
            routine = user.routines.create(
                type="one-time", name="Top-up", payment_type="ach", amount="1.00", source_id=source.id,
                destination_id=destination.id, idempotency_key=log,
            )
    kept = open_request_log(log)
    print(sorted({record.operation for record in kept.query(limit=None)}), len(kept.query(resource_id=routine.id)))
    kept.close()
with open_dedupe("sqlite:///webhooks.db") as store:
    print(store.claim("evt", lease=300, now=1e9).state)
"""
LOOK = """
import os
from astra.cli.main import run

host = "http://127.0.0.1:1"
os.environ.update(
    ASTRA_CLIENT_ID="sandbox-client", ASTRA_CLIENT_SECRET="sandbox-secret", ASTRA_BASE_URL=host, ASTRA_APP_URL=host,
    ASTRA_REDIRECT_URI="http://localhost/callback", ASTRA_TOKEN_STORE="sqlite:///tokens.db",
    ASTRA_REQUEST_LOG="sqlite:///requests.db", ASTRA_IDEMPOTENCY_STORE="sqlite:///payments.db",
)
for command in ("tokens list", "requests list", "payments list", "doctor --offline", "tokens keep-alive"):
    try:
        run(command.split())
    except SystemExit as end:
        print("exit", end.code or 0)
"""
CALLS = "['create_routine', 'exchange_token', 'get_user', 'list_accounts'] 1"


def run(program: str, folder: Path) -> str:
    code = f"from pathlib import Path\nexec(Path({str(SIMULATION)!r}).read_text())\n{program}"
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'generated'}"},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


def test_stores_logs_the_sandbox_and_the_command_line_work_where_posix_is_not(tmp_path: Path) -> None:
    refused = "ConfigurationError True"
    assert run(PAY, tmp_path).splitlines()[:5] == [refused, CALLS, refused, CALLS, "claimed"]
    shown = run(LOOK, tmp_path)
    assert re.findall("exit .*", shown) == ["exit 0"] * 5
    assert "create_routine" in shown
    assert "jsonl:///requests.jsonl" in shown
    assert "Traceback" not in shown
    assert "check itself" not in shown


@pytest.mark.parametrize(
    ("url", "drive"),
    [("sqlite:///C:/data/requests.db", "C:"), (r"sqlite:///C:\data\requests.db", "C:"), ("sqlite:///data.db", "")],
)
def test_a_url_may_name_a_drive(url: str, drive: str) -> None:
    path = PureWindowsPath(read_url(url, family=REQUESTS).path)
    assert (path.drive, path.is_absolute()) == (drive, bool(drive))
