"""What a walk has seen, and what that settles of each guess. Pure."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Final, Literal

import attrs
from astra_api.guesses import Guess

from astra._json import is_array, is_object
from astra._spec import Spec
from astra.drift.names import harmless
from astra.first_contact.alike import ALIKE, are_same, likeness
from astra.first_contact.pairing import Sight, look, match
from astra.first_contact.refusals import COMMON, LISTING, complaints_of

Outcome = Literal["confirmed", "contradicted", "open"]
MOST_NAMED: Final = 6
DEEPEST: Final = 64
ERRORS: Final = ("error", "errors")
"""Fields that hold something in an error alone."""


@attrs.frozen(kw_only=True)
class Seen:
    """One answer.

    Attributes:
        operation: of the spec.
        status: of the answer.
        body: decoded, if it is JSON.
        content: of the answer, as it came.
        sent: what was sent as JSON, and meant.
        probe: fields that were sent with something that no server takes for them, to be complained of.
        facts: what is known to stand in the answer under names of the spec, beside what was sent.
        request_id: of the answer.
        header_names: of the answer, in lower case.
    """

    operation: str
    status: int
    body: object = attrs.field(default=None, repr=False)
    content: bytes = attrs.field(default=b"", repr=False)
    sent: object = attrs.field(default=None, repr=False)
    probe: tuple[str, ...] = ()
    facts: Mapping[str, Collection[object]] = attrs.field(factory=dict[str, Collection[object]], repr=False)
    request_id: str | None = None
    header_names: frozenset[str] = frozenset()

    @property
    def is_success(self) -> bool:
        """Whether its body is what was asked for."""
        return 200 <= self.status < 300


@attrs.frozen
class Verdict:
    """What is known of a guess.

    Attributes:
        place: of the guess.
        outcome: `confirmed`, `contradicted` or `open`.
        detail: what was seen, or why nothing was. Names alone.
        called: what it is really called, if that was made out.
        kinds: the JSON types that stand there, where the spec says others.
        suspects: unknown names that may be it.
    """

    place: str
    outcome: Outcome
    detail: str
    called: str | None = None
    kinds: tuple[str, ...] = ()
    suspects: tuple[str, ...] = ()


def judge(
    spec: Spec,
    guesses: Iterable[Guess],
    seen: Sequence[Seen],
    *,
    told: Mapping[str, Verdict] = {},
    left: Mapping[str, str] = {},
) -> list[Verdict]:
    """Judges guesses.

    Args:
        spec: our spec.
        guesses: to judge.
        seen: the answers.
        told: verdicts on paths and on parameters of lists, which are found out by trying.
        left: by operation, why it was not called.
    """
    sound = [one for one in seen if is_sound(spec, one)]
    odd = {one.operation: f"it answered {one.status} with a body of another form"
           for one in seen if one not in sound}  # fmt: skip
    sights = list(sights_of(spec, sound))
    return [told.get(guess.place) or _verdict(spec, guess, sound, sights, {**odd, **left}) for guess in guesses]


def is_sound(spec: Spec, seen: Seen) -> bool:
    """Tells whether an answer is what its status says: a success that has none of the fields that were asked for, or an
    error beside them, is none."""
    schema = spec.answer(seen.operation) if seen.is_success and not seen.probe else None
    body = seen.body[0] if is_array(seen.body) and len(seen.body) == 1 else seen.body
    fields = {} if schema is None else spec.fields(schema)
    if not fields or is_array(body):
        return True
    if not is_object(body):
        return False
    if any(body.get(name) and name not in fields for name in ERRORS):
        return False
    loose = {name: [value] for name, value in body.items() if name not in fields}
    absent = {name: field for name, field in fields.items() if name not in body}
    facts = _facts([seen])
    known = {value for values in facts.values() for value in values if isinstance(value, str)}
    if not body or fields.keys() & body or any(value in known for value in body.values() if isinstance(value, str)):
        return True
    alike = any(likeness(name, other) >= ALIKE for name in absent for other in loose)
    rows = any(is_array(value) and value and all(map(is_object, value)) and name.lower() not in COMMON | LISTING
               for name, value in body.items())  # fmt: skip
    listed = rows and any("array" in spec.kinds(field.schema) for field in absent.values())
    return alike or listed or bool(match(spec, absent, loose, facts=facts))


def sights_of(spec: Spec, seen: Sequence[Seen]) -> Iterable[Sight]:
    """Returns what the answers show of the spec's fields."""
    groups: dict[str, list[Seen]] = {}
    for one in seen:
        if one.is_success and not one.probe:
            groups.setdefault(one.operation, []).append(one)
    for operation, answers in groups.items():
        schema = spec.answer(operation)
        if schema is not None:
            bodies = [one.body for one in answers]
            yield from look(spec, schema, bodies, place=f"{operation} response", facts=_facts(answers))


def _facts(answers: Iterable[Seen]) -> dict[str, list[object]]:
    found: dict[str, list[object]] = {}
    for one in answers:
        for name, values in (*one.facts.items(), *_leaves(one.sent)):
            found.setdefault(name, []).extend(values)
    return found


def _leaves(sent: object) -> list[tuple[str, list[object]]]:
    """Returns what was sent, by name, at any depth."""
    found: list[tuple[str, list[object]]] = []
    if is_object(sent):
        for name, value in sent.items():
            found += [(name, [value]), *_leaves(value)]
    elif is_array(sent):
        found += [leaf for item in sent for leaf in _leaves(item)]
    return found


def _verdict(
    spec: Spec, guess: Guess, seen: Sequence[Seen], sights: Sequence[Sight], left: Mapping[str, str]
) -> Verdict:
    mine = [one for one in seen if one.operation in guess.operations]
    if guess.kind == "property":
        found = _property(
            spec, guess, mine, [one for one in sights if (one.owner, one.name) == (guess.owner, guess.name)]
        )
    else:
        found = {"response": _response, "header": _header, "value": _value}.get(guess.kind, _nothing)(
            guess, mine, sights
        )
    if found is not None:
        return found
    why = next((f"{name}: {left[name]}" for name in guess.operations if name in left), "")
    if not why:
        statuses = sorted({f"{one.operation} answered {one.status}" for one in mine})
        why = "; ".join(statuses[:MOST_NAMED]) or "nothing that was called shows it"
    return Verdict(guess.place, "open", why)


def _property(spec: Spec, guess: Guess, seen: Sequence[Seen], sights: Sequence[Sight]) -> Verdict | None:
    there = [one for one in sights if one.outcome == "there"]
    called = [one for one in sights if one.outcome == "called"]
    if there:
        but = f", but it is called {shown([called[0].called])} in {called[0].place}" if called else ""
        kinds = tuple(sorted({kind for one in there for kind in one.kinds}))
        odd = f", as {' or '.join(kinds)}" if kinds else ""
        other = harmless(called[0].called) if called else None
        return Verdict(guess.place, "confirmed", f"{there[0].place} has it{odd}{but}", called=other, kinds=kinds)
    if called:
        name = Counter(one.called for one in called).most_common(1)[0][0]
        if harmless(name) != name:
            return Verdict(
                guess.place, "contradicted", f"it has another name in {called[0].place}, which cannot be shown"
            )
        return Verdict(guess.place, "contradicted", f"it is called {name} in {called[0].place}", called=name)
    complained = _complaints(spec, guess, seen)
    if complained is not None:
        return complained
    if sights:
        names = {name for one in sights for name in one.suspects}
        suspects = sorted(names, key=lambda name: (-likeness(guess.name, name), name))
        maybe = f"; unknown there, and perhaps it: {shown(suspects)}" if suspects else ""
        objects = sum(one.objects for one in sights)
        detail = f"none of {objects} objects of {sights[0].place} has it{maybe}"
        return Verdict(guess.place, "open", detail, suspects=tuple(map(harmless, suspects)))
    return None


def _complaints(spec: Spec, guess: Guess, seen: Sequence[Seen]) -> Verdict | None:
    """What refusals say of a field of a request that was sent with something else than it takes."""
    for one in seen:
        schema = spec.question(one.operation) if guess.name in one.probe else None
        known = {} if schema is None else spec.fields(schema)
        if guess.name in known and known[guess.name].owner == guess.owner:
            found = complaint(guess, one, known=known)
            if found is not None:
                return found
    return None


def complaint(guess: Guess, seen: Seen, *, known: Collection[str]) -> Verdict | None:
    """Returns what one refusal says of a field that was sent wrongly, or None.

    Args:
        guess: the field.
        seen: the answer to a request whose fields, `probe`, were all sent wrongly.
        known: the fields of the request, by the spec.
    """
    place = f"{seen.operation} request"
    if seen.status not in (400, 422):
        return None
    found = complaints_of(seen.body, sent=seen.sent)
    strange, words = found.strange, found.words - found.strange
    if guess.name in words:
        return Verdict(guess.place, "confirmed", f"{place}: the refusal names it")
    others = sorted(words - set(known))
    same = [word for word in others if are_same(guess.name, word) and harmless(word) == word]
    if len(same) == 1:
        return Verdict(guess.place, "contradicted", f"it is called {same[0]} in {place}", called=same[0])
    suspects = tuple(harmless(word) for word in others)
    rest = f"; perhaps it: {shown(others)}" if others else ""
    if guess.name in strange:
        detail = f"{place}: the refusal says that there is no such field{rest}"
        return Verdict(guess.place, "contradicted", detail, suspects=suspects)
    # A validator may stop at the first fault, and pass over what is optional.
    named = words & set(seen.probe)
    if others or named:
        beside = f"the refusal names {shown(named)}, and not it" if named else "the refusal does not name it"
        return Verdict(guess.place, "open", f"{place}: {beside}{rest}", suspects=suspects)
    return None


def _response(guess: Guess, seen: Sequence[Seen], sights: Sequence[Sight]) -> Verdict | None:
    for operation in guess.operations:
        answers = [one for one in seen if one.operation == operation and one.is_success and not one.probe]
        given = {name for one in answers if is_object(one.body) for name in one.body}
        if not given:
            continue
        mine = [one for one in sights if one.place == f"{operation} response"]
        paired = {one.called for one in mine if one.outcome != "absent"} & given
        right = len(paired) * 2 >= min(len({one.name for one in mine}), len(given))
        names = shown(given)
        return Verdict(guess.place, "confirmed" if right else "contradicted", f"{operation} answers with {names}")
    return None


def _header(guess: Guess, seen: Sequence[Seen], _: Sequence[Sight]) -> Verdict | None:
    wanted = {"RetryAfter": "retry-after"}.get(guess.owner, guess.name.lower())
    limited = [one for one in seen if one.status == 429]
    if not limited:
        return Verdict(guess.place, "open", "no call was answered 429")
    have = any(wanted in one.header_names for one in limited)
    return Verdict(guess.place, "confirmed" if have else "contradicted", f"a 429 {'has' if have else 'lacks'} it")


def _value(guess: Guess, seen: Sequence[Seen], _: Sequence[Sight]) -> Verdict | None:
    for one in seen:
        is_refused = one.probe and one.status in (400, 422) and guess.name not in _values_of(one.sent)
        if is_refused and re.search(rf"\b{re.escape(guess.name)}\b", json.dumps(one.body)):
            return Verdict(guess.place, "confirmed", f"{one.operation} request: the refusal lists it")
        # A field that nobody reads may hold anything: that a server takes it says nothing.
        if (
            one.is_success
            and not one.probe
            and guess.name in _values_of(one.sent)
            and guess.name in _values_of(one.body)
        ):
            return Verdict(guess.place, "confirmed", f"{one.operation} takes it, and answers with it")
    return None


def _values_of(value: object) -> list[object]:
    return [leaf for _, values in _leaves(value) for leaf in values]


def _nothing(_: Guess, __: Sequence[Seen], ___: Sequence[Sight]) -> Verdict | None:
    return None


def shown(names: Iterable[str]) -> str:
    """Returns names as they may be written down; they come from the network."""
    listed = sorted({harmless(name) for name in names})
    return ", ".join(listed[:MOST_NAMED]) + (" and more" if len(listed) > MOST_NAMED else "")


def merged(before: Mapping[str, Verdict], now: Iterable[Verdict], *, looked: Collection[str] = ()) -> list[Verdict]:
    """Returns verdicts of two walks: what was settled once stays, unless it was settled otherwise now.

    That something is not there, without a name that it has instead, was only ever missed: a walk that has looked at the
    same place and does not say it again has settled that.

    Args:
        before: of the earlier walk, by place.
        now: of this one.
        looked: places of which this walk has seen answers.
    """
    found: list[Verdict] = []
    for one in now:
        earlier = before.get(one.place)
        is_known = one.outcome == "open" and earlier is not None and earlier.outcome != "open"
        if is_known and earlier and earlier.outcome == "contradicted" and not earlier.called and one.place in looked:
            is_known = False
        found.append(earlier if is_known and earlier else one)
    return found


def body_of(content: bytes) -> Any:
    """Decodes a body; None when it is no JSON, or nested deeper than any answer is."""
    try:
        found: Any = json.loads(content)
    except (ValueError, RecursionError):
        return None
    level: list[Any] = [found]
    for _ in range(DEEPEST):
        level = [item for one in level for item in (one.values() if is_object(one) else one if is_array(one) else ())]
        if not level:
            return found
    return None
