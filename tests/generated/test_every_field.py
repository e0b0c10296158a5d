"""Whatever comes in any field of any model: what is read has the annotated type, or reading it raises.

The annotations are what mypy and pyright go by, so this is also the test that the checkers and the run time agree.
"""

from __future__ import annotations

import copy
import datetime
import functools
import json
import keyword
import pickle
import typing
from collections.abc import Iterator
from decimal import Decimal
from enum import StrEnum
from types import NoneType
from typing import Any

import astra_api.models
import attrs
import pytest
from astra_api.errors import FieldDecodeError
from astra_api.operations import OPERATIONS
from astra_api.plans import plan_of
from astra_api.types import Model

from astra.errors import ResponseDecodeError
from astra.http.calls import CallContext

MODELS: list[type[Model]] = [
    kind for name in astra_api.models.__all__ if issubclass(kind := getattr(astra_api.models, name), Model)
]
FIELDS = [(kind, field) for kind in MODELS for field in attrs.fields(kind)]
ABSENT = object()
VALUES: list[Any] = [
    ABSENT, None, "text", "", "NaN", "1e999999", "2026-05-04", "2026-05-04T12:00:01", "2026-05-04 12:00:01Z", "True",
    0, 1.5, -(10**30), Decimal("20.10"), Decimal("NaN"), float("inf"), True, [], ["a"], [None], [{}], {}, {"id": None},
]  # fmt: skip


def fits(value: Any, hint: Any) -> bool:
    """Whether a value is of an annotated type, and, a time, is aware."""
    members = typing.get_args(hint) if typing.get_origin(hint) is not list else ()
    if members:
        return any(fits(value, member) for member in members)
    if typing.get_origin(hint) is list:
        return isinstance(value, list) and all(fits(item, typing.get_args(hint)[0]) for item in value)
    if hint in (int, datetime.date):
        return type(value) is hint
    if hint is datetime.datetime:
        return isinstance(value, hint) and value.tzinfo is not None
    if hint is Decimal:
        return isinstance(value, Decimal) and value.is_finite()
    return isinstance(value, NoneType if hint is None else hint)


hints_of = functools.cache(typing.get_type_hints)
"""To read an annotation takes longer than to read a field, and each is asked for hundreds of times."""


def sample(kind: type[Model]) -> dict[str, Any]:
    """A JSON object in which every field is good."""
    hints = hints_of(kind)
    return {json_name(kind, field.name): good(hints[field.name]) for field in attrs.fields(kind)}


def json_name(kind: type[Model], attribute: str) -> str:
    return plan_of(kind).json_names[attribute]


def good(hint: Any) -> Any:
    if typing.get_origin(hint) is list:
        return [good(typing.get_args(hint)[0])]
    for member in typing.get_args(hint):
        return good(member)
    if issubclass(hint, Model):
        return sample(hint)
    if issubclass(hint, StrEnum):
        return str(next(iter(hint)))
    plain = {str: "text", bool: True, int: 7, Decimal: Decimal("20.10")}
    times = {datetime.datetime: "2026-05-04T12:00:01", datetime.date: "2026-05-04"}
    return (plain | times)[hint]


def as_json(data: dict[str, Any]) -> bytes:
    return json.dumps(data, default=float).encode()


def readings(kind: type[Model], name: str, raw: Any) -> Iterator[Model]:
    """The object with one field replaced, read in each of the ways that there are."""
    data, travels = sample(kind), json_name(kind, name)
    del data[travels]
    if raw is not ABSENT:
        data[travels] = raw
    yield kind.from_dict(data)
    if (not isinstance(raw, Decimal) or raw.is_finite()) and raw != float("inf"):
        yield kind.from_json(as_json(data))


def check_errors(model: Model, name: str) -> None:
    """Reading a field raises, with the request id where there was a call, however it is read."""
    with pytest.raises(FieldDecodeError) as caught:
        getattr(model, name)
    assert (caught.value.model, caught.value.field) == (type(model).__name__, name)
    context = CallContext(OPERATIONS["get_transfer"], "/v1/transfers/tr_1", "customer-42")
    context.request_ids = ("req_1",)
    model.attach(context)
    for read in (lambda: getattr(model, name), lambda: hasattr(model, name), lambda: getattr(model, name, None)):
        with pytest.raises(ResponseDecodeError) as raised:
            read()
        assert (raised.value.request_id, raised.value.field) == ("req_1", name)


@pytest.mark.parametrize(("kind", "field"), FIELDS, ids=[f"{kind.__name__}.{field.name}" for kind, field in FIELDS])
def test_a_field_reads_as_its_annotation_says_or_raises(kind: type[Model], field: attrs.Attribute[Any]) -> None:
    hints = dict(hints_of(kind))
    hint = hints.pop(field.name)
    others = [(other.name, hints[other.name]) for other in attrs.fields(kind) if other.name != field.name]
    for raw in VALUES:
        for model in readings(kind, field.name, raw):
            for name, of in others:
                assert fits(getattr(model, name), of)
            try:
                value = getattr(model, field.name)
            except FieldDecodeError:
                check_errors(model, field.name)
                continue
            assert fits(value, hint), f"{raw!r} read as {value!r}, which is no {hint}"
            assert raw not in (ABSENT, None) or value in (None, []), value


def test_a_field_is_called_as_it_is_printed_and_given() -> None:
    """`account.type`, not `account.type_`: an underscore is for the names that Python keeps for itself."""
    odd = [f"{kind.__name__}.{field.name}" for kind, field in FIELDS if field.name.endswith("_")]
    assert [one for one in odd if not keyword.iskeyword(one.partition(".")[2].rstrip("_"))] == []
    assert astra_api.models.Account.from_dict({"id": "a", "type": "depository"}).type == "depository"


@pytest.mark.parametrize("kind", MODELS, ids=[kind.__name__ for kind in MODELS])
@pytest.mark.parametrize("raw", [ABSENT, None, {"unreadable": [1]}], ids=["missing", "null", "unreadable"])
def test_an_object_of_which_nothing_can_be_read_does_all_the_rest(kind: type[Model], raw: Any) -> None:
    data = {} if raw is ABSENT else {json_name(kind, field.name): raw for field in attrs.fields(kind)}
    model = kind.from_dict(data)
    assert model.to_dict() == data == dict(model)
    assert model == kind.from_dict(copy.deepcopy(data)) == pickle.loads(pickle.dumps(model)) == copy.deepcopy(model)
    assert hash(model) == hash(kind.from_dict(data))
    assert repr(model).startswith(f"{kind.__name__}(")
    assert json.loads(model.to_json()) == data
    assert model != kind.from_dict({**data, "unknown": 1})
    assert isinstance(model, kind)


@pytest.mark.parametrize("kind", MODELS, ids=[kind.__name__ for kind in MODELS])
def test_bytes_and_dicts_read_the_same(kind: type[Model]) -> None:
    data = {**sample(kind), "unknown": {"deep": [1]}}
    fast, slow = kind.from_json(as_json(data)), kind.from_dict(data)
    assert fast == slow
    assert fast.to_dict() == slow.to_dict() == data
    assert [getattr(fast, field.name) for field in attrs.fields(kind)] == [
        getattr(slow, field.name) for field in attrs.fields(kind)
    ]
    assert fast.additional_properties == {"unknown": {"deep": [1]}}
