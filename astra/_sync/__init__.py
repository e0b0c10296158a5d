# Derived from astra/_async/__init__.py by scripts/unasync.py. Edit that file, not this one.
"""Async source; `_sync` is derived from it."""
