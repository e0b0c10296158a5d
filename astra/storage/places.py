"""How a store is named to people: by its kind and address, without its password. Pure."""

from __future__ import annotations

from typing import Final

STORE_KINDS: Final = {"sqlite": "SQLite file", "jsonl": "JSON lines file", "redis": "Redis", "sql": "database"}


def name_server(address: str) -> str:
    """The address of a server without user name, password and options, but with Redis's number of a database.

    Args:
        address: a URL, which may hold a password.
    """
    scheme, _, rest = address.partition("://")
    # A password may hold any sign, so nothing before the last @ is shown.
    bare, mark, query = rest.rpartition("@")[2].partition("?")
    number = next((part for part in query.split("&") if part.startswith("db=") and part[3:].isdecimal()), "")
    return f"{scheme}://{bare}" + (f"{mark}{number}" if number else "")
