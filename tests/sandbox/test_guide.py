"""The guide's example for any language, in a shell that has curl and jq and no Python."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

from astra.sandbox import Sandbox, SandboxClock
from tests.sandbox.conftest import TUESDAY

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "guides" / "sandbox.md"


def test_the_example_for_any_language_does_what_its_comments_say() -> None:
    (program,) = re.findall(r"^```bash run\n(.*?)^```$", GUIDE.read_text("utf-8"), re.DOTALL | re.MULTILINE)
    with Sandbox(clock=SandboxClock(frozen_at=TUESDAY)) as sandbox:
        told = {"ASTRA_BASE_URL": sandbox.url, "ASTRA_SANDBOX_TOKEN": sandbox.control_url.partition("token=")[2]}
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", program],
            env={"PATH": os.environ["PATH"], "no_proxy": "*", **told},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert (done.returncode, done.stderr) == (0, "")
        active, moment, failed = done.stdout.splitlines()
        assert (active, failed) == ("active", "failed R01")
        assert moment == sandbox.now().isoformat()
    for line in (active, failed):
        assert f"# {line}\n" in program
