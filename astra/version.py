"""The version of the SDK, and how it names itself to servers."""

from __future__ import annotations

from typing import Final

__version__: Final = "0.2.0.dev0"
USER_AGENT: Final = f"astra-finance-python/{__version__}"
