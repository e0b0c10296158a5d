"""What a walk found out, as text or JSON: names, statuses and request ids, never values."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import attrs
from astra_api.guesses import GUESSES

from astra._json import is_array, is_object
from astra.drift.look import DIFFERENT, STATUS, Operation
from astra.drift.names import harmless, harmless_id
from astra.first_contact.judge import Outcome, Seen, Verdict, judge, merged, sights_of
from astra.first_contact.spec import Spec

OUTCOMES: Final[tuple[Outcome, ...]] = ("contradicted", "confirmed", "open")


@attrs.frozen
class Unknown:
    """Something that the spec does not know.

    Attributes:
        kind: `field`, `value`, or what `astra.drift` calls the rest.
        owner: the component or the operation that has it.
        name: its name.
        types: the JSON types that stand there.
        request_id: of an answer that has it.
    """

    kind: str
    owner: str
    name: str
    types: tuple[str, ...] = ()
    request_id: str | None = None


@attrs.frozen(kw_only=True)
class Report:
    """What a walk found out.

    Attributes:
        base: the server.
        verdicts: on all guesses.
        unknown: what the spec does not know.
        calls: how many were made.
        done: operations that were answered with a success.
        ended: why the walk was ended early; empty when it was not.
    """

    base: str
    verdicts: Sequence[Verdict]
    unknown: Sequence[Unknown]
    calls: int
    done: Sequence[str] = ()
    ended: str = ""

    def summary(self) -> str:
        """Returns the counts, in a line."""
        counts = Counter(one.outcome for one in self.verdicts)
        told = ", ".join(f"{counts[outcome]} {outcome}" for outcome in OUTCOMES)
        return f"{len(self.verdicts)} guesses: {told}; {self.calls} calls to {self.base}"

    def to_dict(self) -> dict[str, Any]:
        """Returns the report as JSON values."""
        return {"first_contact": 1, **attrs.asdict(self)}

    def to_text(self) -> str:
        """Returns it guess by guess."""
        lines: list[str] = []
        for outcome in OUTCOMES:
            found = [one for one in self.verdicts if one.outcome == outcome]
            lines += [f"{outcome.upper()} ({len(found)})", *(f"  {one.place}: {one.detail}" for one in found), ""]
        lines.append(f"NOT IN THE SPEC ({len(self.unknown)})")
        for one in self.unknown:
            types = f", {' or '.join(one.types)}" if one.types else ""
            lines.append(f"  {one.kind} {one.owner}: {one.name}{types} (request id {one.request_id or 'none'})")
        ended = [f"ended early: {self.ended}"] if self.ended else []
        return "\n".join([*lines, "", *ended, self.summary()])


def make_report(
    spec: Spec,
    seen: Sequence[Seen],
    *,
    base: str,
    told: Mapping[str, Verdict],
    left: Mapping[str, str],
    before: Report | None,
    ended: str = "",
) -> Report:
    """Returns what was found out, with what a walk before had.

    Args:
        spec: ours.
        seen: the answers.
        base: the server.
        told: what was found out by trying.
        left: by operation, why it was not called.
        before: of an earlier walk along the same server.
        ended: why the walk was ended early.
    """
    verdicts = judge(spec, GUESSES, seen, told=told, left=left)
    found = [*_unknown(spec, seen), *(before.unknown if before else ())]
    once = {(one.kind, one.owner, one.name): one for one in reversed(found)}
    if before:
        verdicts = merged({one.place: one for one in before.verdicts}, verdicts)
    calls = len(seen) + (before.calls if before else 0)
    unknown = sorted(once.values(), key=lambda one: (one.kind, one.owner, one.name))
    done = {one.operation for one in seen if one.is_success and not one.probe} | set(before.done if before else ())
    return Report(base=base, verdicts=verdicts, unknown=unknown, calls=calls, done=sorted(done), ended=ended)


def _unknown(spec: Spec, seen: Sequence[Seen]) -> Iterable[Unknown]:
    ids = {one.operation: harmless_id(one.request_id) for one in seen if one.is_success}
    for sight in sights_of(spec, seen):
        if sight.outcome in ("field", "value"):
            operation = sight.place.partition(" ")[0]
            yield Unknown(sight.outcome, sight.owner, harmless(sight.name), sight.kinds, ids.get(operation))
    looks: dict[str, Operation] = {}
    for one in seen:
        for name in looks.setdefault(one.operation, Operation(one.operation)).look(one.status, one.content):
            if name.kind in DIFFERENT and (name.kind == STATUS or not one.is_success):
                types = (name.type,) if name.type else ()
                where = f"{one.operation} {one.status}"
                yield Unknown(name.kind if name.kind != "field" else "error field", where, name.name, types,
                              harmless_id(one.request_id))  # fmt: skip


def read_report(text: str) -> Report | None:
    """Reads what `Report.to_dict` gave as JSON; None when it is something else."""
    try:
        found: Any = json.loads(text)
        if not is_object(found) or found.get("first_contact") != 1:
            return None
        rows = [found["verdicts"], found["unknown"]]
        if not all(map(is_array, rows)):
            return None
        return Report(
            base=str(found["base"]),
            verdicts=[_verdict_of(row) for row in rows[0]],
            unknown=[_unknown_of(row) for row in rows[1]],
            calls=int(found["calls"]),
            done=[str(name) for name in found["done"]],
            ended=str(found["ended"]),
        )
    except (ValueError, KeyError, TypeError):
        return None


def _verdict_of(row: Mapping[str, Any]) -> Verdict:
    outcome: Outcome = OUTCOMES[OUTCOMES.index(row["outcome"])]
    return Verdict(
        _text(row["place"]),
        outcome,
        _text(row["detail"]),
        called=None if row["called"] is None else _text(row["called"]),
        kinds=_texts(row["kinds"]),
        suspects=_texts(row["suspects"]),
    )


def _unknown_of(row: Mapping[str, Any]) -> Unknown:
    names = [_text(row[name]) for name in ("kind", "owner", "name")]
    request_id = None if row["request_id"] is None else _text(row["request_id"])
    return Unknown(names[0], names[1], names[2], _texts(row["types"]), request_id)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _texts(value: object) -> tuple[str, ...]:
    if not is_array(value):
        raise TypeError
    return tuple(map(_text, value))
