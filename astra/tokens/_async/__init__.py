"""The token lifecycle on asyncio, from which the sync one is derived."""
