"""Finds the operation of a method and path, the way Flask would."""

from __future__ import annotations

from collections.abc import Iterable

from astra_api.operations import Operation

from astra.sandbox.engine.problems import generic

Match = tuple[Operation, dict[str, str]]


class Router:
    """Looks up whole paths first, then `/v1/<resource>/{id}` and `/v1/<resource>/{id}/<part>`."""

    def __init__(self, operations: Iterable[Operation]) -> None:
        self.whole: dict[str, dict[str, Operation]] = {}
        self.with_id: dict[tuple[str, str], dict[str, tuple[Operation, str]]] = {}
        for operation in operations:
            if "{" not in operation.path:
                self.whole.setdefault(operation.path, {})[operation.method] = operation
                continue
            _, _, resource, name, *part = operation.path.split("/")
            key = (resource, part[0] if part else "")
            self.with_id.setdefault(key, {})[operation.method] = (operation, name.strip("{}"))

    def find(self, method: str, path: str) -> Match:
        """Returns the operation and the values of the path.

        Raises:
            Problem: 404 when nothing is at the path, 405 when the method does not fit.
        """
        wanted = "GET" if method == "HEAD" else method
        whole = self.whole.get(path)
        if whole is not None and wanted in whole:
            return whole[wanted], {}
        parts = path.split("/")
        found: dict[str, tuple[Operation, str]] = {}
        if 4 <= len(parts) <= 5 and parts[3]:
            found = self.with_id.get((parts[2], parts[4] if len(parts) == 5 else ""), {})
            if len(parts) == 5 and not parts[4]:
                found = {}
        if wanted in found:
            operation, name = found[wanted]
            return operation, {name: parts[3]}
        allowed = sorted({*(whole or ()), *found})
        if not allowed:
            raise generic(404)
        raise generic(405, headers={"Allow": ", ".join(allowed)})
