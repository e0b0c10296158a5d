"""Waiting, in the two flavours that derived code needs under one name."""

from __future__ import annotations

import asyncio
import time


async def async_sleep(seconds: float) -> None:
    """Lets other tasks run for `seconds`."""
    await asyncio.sleep(seconds)


def sleep(seconds: float) -> None:
    """Blocks this thread for `seconds`."""
    time.sleep(seconds)
