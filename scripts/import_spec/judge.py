"""Judge every guess of our spec by somebody else's document: confirmed, contradicted or still open."""

from __future__ import annotations

from typing import Any, Literal

import attrs

from scripts.import_spec.fields import (
    Pairing,
    fields,
    have_same_words,
    kinds,
    mean_the_same,
    name_likeness,
    pair,
    values,
)
from scripts.spec_diff.compare import normal_path
from scripts.spec_diff.shape import component_of
from scripts.spec_document.guesses import Guess, find_guesses
from scripts.spec_document.load import Document
from scripts.spec_document.walk import Operation, operations, resolve

Outcome = Literal["confirmed", "contradicted", "open"]


@attrs.frozen
class Sighting:
    """What one place of the imported document says about a guess."""

    outcome: Outcome
    detail: str
    called: str | None = None  # their name, where it is another one
    mistyped: bool = False


@attrs.frozen
class Verdict:
    """What the imported document says about one guess, over all places."""

    guess: Guess
    outcome: Outcome
    detail: str
    sightings: tuple[Sighting, ...] = ()


@attrs.frozen
class Body:
    """One body of an operation on both sides."""

    operation: str
    side: str  # request | response
    schema: Any
    pairing: Pairing | None  # None: they show no body


def match_operations(ours: Document, theirs: Document) -> dict[str, Operation]:
    """Finds their operation for each of ours: by method and path, or by the slug of Astra's reference."""
    found: dict[str, Operation] = {}
    by_route = {(operation.method, normal_path(operation.path)): operation for operation in operations(theirs)}
    by_slug = {slug_of(operation): operation for operation in by_route.values()}
    by_slug |= {operation.node.get("x-astra-slug", operation.id): operation for operation in by_route.values()}
    for operation in operations(ours):
        route = (operation.method, normal_path(operation.path))
        twin = (
            by_route.get(route)
            or by_slug.get(operation.node.get("x-astra-slug", ""))
            or by_slug.get(slug_of(operation))
        )
        if twin is not None:
            found[operation.id] = twin
    return found


def slug_of(operation: Operation) -> str:
    """What an operation's page in Astra's reference would be called, the names of path parameters aside."""
    return f"{operation.method}_{normal_path(operation.path).strip('/').replace('_', '-').replace('/', '-')}"


class Judge:
    """Two documents side by side: whose operations and fields are which.

    Args:
        ours: our spec, with its marks.
        theirs: the imported document. It may hold a part of the operations alone.
    """

    def __init__(self, ours: Document, theirs: Document) -> None:
        self.ours, self.theirs = ours, theirs
        self.is_observed = theirs.get("x-observed") is True
        self.own = {operation.id: operation for operation in operations(ours)}
        self.twins = match_operations(ours, theirs)
        self.bodies = [body for operation in self.own.values() for body in self._bodies_of(operation)]

    def verdicts(self) -> list[Verdict]:
        """Judges all guesses, in our document's order."""
        return [self.verdict(guess) for guess in find_guesses(self.ours)]

    def verdict(self, guess: Guess) -> Verdict:
        """Judges one guess by every place where it shows."""
        judged = {
            "path": self._path,
            "parameter": self._parameter,
            "header": self._header,
            "response": self._response,
            "property": self._property,
            "value": self._value,
        }[guess.kind](guess)
        if self.is_observed:
            judged = [_as_observed(guess, seen) for seen in judged]
        for outcome in ("confirmed", "contradicted"):
            details = [seen.detail for seen in judged if seen.outcome == outcome]
            if details:
                others = (
                    [seen.detail for seen in judged if seen.outcome == "contradicted"] if outcome == "confirmed" else []
                )
                text = "; ".join(dict.fromkeys([*details[:3], *(f"but {other}" for other in others[:2])]))
                return Verdict(guess, outcome, text, tuple(judged))
        absent = ", ".join(name for name in guess.operations[:3] if name not in self.twins)
        why = next((seen.detail for seen in judged), f"the document does not have {absent or 'it'}")
        return Verdict(guess, "open", why)

    def _bodies_of(self, operation: Operation) -> list[Body]:
        twin = self.twins.get(operation.id)
        if twin is None:
            return []
        sides = [("request", *_request_schemas(self.ours, operation, self.theirs, twin))]
        sides.append(("response", *response_schemas(self.ours, operation, self.theirs, twin)))
        found = []
        for side, mine, other in sides:
            if mine is not None:
                pairing = None if other is None else pair(self.ours, mine, self.theirs, other)
                found.append(Body(operation.id, side, mine, pairing))
        return found

    def _path(self, guess: Guess) -> list[Sighting]:
        own = self.own[guess.operations[0]]
        twin = self.twins.get(own.id)
        if twin is None:
            return []
        if self.is_observed and not any(str(status).startswith("2") for status in twin.node.get("responses", {})):
            return [Sighting("open", "no success was seen yet")]
        if normal_path(twin.path) == normal_path(own.path):
            return [Sighting("confirmed", twin.path)]
        return [Sighting("contradicted", f"it is {twin.path}", called=twin.path)]

    def _parameter(self, guess: Guess) -> list[Sighting]:
        judged = []
        for name in guess.operations:
            own, twin = self.own[name], self.twins.get(name)
            if twin is None:
                continue
            mine = {parameter["name"]: parameter for parameter in own.parameters}
            others = {p["name"]: p for p in twin.parameters if p["in"] == mine[guess.name]["in"]}
            if guess.name in others:
                judged.append(Sighting("confirmed", f"{name} has it"))
                continue
            loose = {key: value for key, value in others.items() if key not in mine}
            likely = self._likely_parameter(mine, guess.name, loose)
            if likely and not self._is_sure_parameter(mine[guess.name], loose[likely]):
                judged.append(Sighting("contradicted", f"perhaps it is {likely} in {name}"))
            elif likely:
                judged.append(Sighting("contradicted", f"it is called {likely} in {name}", called=likely))
            else:
                rest = f"; theirs: {', '.join(sorted(loose))}" if loose else ""
                judged.append(Sighting("contradicted", f"{name} has no such parameter{rest}"))
        return judged

    def _is_sure_parameter(self, mine: dict[str, Any], other: dict[str, Any]) -> bool:
        told = mean_the_same(mine.get("description", ""), other.get("description", ""))
        return told or have_same_words(mine["name"], other["name"])

    def _likely_parameter(self, mine: dict[str, Any], name: str, loose: dict[str, Any]) -> str | None:
        """Their name for a parameter of ours: the most alike among those of its type."""

        def score(ours: str, theirs: str) -> float:
            own_kinds = kinds(self.ours, [mine[ours].get("schema")])
            their_kinds = kinds(self.theirs, [loose[theirs].get("schema")])
            if own_kinds and their_kinds and not own_kinds & their_kinds:
                return 0.0
            told = _shared_words(mine[ours].get("description", ""), loose[theirs].get("description", ""))
            return max(name_likeness(ours, theirs), told)

        missing = [key for key in mine if key not in loose and mine[key].get("x-guess")]
        ranked = sorted(loose, key=lambda other: -score(name, other))
        for other in ranked:
            best = max(missing, key=lambda ours: score(ours, other), default=name)
            if best == name and score(name, other) >= 0.45:
                return other
        return None

    def _header(self, guess: Guess) -> list[Sighting]:
        judged = []
        for name in guess.operations:
            twin = self.twins.get(name)
            if twin is None:
                continue
            for status, response in self.own[name].node["responses"].items():
                mine = resolve(self.ours, response).get("headers", {})
                keys = [key for key, node in mine.items() if str(node.get("$ref", "")).endswith(f"/{guess.owner}")]
                other = resolve(self.theirs, twin.node.get("responses", {}).get(status))
                if not keys or other is None:
                    continue
                theirs = {key.lower() for key in other.get("headers", {})}
                if keys[0].lower() in theirs:
                    judged.append(Sighting("confirmed", f"{name} {status} has {keys[0]}"))
                elif theirs:
                    judged.append(Sighting("contradicted", f"{name} {status} has {', '.join(sorted(theirs))} only"))
                else:
                    judged.append(Sighting("open", f"{name} {status} lists no headers"))
        return judged

    def _response(self, guess: Guess) -> list[Sighting]:
        judged = []
        for name in guess.operations:
            twin = self.twins.get(name)
            if twin is None:
                continue
            mine, other = response_schemas(self.ours, self.own[name], self.theirs, twin)
            if other is None:
                judged.append(Sighting("open", f"{name}: they show no body"))
                continue
            expected, given = set(fields(self.ours, [mine])), set(fields(self.theirs, [other]))
            if not given:
                judged.append(Sighting("open", f"{name}: they list no fields"))
            elif self._paired(name) * 2 >= min(len(expected), len(given)):
                judged.append(Sighting("confirmed", f"{name} answers with {', '.join(sorted(given)[:6])}"))
            else:
                judged.append(Sighting("contradicted", f"{name} answers with {', '.join(sorted(given)[:6])}"))
        return judged

    def _paired(self, operation: str) -> int:
        """How many fields of an answer of ours have been found in theirs, by whatever name."""
        pairings = [one.pairing for one in self.bodies if (one.operation, one.side) == (operation, "response")]
        return sum(
            called is not None and "." not in path
            for pairing in pairings
            for path, called in (pairing.theirs.items() if pairing else ())
        )

    def _property(self, guess: Guess) -> list[Sighting]:
        judged: list[Sighting] = []
        for body in self.bodies:
            for path in self._paths_of(body.schema, guess.owner, guess.name):
                judged.append(self._at(body, path, guess))
        return judged

    def _at(self, body: Body, path: str, guess: Guess) -> Sighting:
        place = f"{body.operation} {body.side}"
        if body.pairing is None:
            return Sighting("open", f"{place}: they show no body")
        parent = path.rsplit(".", 1)[0] if "." in path else ""
        if path not in body.pairing.theirs:
            return Sighting("open", f"{place}: they do not show where it would be")
        found = body.pairing.theirs[path]
        if found is None:
            left = body.pairing.left.get(parent, {})
            return Sighting(
                "contradicted", f"{place} has no such field" + (f"; theirs: {', '.join(left)}" if left else "")
            )
        name = found.rsplit(".", 1)[-1]
        if name != guess.name and path in body.pairing.unsure:
            return Sighting("contradicted", f"perhaps it is {name} in {place}")
        if name != guess.name:
            return Sighting("contradicted", f"it is called {name} in {place}", called=name)
        own_kinds = kinds(self.ours, [self._node(guess)])
        their_kinds = kinds(self.theirs, body.pairing.nodes[path])
        note = ""
        if own_kinds and their_kinds and not own_kinds & their_kinds:
            note = f", as {' or '.join(sorted(their_kinds))}"
        return Sighting("confirmed", f"{place} has it{note}", mistyped=bool(note))

    def _node(self, guess: Guess) -> Any:
        schema = self.ours["components"]["schemas"][guess.owner]
        return fields(self.ours, [schema])[guess.name].nodes[0]

    def _value(self, guess: Guess) -> list[Sighting]:
        judged = []
        for body in self.bodies:
            if body.pairing is None:
                continue
            for path, nodes in body.pairing.nodes.items():
                if self.component_at(body.schema, path) != guess.owner:
                    continue
                listed = values(self.theirs, nodes)
                place = f"{body.operation} {body.side}"
                if guess.name in listed:
                    judged.append(Sighting("confirmed", f"{place} lists it"))
                elif listed:
                    judged.append(Sighting("contradicted", f"{place} lists {', '.join(sorted(map(str, listed)))}"))
                else:
                    judged.append(Sighting("open", f"{place} lists no values"))
        return judged

    def component_at(self, schema: Any, path: str) -> str | None:
        """The component of ours that stands at a path of a body."""
        return component_of(next(iter(self.nodes_at(schema, path)), None))

    def nodes_at(self, schema: Any, path: str) -> list[Any]:
        """Our schemas at a path of a body."""
        nodes = [schema]
        for step in path.replace("[]", ".[]").split("."):
            if step == "[]":
                nodes = [resolve(self.ours, node).get("items", {}) for node in nodes]
            elif step:
                field = fields(self.ours, nodes).get(step)
                nodes = field.nodes if field else []
        return nodes

    def _paths_of(self, schema: Any, owner: str, name: str, prefix: str = "", depth: int = 0) -> list[str]:
        """Where in a body a property of a component of ours shows."""
        if depth > 6:
            return []
        node = resolve(self.ours, schema)
        found: list[str] = []
        if self._is_or_extends(schema, owner):
            found.append(f"{prefix}.{name}" if prefix else name)
        for key, field in fields(self.ours, [schema]).items():
            here = f"{prefix}.{key}" if prefix else key
            for child in field.nodes:
                found += self._paths_of(child, owner, name, here, depth + 1)
        if isinstance(node, dict) and "items" in node:
            found += self._paths_of(node["items"], owner, name, f"{prefix}[]", depth + 1)
        return list(dict.fromkeys(found))

    def _is_or_extends(self, schema: Any, owner: str) -> bool:
        if component_of(schema) == owner:
            return True
        node = resolve(self.ours, schema)
        return isinstance(node, dict) and any(component_of(part) == owner for part in node.get("allOf", []))


def _as_observed(guess: Guess, seen: Sighting) -> Sighting:
    """What answers did not happen to hold may exist all the same; only another name for it speaks against a guess."""
    if guess.kind == "parameter":
        return Sighting("open", "answers do not show parameters")
    if seen.outcome == "contradicted" and seen.called is None:
        return Sighting("open", f"not seen yet: {seen.detail}")
    return seen


def _request_schemas(ours: Document, mine: Operation, theirs: Document, other: Operation) -> tuple[Any, Any]:
    return _schema(resolve(ours, mine.node.get("requestBody"))), _schema(resolve(theirs, other.node.get("requestBody")))


def response_schemas(ours: Document, mine: Operation, theirs: Document, other: Operation) -> tuple[Any, Any]:
    """The bodies of success. Theirs may stand under another success status than ours."""

    def success(document: Document, operation: Operation) -> Any:
        responses = {str(status): response for status, response in operation.node.get("responses", {}).items()}
        bodies = [_schema(resolve(document, responses[key])) for key in sorted(responses) if key.startswith("2")]
        return next((body for body in bodies if body is not None), None)

    return success(ours, mine), success(theirs, other)


def _schema(body: Any) -> Any:
    for media in ((body or {}).get("content") or {}).values():
        if media.get("schema") is not None:
            return media["schema"]
    return None


def _shared_words(mine: str, other: str) -> float:
    left = {word for word in mine.lower().replace(".", " ").replace(",", " ").split() if len(word) > 3}
    right = {word for word in other.lower().replace(".", " ").replace(",", " ").split() if len(word) > 3}
    return len(left & right) / max(1, min(len(left), len(right))) * 0.9
