"""What a walk found out, as text or JSON: names, statuses and request ids, never values."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Final

import attrs
from astra_api.guesses import GUESSES

from astra._json import is_array, is_object
from astra._printable import printable
from astra._spec import Spec
from astra.drift.look import DIFFERENT, ERROR, FIELD, STATUS, VALUE, Operation
from astra.drift.names import MANY_KEYS, MOST_KEYS, NOT_SHOWN, harmless, harmless_id
from astra.first_contact.alike import kind_of
from astra.first_contact.judge import Outcome, Seen, Verdict, is_sound, judge, merged, sights_of

OUTCOMES: Final[tuple[Outcome, ...]] = ("contradicted", "confirmed", "open")
ERROR_FIELD: Final = "error field"
KINDS: Final = (*DIFFERENT, ERROR_FIELD)
TYPES: Final = ("array", "boolean", "null", "number", "object", "string")
LONGEST_TOLD: Final = 500
_BASE: Final = re.compile(r"https?://[!-~]{1,300}")
_PLACE: Final = re.compile(r"[A-Za-z0-9_./{}=-]{1,300}")
_CALLED: Final = re.compile(r"[A-Za-z0-9_.-]{1,64}|(?:/[A-Za-z0-9_{}-]+){1,20}")
_OWNER: Final = re.compile(r"[A-Za-z0-9_]{0,100}(?: [1-9][0-9]{2})?")
_IN_WORDS: Final = (NOT_SHOWN, MANY_KEYS, "{}", "empty", "not JSON", *(f"JSON {kind}" for kind in TYPES))
"""What stands for a name, or for the shape of an error, where there is none to be told."""


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
    good = {one.operation for one in seen if one.is_success and not one.probe and is_sound(spec, one)}
    if before:
        looked = {one.place for one in GUESSES if not good.isdisjoint(one.operations)}
        verdicts = merged({one.place: one for one in before.verdicts}, verdicts, looked=looked)
    calls = len(seen) + (before.calls if before else 0)
    unknown = sorted(once.values(), key=lambda one: (one.kind, one.owner, one.name))
    done = good | set(before.done if before else ())
    return Report(base=base, verdicts=verdicts, unknown=unknown, calls=calls, done=sorted(done), ended=ended)


def _unknown(spec: Spec, seen: Sequence[Seen]) -> Iterable[Unknown]:
    ids = {one.operation: harmless_id(one.request_id) for one in seen if one.is_success}
    sound = [one for one in seen if is_sound(spec, one)]
    for one in seen:
        if one not in sound:
            yield Unknown(ERROR, f"{one.operation} {one.status}", _shape(one), request_id=harmless_id(one.request_id))
    for sight in sights_of(spec, sound):
        if sight.outcome in (FIELD, VALUE):
            operation = sight.place.partition(" ")[0]
            yield Unknown(sight.outcome, sight.owner, harmless(sight.name), sight.kinds, ids.get(operation))
    looks: dict[str, Operation] = {}
    for one in seen:
        for name in looks.setdefault(one.operation, Operation(one.operation)).look(one.status, one.content):
            if name.kind in DIFFERENT and (name.kind == STATUS or not one.is_success):
                types = (name.type,) if name.type else ()
                where = f"{one.operation} {one.status}"
                yield Unknown(name.kind if name.kind != FIELD else ERROR_FIELD, where, name.name, types,
                              harmless_id(one.request_id))  # fmt: skip


def _shape(seen: Seen) -> str:
    """Says in names what came instead of what was asked for."""
    if seen.body is None and seen.content.strip() != b"null":
        return "not JSON" if seen.content.strip() else "empty"
    names = sorted({harmless(name) for name in seen.body}) if is_object(seen.body) else []
    return (MANY_KEYS if len(names) > MOST_KEYS else ", ".join(names)) or f"JSON {kind_of(seen.body)}"


class BadReportError(Exception):
    """A text says that it is a report, and is none that a walk writes; the text says where."""


def read_report(text: str) -> Report | None:
    """Reads what `Report.to_dict` gave as JSON; None when it is something else."""
    try:
        return checked_report(text)
    except BadReportError:
        return None


def checked_report(text: str) -> Report | None:
    """Reads a report as something that anybody may have written.

    Args:
        text: what stands in the file.

    Returns:
        The report, or None when the text does not even say that it is one.

    Raises:
        BadReportError: it says so, and holds what no walk writes: another form, or a name that is none.
    """
    try:
        found: Any = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not is_object(found) or found.get("first_contact") != 1:
        return None
    return Report(
        base=_matching(found, "base", _BASE),
        verdicts=[_verdict_of(row, f"verdicts[{number}]") for number, row in enumerate(_rows(found, "verdicts"))],
        unknown=[_unknown_of(row, f"unknown[{number}]") for number, row in enumerate(_rows(found, "unknown"))],
        calls=_count(found, "calls"),
        done=_names(found, "done"),
        ended=_told(found, "ended"),
    )


def _verdict_of(row: object, place: str) -> Verdict:
    if not is_object(row) or row.get("outcome") not in OUTCOMES:
        raise BadReportError(f"{place} has no outcome of {', '.join(OUTCOMES)}")
    called = None if row.get("called") is None else _matching(row, "called", _CALLED, place)
    if called is not None and not called.startswith("/") and harmless(called) != called:
        raise BadReportError(f"{place}.called is no name")
    return Verdict(
        _matching(row, "place", _PLACE, place),
        OUTCOMES[OUTCOMES.index(row["outcome"])],
        _told(row, "detail", place),
        called=called,
        kinds=_names(row, "kinds", place, among=TYPES),
        suspects=_names(row, "suspects", place),
    )


def _unknown_of(row: object, place: str) -> Unknown:
    if not is_object(row) or row.get("kind") not in KINDS:
        raise BadReportError(f"{place} is of no kind of {', '.join(KINDS)}")
    name = row.get("name")
    # The shape of an error is told as a list of names, or in words.
    parts = name.split(", ") if isinstance(name, str) and row["kind"] == ERROR else [name]
    for part in parts:
        if part not in _IN_WORDS and harmless(part) != part and not _is_status(part):
            raise BadReportError(f"{place}.name is no name")
    request_id = row.get("request_id")
    if request_id is not None and (not isinstance(request_id, str) or harmless_id(request_id) is None):
        raise BadReportError(f"{place}.request_id is none")
    owner = _matching(row, "owner", _OWNER, place)
    return Unknown(row["kind"], owner, str(name), _names(row, "types", place, among=TYPES), request_id)


def _is_status(name: object) -> bool:
    return isinstance(name, str) and re.fullmatch(r"[1-9][0-9]{2}", name) is not None


def _rows(found: Mapping[str, Any], name: str) -> Sequence[object]:
    rows = found.get(name)
    if not is_array(rows):
        raise BadReportError(f"{name} is no list")
    return rows


def _count(found: Mapping[str, Any], name: str) -> int:
    value = found.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 10**9:
        raise BadReportError(f"{name} is no count")
    return value


def _matching(found: Mapping[str, Any], name: str, pattern: re.Pattern[str], place: str = "") -> str:
    value = found.get(name)
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise BadReportError(f"{place}{'.' if place else ''}{name} is not what a walk writes there")
    return value


def _told(found: Mapping[str, Any], name: str, place: str = "") -> str:
    """Returns a sentence without what a terminal would obey."""
    value = found.get(name)
    if not isinstance(value, str):
        raise BadReportError(f"{place}{'.' if place else ''}{name} is no text")
    return printable(value[:LONGEST_TOLD])


def _names(found: Mapping[str, Any], name: str, place: str = "", *, among: Collection[str] = ()) -> tuple[str, ...]:
    values = found.get(name)
    here = f"{place}{'.' if place else ''}{name}"
    if not is_array(values):
        raise BadReportError(f"{here} is no list")
    for value in values:
        if value not in among if among else value != NOT_SHOWN and (harmless(value) != value):
            raise BadReportError(f"{here} holds what is no name")
    return tuple(map(str, values))
