"""Hypothesis strategies from the spec's schemas: JSON as Astra may send it, with unknown fields and open enums."""

from __future__ import annotations

import datetime
from decimal import Decimal
from functools import cache
from typing import Any

from hypothesis import strategies as st

from scripts.spec_diff.shape import shape_of
from scripts.spec_document.walk import resolve
from tests.spec.documents import spec

TEXT = st.text(st.characters(codec="utf-8"), max_size=20)
CENTS = st.integers(min_value=-(10**13), max_value=10**13).map(lambda cents: Decimal(cents).scaleb(-2))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)
DAYS = st.dates(min_value=datetime.date(1900, 1, 1))


def _written(moment: datetime.datetime, style: str) -> str:
    if style == "naive":
        return moment.replace(tzinfo=None).isoformat()
    if style == "Z":
        return moment.isoformat().replace("+00:00", "Z")
    return moment.isoformat()


MOMENTS = st.builds(
    _written,
    st.datetimes(min_value=datetime.datetime(1970, 1, 1), timezones=st.just(datetime.UTC)),
    st.sampled_from(["naive", "Z", "offset"]),
)


@cache
def model_names() -> tuple[str, ...]:
    """Components that are objects: each has a generated model."""
    schemas = spec()["components"]["schemas"]
    return tuple(name for name in schemas if shape_of(spec(), schemas[name]).types == {"object"})


@cache
def instances(name: str) -> st.SearchStrategy[dict[str, Any]]:
    """Instances of a component: required fields always, the others sometimes, and sometimes unknown ones."""
    return objects({"$ref": f"#/components/schemas/{name}"}, unknown=True)


def objects(node: Any, *, unknown: bool) -> st.SearchStrategy[dict[str, Any]]:
    """Objects of a schema."""
    shape = shape_of(spec(), node)
    fixed = {name: values(shape.properties[name]) for name in shape.required}
    free = {name: values(child) for name, child in shape.properties.items() if name not in shape.required}
    known = st.fixed_dictionaries(fixed, optional=free)
    if isinstance(shape.additional, dict):
        return st.dictionaries(st.from_regex(r"\A[a-z_]{1,12}\Z"), TEXT.filter(bool), max_size=4)
    if not unknown:
        return known
    extra = st.dictionaries(st.from_regex(r"\Ax_[a-z]{1,8}\Z"), JSON, max_size=2)
    return st.builds(lambda more, data: {**more, **data}, extra, known)


def values(node: Any) -> st.SearchStrategy[Any]:
    """Values of a schema."""
    return st.deferred(lambda: _values(node))


def _values(node: Any) -> st.SearchStrategy[Any]:
    shape = shape_of(spec(), node)
    if shape.branches:
        options = [values(branch) for branch in shape.branches]
    else:
        options = [_of_type(kind, shape, node) for kind in sorted(shape.types)] or [JSON]
    found = st.one_of(options)
    return found | st.none() if shape.nullable else found


def _of_type(kind: str, shape: Any, node: Any) -> st.SearchStrategy[Any]:
    if kind == "object":
        return objects(node, unknown=True)
    if kind == "array":
        return st.lists(values(shape.items), max_size=3)
    if kind == "boolean":
        return st.booleans()
    if kind == "integer":
        return st.integers(min_value=0, max_value=10**9)
    if kind == "number":
        return CENTS | st.integers(min_value=0, max_value=10**9)
    return _texts(shape, resolve(spec(), node))


def _texts(shape: Any, schema: dict[str, Any]) -> st.SearchStrategy[str]:
    if shape.enum:
        return st.sampled_from(list(shape.enum)) | st.from_regex(r"\Anew_[a-z]{1,6}\Z")
    if shape.format == "date":
        return DAYS.map(datetime.date.isoformat)
    if shape.format == "date-time":
        return MOMENTS
    if "True" in schema.get("description", "") and "boolean" in shape.types:
        return st.sampled_from(["True", "False"])
    return st.from_regex(shape.pattern) if shape.pattern else TEXT
