"""Which operations move money: those marked so, and those that write and do not say."""

from __future__ import annotations

from scripts.spec_document.load import Document
from scripts.spec_document.walk import Operation, operations

READING = ("get", "head", "options", "trace")


def is_marked(operation: Operation) -> bool:
    """Whether `x-money` says true or false, or has no need to: what only reads moves nothing."""
    mark = operation.node.get("x-money")
    return isinstance(mark, bool) or (mark is None and operation.method in READING)


def moves_money(operation: Operation) -> bool:
    """Whether a lost answer of this operation has to be treated as that of a payment. Without a mark a write is one."""
    mark = operation.node.get("x-money")
    return mark if isinstance(mark, bool) else operation.method not in READING


def without_mark(document: Document) -> list[str]:
    """The operations that have to be marked and are not, as in `POST /v1/routines (create_routine)`."""
    return [f"{operation.label} ({operation.id})" for operation in operations(document) if not is_marked(operation)]
