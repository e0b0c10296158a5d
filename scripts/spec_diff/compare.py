"""Compare two documents: operations, their parameters, bodies, answers and credentials, and the webhooks."""

from __future__ import annotations

import re
from typing import Any

import attrs

from scripts.spec_diff.change import Change, Changes, Where
from scripts.spec_diff.schemas import SchemaComparison
from scripts.spec_diff.shape import same, shape_of
from scripts.spec_document.load import Document
from scripts.spec_document.money import READING, is_marked, moves_money
from scripts.spec_document.walk import Operation, operations, resolve, users


def compare(old: Document, new: Document) -> list[Change]:
    """Lists the changes from one document to another, the worst first."""
    changes = Changes()
    comparison = _Comparison(old, new, changes)
    for before, after in _pairs(operations(old), operations(new)):
        if after is None and before is not None:
            deprecated = bool(before.node.get("deprecated"))
            rule = "api-removed-with-deprecation" if deprecated else "api-removed-without-deprecation"
            changes.add(rule, Where(before.id, "none", before.label), before=before.id)
        elif before is None and after is not None:
            rule = "endpoint-added" if after.method in READING else "endpoint-added-that-writes"
            change = changes.add(rule, Where(after.id, "none", after.label), after=after.id)
            change.hint = "give it a facade method in astra/resources/_async, a sandbox route, a cassette and docs"
            if after.method not in READING:
                change.hint = f"{_money_hint(after)}; {change.hint}"
        elif before is not None and after is not None:
            comparison.operation(before, after)
    comparison.webhooks()
    comparison.components()
    return changes.sorted()


def normal_path(path: str) -> str:
    """A path with its parameters' names left out: `/v1/users/{}`."""
    return re.sub(r"\{[^}]*\}", "{}", path.rstrip("/"))


def path_parameters(path: str) -> list[str]:
    """Names of a path's parameters, in order."""
    return re.findall(r"\{([^}]*)\}", path)


def _pairs(old: list[Operation], new: list[Operation]) -> list[tuple[Operation | None, Operation | None]]:
    """Pairs operations by method and path, and what is left by operationId."""
    by_route = {(operation.method, normal_path(operation.path)): operation for operation in new}
    pairs: list[tuple[Operation | None, Operation | None]] = []
    lonely: list[Operation] = []
    for before in old:
        after = by_route.pop((before.method, normal_path(before.path)), None)
        if after is None:
            lonely.append(before)
        else:
            pairs.append((before, after))
    by_id = {operation.id: operation for operation in by_route.values()}
    pairs += [(before, by_id.pop(before.id, None)) for before in lonely]
    return [*pairs, *((None, after) for after in by_id.values())]


class _Comparison:
    def __init__(self, old: Document, new: Document, changes: Changes) -> None:
        self._old, self._new, self._changes = old, new, changes
        self._schemas = SchemaComparison(old, new, changes)

    def operation(self, before: Operation, after: Operation) -> None:
        """Compares one operation with its successor."""
        where = Where(after.id, "none", before.label)
        if (before.method, normal_path(before.path)) != (after.method, normal_path(after.path)):
            self._changes.add("api-path-changed", where, before=before.label, after=after.label)
        elif path_parameters(before.path) != path_parameters(after.path):
            self._changes.add("request-path-parameter-renamed", where, before=before.path, after=after.path)
        if before.id != after.id:
            self._changes.add("api-operation-id-removed", where, before=before.id, after=after.id)
        for rule, old, new in (
            ("api-tag-changed", _tag(before), _tag(after)),
            ("api-host-changed", before.node.get("x-host", "api"), after.node.get("x-host", "api")),
            ("api-money-changed", _money(before), _money(after)),
        ):
            if old != new:
                self._changes.add(rule, where, before=old, after=new)
        if bool(before.node.get("deprecated")) != bool(after.node.get("deprecated")):
            rule = "endpoint-deprecated" if after.node.get("deprecated") else "endpoint-reactivated"
            self._changes.add(rule, where)
        self._security(before, after, where)
        self._parameters(before, after, where)
        self._request_body(before, after, where)
        self._responses(before, after, where)

    def _security(self, before: Operation, after: Operation, where: Where) -> None:
        old, new = _credentials(self._old, before), _credentials(self._new, after)
        for gone in sorted(old - new):
            self._changes.add("api-security-removed", where, before=gone)
        for come in sorted(new - old):
            self._changes.add("api-security-added", where, after=come)

    def _parameters(self, before: Operation, after: Operation, where: Where) -> None:
        request = attrs.evolve(where, direction="request")
        old, new = _by_name(before), _by_name(after)
        for key, parameter in old.items():
            place = request.at(f"{parameter['in']}.{parameter['name']}")
            twin = new.get(key)
            if twin is None:
                self._changes.add("request-parameter-removed", place)
                continue
            if bool(parameter.get("required")) != bool(twin.get("required")):
                rule = f"request-parameter-became-{'required' if twin.get('required') else 'optional'}"
                self._changes.add(rule, place)
            if bool(parameter.get("deprecated")) != bool(twin.get("deprecated")):
                rule = f"request-parameter-{'deprecated' if twin.get('deprecated') else 'reactivated'}"
                self._changes.add(rule, place)
            inside = attrs.evolve(place, kind="parameter")
            self._schemas.compare(parameter.get("schema"), twin.get("schema"), inside)
        for key, parameter in new.items():
            if key not in old:
                rule = f"new-{'required' if parameter.get('required') else 'optional'}-request-parameter"
                self._changes.add(rule, request.at(f"{parameter['in']}.{parameter['name']}"))

    def _request_body(self, before: Operation, after: Operation, where: Where) -> None:
        old = resolve(self._old, before.node.get("requestBody"))
        new = resolve(self._new, after.node.get("requestBody"))
        place = attrs.evolve(where, direction="request", kind="body")
        if old is None and new is not None:
            self._changes.add(f"request-body-added-{'required' if new.get('required') else 'optional'}", place)
        elif new is None and old is not None:
            self._changes.add("request-body-removed", place)
        elif old is not None and new is not None:
            if bool(old.get("required")) != bool(new.get("required")):
                rule = f"request-body-became-{'required' if new.get('required') else 'optional'}"
                self._changes.add(rule, place)
            self._media("request-body-media-type", old, new, place)

    def _responses(self, before: Operation, after: Operation, where: Where) -> None:
        old, new = before.node.get("responses", {}), after.node.get("responses", {})
        old = {str(status): response for status, response in old.items()}
        new = {str(status): response for status, response in new.items()}
        place = attrs.evolve(where, direction="response", kind="body")
        for status in sorted({*old, *new}):
            kind = "success" if status.startswith("2") else "non-success"
            here = attrs.evolve(place, subject=f"{where.subject} {status}", failure=kind == "non-success")
            if status not in new:
                self._changes.add(f"response-{kind}-status-removed", here, before=status)
            elif status not in old:
                self._changes.add(f"response-{kind}-status-added", here, after=status)
            else:
                shared = _shared_response(old[status], new[status])
                if shared:  # one change, however many operations answer with it
                    here = attrs.evolve(here, subject=f"answer {shared}")
                was, now = resolve(self._old, old[status]), resolve(self._new, new[status])
                self._headers(was, now, here)
                self._media("response-media-type", was, now, here)

    def _headers(self, old: dict[str, Any], new: dict[str, Any], where: Where) -> None:
        before = {name.lower(): resolve(self._old, header) for name, header in old.get("headers", {}).items()}
        after = {name.lower(): resolve(self._new, header) for name, header in new.get("headers", {}).items()}
        for name, header in before.items():
            here, twin = where.at(name), after.get(name)
            if twin is None:
                kind = "required" if header.get("required") else "optional"
                self._changes.add(f"{kind}-response-header-removed", here)
                continue
            if header.get("required") and not twin.get("required"):
                self._changes.add("response-header-became-optional", here)
            kinds = [shape_of(self._old, header.get("schema")).types, shape_of(self._new, twin.get("schema")).types]
            if kinds[0] != kinds[1]:
                was, now = (", ".join(sorted(kind)) for kind in kinds)
                self._changes.add("response-header-type-changed", here, before=was, after=now)
        for name in sorted(set(after) - set(before)):
            self._changes.add("response-header-added", where.at(name))

    def _media(self, rule: str, old: dict[str, Any], new: dict[str, Any], where: Where) -> None:
        before, after = old.get("content") or {}, new.get("content") or {}
        renamed = _renamed_json(before, after)
        for kind, other in renamed.items():
            self._changes.add(f"{rule}-changed", where, before=kind, after=other)
            self._schemas.compare(before[kind].get("schema"), after[other].get("schema"), where)
        for kind in sorted({*before, *after} - {*renamed, *renamed.values()}):
            if kind not in after:
                self._changes.add(f"{rule}-removed", where, before=kind, unsaid=not after)
            elif kind not in before:
                self._changes.add(f"{rule}-added", where, after=kind)
            else:
                self._schemas.compare(before[kind].get("schema"), after[kind].get("schema"), where)

    def webhooks(self) -> None:
        """Compares the events that Astra sends: for us they are answers."""
        old, new = self._old.get("webhooks") or {}, self._new.get("webhooks") or {}
        for name in sorted({*old, *new}):
            where = Where(f"webhook {name}", "response", f"webhook {name}", kind="body")
            if name not in new:
                self._changes.add("webhook-removed", where, before=name)
            elif name not in old:
                self._changes.add("webhook-added", where, after=name)
            else:
                for method in sorted(set(old[name]) & set(new[name])):
                    before, after = old[name][method], new[name][method]
                    if isinstance(before, dict) and isinstance(after, dict):
                        self._media(
                            "response-media-type",
                            resolve(self._old, before.get("requestBody", {})),
                            resolve(self._new, after.get("requestBody", {})),
                            where,
                        )

    def components(self) -> None:
        """Compares what operations share by name: kinds of credentials, and schemas, which become classes."""
        old, new = self._old.get("components") or {}, self._new.get("components") or {}
        for name, scheme in old.get("securitySchemes", {}).items():
            twin = new.get("securitySchemes", {}).get(name)
            was, now = _scheme(scheme), _scheme(twin)
            if twin is not None and was != now:
                where = Where("", "none", f"credential {name}")
                self._changes.add("api-security-component-type-changed", where, before=was, after=now)
        before, after = old.get("schemas", {}), new.get("schemas", {})
        added = [name for name in after if name not in before]
        used = users(self._old, "schemas")
        for name in before:
            if name in after:
                continue
            change = self._changes.add("api-schema-removed", Where("", "none", name, component=name))
            change.operations.extend(dict.fromkeys(operation.id for side in used[name] for operation in side))
            twins = [other for other in added if same(self._old, before[name], self._new, after[other])]
            change.hint = f"perhaps renamed to `{twins[0]}`" if len(twins) == 1 else ""


def _shared_response(old: Any, new: Any) -> str | None:
    """The name of the response component that both sides refer to."""
    name = str(old.get("$ref", "")).rpartition("#/components/responses/")[2]
    return name if name and old.get("$ref") == new.get("$ref") else None


def _renamed_json(before: dict[str, Any], after: dict[str, Any]) -> dict[str, str]:
    """JSON content types that went, with those that came in their place: `application/problem+json` is JSON, too."""
    gone = sorted(kind for kind in before if kind not in after and _is_json(kind))
    come = sorted(kind for kind in after if kind not in before and _is_json(kind))
    return dict(zip(gone, come, strict=False))


def _is_json(kind: str) -> bool:
    name = kind.partition(";")[0].strip().lower()
    return name == "application/json" or (name.startswith("application/") and name.endswith("+json"))


def _money(operation: Operation) -> str:
    return str(moves_money(operation)).lower() if is_marked(operation) else "not marked, counts as true"


def _money_hint(operation: Operation) -> str:
    if not is_marked(operation):
        return "x-money is missing, so it counts as money: write true or false"
    return f"x-money is {_money(operation)}: check it"


def _tag(operation: Operation) -> str | None:
    return next(iter(operation.node.get("tags", [])), None)


def _scheme(scheme: Any) -> str:
    return " ".join(str(scheme[key]) for key in ("type", "scheme", "in", "name") if key in scheme) if scheme else ""


def _credentials(document: Document, operation: Operation) -> set[str]:
    """The alternatives of an operation's security, each as a text."""
    requirements = operation.node.get("security", document.get("security")) or []
    return {" + ".join(sorted(requirement)) or "none" for requirement in requirements}


def _by_name(operation: Operation) -> dict[tuple[str, str], dict[str, Any]]:
    """Parameters by place and name; those of the path by their position, since their names do not travel."""
    order = path_parameters(operation.path)
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for parameter in operation.parameters:
        name = parameter["name"]
        if parameter["in"] == "path" and name in order:
            name = str(order.index(name))
        found[parameter["in"], name.lower() if parameter["in"] == "header" else name] = parameter
    return found
