"""Whatever the spec allows, the generated models read it, keep it and give it back; money is exact to the cent.

An everyday run tries some hundred instances. `HYPOTHESIS_PROFILE=full` tries 10,000.
"""

from __future__ import annotations

import copy
import datetime
import json
import os
import pickle
from decimal import Decimal
from enum import StrEnum
from typing import Any

import astra_api.models
import attrs
import pytest
from astra_api.errors import FieldDecodeError
from astra_api.origin import loads
from astra_api.types import Model
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scripts.spec_diff.generated import GeneratedNames
from scripts.spec_diff.shape import Shape, shape_of
from tests.spec.documents import ROOT, spec
from tests.spec.strategies import CENTS, JSON, instances, model_names

COMMON: dict[str, Any] = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow, HealthCheck.data_too_large]}
settings.register_profile("models-everyday", max_examples=100, **COMMON)
settings.register_profile("models-full", max_examples=10_000, **COMMON)
pytestmark = pytest.mark.timeout(3600)
cases = settings(settings.get_profile(f"models-{os.environ.get('HYPOTHESIS_PROFILE', 'everyday')}"))
NAMES = GeneratedNames(ROOT)

a_model = st.sampled_from(model_names()).flatmap(lambda name: st.tuples(st.just(name), instances(name)))


def model_class(name: str) -> type[Model]:
    found: type[Model] = getattr(astra_api.models, name)
    return found


def known_fields(name: str) -> dict[str, Shape]:
    """The component's fields and their shapes."""
    shape = shape_of(spec(), {"$ref": f"#/components/schemas/{name}"})
    return {field: shape_of(spec(), node) for field, node in shape.properties.items()}


def empty(name: str, field: str) -> Any:
    """What a null reads as: an empty list where an answer promises a list, else None."""
    default = attrs.fields_dict(model_class(name))[NAMES.attribute(name, field)].default
    return [] if isinstance(default, attrs.Factory) else None  # type: ignore[arg-type]


def check_value(name: str, field: str, raw: Any, value: Any, shape: Shape) -> None:
    """A field's value has the type that the spec promises, and means what was sent."""
    where = f"{name}.{field} = {raw!r} read as {value!r}"
    if raw is None:
        assert value == empty(name, field), where
    elif shape.branches and isinstance(raw, dict):
        assert value.to_dict() == raw, where
    elif shape.branches and {shape_of(spec(), branch).format for branch in shape.branches} == {"date", "date-time"}:
        assert value == datetime.date.fromisoformat(raw[:10]), where
    elif shape.branches:
        assert value == raw, where
    elif shape.types == {"boolean", "string"}:
        assert value is (raw if isinstance(raw, bool) else raw == "True"), where
    elif "number" in shape.types:
        assert type(value) is Decimal, where
        assert value == Decimal(raw), where
    elif shape.format == "date-time":
        assert value.tzinfo is not None, where
        expected = datetime.datetime.fromisoformat(raw)
        assert value == (expected if expected.tzinfo else expected.replace(tzinfo=datetime.UTC)), where
    elif shape.format == "date":
        assert value == datetime.date.fromisoformat(raw), where
    elif shape.enum:
        aliases = spec()["components"]["schemas"][shape.component].get("x-enum-aliases", {})
        assert isinstance(value, StrEnum), where
        assert value == aliases.get(raw, raw), where
    elif "array" in shape.types:
        assert [item.to_dict() if isinstance(item, Model) else item for item in value] == raw, where
    elif "object" in shape.types:
        assert isinstance(value, Model), where
        assert value.to_dict() == raw, where
    else:
        assert value == raw, where


@given(a_model)
@cases
def test_any_instance_is_read_kept_and_given_back(instance: tuple[str, dict[str, Any]]) -> None:
    name, data = instance
    before = copy.deepcopy(data)
    view = model_class(name).from_dict(data)
    fields = known_fields(name)
    for field, shape in fields.items():
        check_value(name, field, data.get(field), getattr(view, NAMES.attribute(name, field)), shape)
    assert view.to_dict() == before
    unknown = {field: value for field, value in before.items() if field not in fields}
    assert view.additional_properties == unknown
    for field, value in before.items():
        assert field in view
        assert view[field] == value
    assert model_class(name).from_dict(view.to_dict()) == view


@given(a_model)
@cases
def test_a_model_survives_copies_pickle_and_json(instance: tuple[str, dict[str, Any]]) -> None:
    name, data = instance
    view = model_class(name).from_dict(data)
    assert copy.copy(view) == view
    assert copy.deepcopy(view).to_dict() == data
    assert pickle.loads(pickle.dumps(view)) == view
    text = json.dumps(view.to_dict(), default=_number)
    assert model_class(name).from_dict(loads(text.encode())) == view


def _number(value: object) -> float | int:
    """A decimal as JSON writes it; every cent up to 10^13 has a float that prints the same."""
    assert isinstance(value, Decimal)
    written = float(value)
    assert Decimal(repr(written)) == value
    return written


@given(a_model)
@cases
def test_a_body_made_of_what_was_read_is_the_same_body(instance: tuple[str, dict[str, Any]]) -> None:
    name, data = instance
    fields = known_fields(name)
    view = model_class(name).from_dict(data)
    given_fields = {field for field in fields if data.get(field) is not None}
    attributes = {field: NAMES.attribute(name, field) for field in given_fields}
    required = shape_of(spec(), {"$ref": f"#/components/schemas/{name}"}).required
    made = model_class(name)(**{attributes[field]: getattr(view, attributes[field]) for field in given_fields})
    sent = made.to_dict()
    assert given_fields <= set(sent)
    assert all(sent[field] == [] for field in set(sent) - given_fields)
    assert required <= given_fields
    for field, attribute in attributes.items():
        assert getattr(made, attribute) == getattr(view, attribute), field


@given(CENTS, st.booleans())
@cases
def test_money_is_exact_to_the_cent(amount: Decimal, by_hand: bool) -> None:
    """Through the decoder of responses and through `json`, written with trailing zeros or without."""
    written = f"{amount:.2f}" if by_hand else repr(float(amount))
    body = f'{{"id": "t", "status": "pending", "amount": {written}}}'
    for data in (loads(body.encode()), json.loads(body)):
        assert astra_api.models.Transfer.from_dict(data).amount == amount
    made = astra_api.models.Transfer(id="t", status=astra_api.models.TransferStatus.PENDING, amount=amount)
    assert made.to_dict()["amount"] == amount


@given(st.integers(min_value=0, max_value=10**30), st.integers(min_value=0, max_value=20))
@cases
def test_the_decoder_keeps_every_digit(number: int, places: int) -> None:
    amount = Decimal(number).scaleb(-places)
    data = loads(f'{{"amount": {amount:f}}}'.encode())
    assert astra_api.models.Routine.from_dict(data).amount == amount


@given(st.sampled_from(model_names()), st.data())
@cases
def test_a_null_reads_as_none_or_an_empty_list_or_tells_that_a_value_was_promised(
    name: str, data: st.DataObject
) -> None:
    fields = known_fields(name)
    required = shape_of(spec(), {"$ref": f"#/components/schemas/{name}"}).required
    nulled = data.draw(st.dictionaries(st.sampled_from(sorted(fields)), st.none())) if fields else {}
    view = model_class(name).from_dict({**data.draw(instances(name)), **nulled})
    for field in nulled:
        attribute = NAMES.attribute(name, field)
        if field in required and not fields[field].nullable and "array" not in fields[field].types:
            with pytest.raises(FieldDecodeError, match=f"{name}.{attribute} is null"):
                getattr(view, attribute)
        else:
            assert getattr(view, attribute) == empty(name, field)


@given(st.dictionaries(st.text(max_size=8), JSON, max_size=5))
@cases
def test_a_body_of_unknown_fields_alone_is_kept(data: dict[str, Any]) -> None:
    view = astra_api.models.Transfer.from_dict(copy.deepcopy(data))
    assert view.to_dict() == data


def test_every_object_of_the_spec_has_its_model() -> None:
    assert len(model_names()) > 60
    for name in model_names():
        assert issubclass(model_class(name), Model), name


@pytest.mark.parametrize("name", [n for n, s in spec()["components"]["schemas"].items() if "enum" in s])
def test_every_value_of_an_enum_is_a_member_or_another_spelling_of_one(name: str) -> None:
    kind = getattr(astra_api.models, name)
    schema = spec()["components"]["schemas"][name]
    for value in schema["enum"]:
        wanted = schema.get("x-enum-aliases", {}).get(value, value)
        assert kind(value) in list(kind)
        assert kind(value).value == wanted
    assert kind("never seen").value == "never seen"
    assert kind("never seen") == "never seen"
