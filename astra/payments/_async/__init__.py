"""Async source; `_sync` is derived from it."""
