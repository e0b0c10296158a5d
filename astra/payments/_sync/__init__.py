# Derived from astra/payments/_async/__init__.py by scripts/unasync.py: edit that file.
"""Async source; `_sync` is derived from it."""
