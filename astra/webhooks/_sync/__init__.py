# Derived from astra/webhooks/_async/__init__.py by scripts/unasync.py: edit that file.
"""Async source of the webhook handler; `_sync` is derived from it."""
