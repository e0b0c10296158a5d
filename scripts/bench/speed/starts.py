"""What a process pays before its first call: CPU time of an import, and of an import with a client."""

from __future__ import annotations

import resource
import subprocess
from pathlib import Path

from scripts.bench.speed.environments import variables

BARE = "pass"
PROGRAMS = {
    "httpx": ("import httpx", "import httpx; httpx.Client()"),
    "astra": ("import astra", "from astra import Astra; Astra('id', 'secret')"),
    "stripe": ("import stripe", "import stripe; stripe.StripeClient('sk_test_x')"),
    "plaid": (
        "import plaid.api.plaid_api",
        "from plaid.api import plaid_api; import plaid; plaid_api.PlaidApi(plaid.ApiClient(plaid.Configuration()))",
    ),
    "openai": ("import openai", "import openai; openai.OpenAI(api_key='x')"),
    "increase": ("import increase", "import increase; increase.Increase(api_key='x')"),
}


def cost(python: Path, program: str) -> float:
    """CPU milliseconds of a fresh interpreter that runs a program."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([str(python), "-W", "ignore", "-c", program], check=True, env=variables())
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) * 1e3
