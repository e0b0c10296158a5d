"""Making very many records at once."""

from __future__ import annotations

import gc
from collections.abc import Generator
from contextlib import contextmanager


@contextmanager
def making_many() -> Generator[None]:
    """Keeps the collector of garbage away: it would walk a hundred thousand live objects over and over."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()
