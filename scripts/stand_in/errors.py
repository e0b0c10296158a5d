"""Error bodies as a stand-in writes them. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from scripts.stand_in.plan import Errors


def reshaped(
    body: Any,
    status: int,
    *,
    style: Errors,
    called: Callable[[str], str],
    unknown: Sequence[str] = (),
    asked: object = None,
) -> tuple[Any, bool]:
    """An error body of the sandbox in another shape, and whether it is another one.

    Args:
        body: of the sandbox.
        status: its HTTP status.
        style: the shape.
        called: what the stand-in calls a field of the request.
        unknown: fields of the request that it does not know, and says so.
        asked: what it was sent; some validators give it back.
    """
    if not isinstance(body, dict) or "description" not in body:
        return body, False
    told = body["description"]
    if isinstance(told, dict):
        told = {called(name): reasons for name, reasons in told.items()}
        told |= {name: ["Unknown field."] for name in unknown}
    if style == "ours":
        return {**body, "description": told}, False
    if style == "validation":
        given = asked if isinstance(asked, dict) else {}
        told = told if isinstance(told, str) else [
            {"type": "extra_forbidden" if name in unknown else "value_error", "loc": ["body", name],
             "msg": "Extra inputs are not permitted" if name in unknown else " ".join(map(str, reasons)),
             "input": given.get(name, given)}
            for name, reasons in told.items()
        ]  # fmt: skip
        return {"detail": told}, True
    items = told.items() if isinstance(told, dict) else []
    listed = [{"field": name, "reason": " ".join(map(str, reasons))} for name, reasons in items]
    detail = told if isinstance(told, str) else "The request is not valid."
    if style == "problem":
        problem = {"type": "about:blank", "title": body.get("name"), "status": status, "detail": detail}
        return {**problem, **({"invalid_params": listed} if listed else {})}, True
    return {"errors": listed or [{"reason": detail}]}, True
