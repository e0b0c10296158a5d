# Derived from astra/webhooks/_async/__init__.py by scripts/unasync.py. Edit that file, not this one.
"""Async source of the webhook handler; `_sync` is derived from it."""
