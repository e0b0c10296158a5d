# Derived from astra/tokens/_async/__init__.py by scripts/unasync.py: edit that file.
"""The token lifecycle on asyncio, from which the sync one is derived."""
