"""Whether a document has what our modules are generated from."""

from __future__ import annotations

from typing import Any

from scripts.spec_document.walk import METHODS


def missing(document: Any) -> list[str]:
    """Returns what the document lacks of what our modules are made from; another author's always lacks some."""
    paths = document.get("paths") if isinstance(document, dict) else None
    if not isinstance(paths, dict):
        return ["`paths` is missing"]
    found = (
        []
        if isinstance((document.get("components") or {}).get("schemas"), dict)
        else ["`components.schemas` is missing"]
    )
    for path, item in paths.items():
        for method in METHODS:
            operation = item.get(method) if isinstance(item, dict) else None
            if operation is None:
                continue
            place = f"{method.upper()} {path}"
            if not operation.get("operationId"):
                found.append(f"{place} has no operationId, which names its module")
            if not operation.get("tags"):
                found.append(f"{place} has no tag, which names its package")
            if not operation.get("security") or not operation["security"][0]:
                found.append(f"{place} has no credential (`security`)")
    return found
