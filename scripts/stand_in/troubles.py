"""Answers that say nothing of the API, in the midst of a walk: what a limit, a gateway or a proxy says instead."""

from __future__ import annotations

import json
import threading

from scripts.stand_in.plan import Plan

MINOR = ("/capabilities", "/v1/phone_number_change_requests")
"""Nothing is asked for with what these answer."""

HTML = b"<!doctype html><title>Just a moment...</title>"
Reply = tuple[int, list[tuple[str, str]], bytes]


class Troubles:
    """Gives each trouble of a plan once.

    Args:
        plan: says from which request on.
    """

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._asked = 0
        self._lock = threading.Lock()

    def instead(self, method: str, path: str, *, bearer: bool) -> Reply | None:
        """What is answered instead of passing a request on; None to pass it on."""
        with self._lock:
            self._asked += 1
            for kind, start in self._plan.troubles.items():
                if kind not in self._plan.met and self._asked >= start and _may_be(kind, method, path, bearer=bearer):
                    self._plan.met.add(kind)
                    return _reply(kind)
        return None


def _may_be(kind: str, method: str, path: str, *, bearer: bool) -> bool:
    if kind == "refused token":
        return bearer
    if kind == "web page":
        return method == "GET" and path.endswith(MINOR)
    return kind == "too many" or method == "GET"


def _reply(kind: str) -> Reply:
    later = [("Retry-After", "0")]
    if kind == "broken gateway":
        return 502, [*later, ("Content-Type", "text/html")], HTML
    if kind == "web page":
        return 200, [("Content-Type", "text/html")], HTML
    status = 429 if kind == "too many" else 401
    body = {"code": status, "name": kind, "description": kind}
    return status, [*later, ("Content-Type", "application/json")], json.dumps(body).encode()
