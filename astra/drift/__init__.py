"""What Astra answers beside what the spec says: names alone, never values.

`open_drift_store` opens the file in which they are kept. Names are loaded when they are first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from astra.drift.store import DriftName as DriftName
    from astra.drift.store import DriftStore as DriftStore
    from astra.drift.store import open_drift_store as open_drift_store

_HOMES = {
    "DriftName": "astra.drift.store",
    "DriftStore": "astra.drift.store",
    "open_drift_store": "astra.drift.store",
}

__all__ = ["DriftName", "DriftStore", "open_drift_store"]


def __getattr__(name: str) -> object:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'astra.drift' has no attribute {name!r}")
    return getattr(import_module(home), name)
