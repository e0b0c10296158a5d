"""Those who are measured: bare httpx, this SDK, and peers. Each is a set of named cases."""

from __future__ import annotations

from collections.abc import Callable

from scripts.bench.speed.cases import Case
from scripts.bench.speed.ours import astra, astra_httpx2, bare_httpx
from scripts.bench.speed.peers import increase, openai, plaid, stripe

CONTENDERS: dict[str, Callable[[str], dict[str, Case]]] = {
    "httpx": bare_httpx,
    "astra": astra,
    "astra, httpx2": astra_httpx2,
    "stripe": stripe,
    "plaid": plaid,
    "openai": openai,
    "increase": increase,
}
PEERS = ("stripe", "plaid", "openai", "increase")
