"""Where the page of a thing is. Pure."""

from __future__ import annotations

from typing import Final
from urllib.parse import quote

ROOT: Final = "/_sandbox/workbench"
NAVIGATION: Final = (
    (ROOT, "Now"),
    (f"{ROOT}/requests", "Requests"),
    (f"{ROOT}/users", "Users"),
    (f"{ROOT}/money", "Money"),
    (f"{ROOT}/webhooks", "Webhooks"),
    (f"{ROOT}/faults", "Faults"),
    (f"{ROOT}/scenarios", "Scenarios"),
    (f"{ROOT}/hosted", "Hosted"),
)


PAGES: Final = {
    "user": "users",
    "user intent": "intents",
    "transfer": "transfers",
    "routine": "routines",
    "request": "requests",
    "event": "webhooks/events",
}
"""Where the pages of one kind are."""


def section(name: str) -> str:
    """Returns the address of a section.

    Args:
        name: "requests", "users" and so on.
    """
    return f"{ROOT}/{name}"


def page_of(kind: str, id: str, *, anchor: str = "") -> str:
    """Returns the address of the page of one thing.

    Args:
        kind: its section: "requests", "users", "transfers" and so on.
        id: its id.
        anchor: where on the page.
    """
    return f"{section(kind)}/{quote(id, safe='')}" + (f"#{quote(anchor, safe='')}" if anchor else "")


def is_here(address: str) -> bool:
    """Whether an address is one of the workbench, so that a form may lead back to it.

    Args:
        address: a path with its query.
    """
    return (address == ROOT or address.startswith((f"{ROOT}/", f"{ROOT}?"))) and address.isprintable()
