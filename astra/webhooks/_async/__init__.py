"""Async source of the webhook handler; `_sync` is derived from it."""
