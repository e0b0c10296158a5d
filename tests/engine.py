"""The library that the clients under test send with: `from tests.engine import httpx`.

`ASTRA_HTTP=httpx pytest tests/http` runs the tests with the other one.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from astra.config import http_library

httpx: Any = import_module(http_library())
