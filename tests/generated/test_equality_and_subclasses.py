"""Objects that cannot be read whole keep the rules of hashes, and classes that users derive are read like ours."""

from __future__ import annotations

import json
import pickle
from decimal import Decimal

import attrs
import pytest
from astra_api.errors import FieldDecodeError

import astra.types
from astra.types import Card, Transfer, TransferList

RAW = {"id": "t", "amount": Decimal("1.0"), "status": "pending", "initiated": "2026-05-04T12:00:00", "new": 1}


class Plain(Transfer):
    """A class with nothing of its own, and a `__dict__`."""

    def cents(self) -> int:
        return int(self.amount * 100)


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Noted(Transfer):
    note: str = "none"
    seen: list[str] = attrs.field(factory=list)


@attrs.frozen(kw_only=True)
class Wide(Card):
    extra: Decimal | None = None


def test_broken_objects_that_are_equal_have_equal_hashes() -> None:
    # `True == 1 == Decimal("1.0")` in Python: what cannot be read compares by what came.
    forms = [{"id": value, "amount": value} for value in (1, Decimal("1.0"), 1.0)]
    forms += [{"id": "t", "amount": True}, {"id": "t", "amount": 1}, {"id": "t", "amount": Decimal("1.0")}]
    objects = [Transfer.from_dict(form) for form in forms]
    pages = [TransferList.from_dict({"transfers": [form]}) for form in forms]
    for found in (objects, pages):
        for left in found:
            for right in found:
                assert left != right or hash(left) == hash(right)
        assert any(left == right for left in found for right in found if left is not right)


@pytest.mark.parametrize("kind", [Plain, Noted])
def test_a_derived_class_is_read_like_its_base(kind: type[Transfer]) -> None:
    body = json.dumps(RAW, default=float)
    for found in (kind.from_json(body), kind.from_dict(RAW)):
        assert type(found) is kind
        assert (found.id, found.amount, found.initiated) == ("t", 1, Transfer.from_dict(RAW).initiated)
        assert found.to_dict() == RAW
        assert found == kind.from_dict(RAW) == pickle.loads(pickle.dumps(found))
        assert found.additional_properties == {"new": 1}
    broken = kind.from_dict({})
    assert isinstance(broken, kind)
    with pytest.raises(FieldDecodeError, match=rf"{kind.__name__}\.id is missing"):
        _ = broken.id
    assert Plain.from_json(body).cents() == 100


@pytest.mark.parametrize("null", [True, False])
def test_a_field_that_a_derived_class_adds_has_its_default_however_it_is_read(*, null: bool) -> None:
    data = {**RAW, **({"note": None, "seen": None} if null else {})}
    for found in (Noted.from_json(json.dumps(data, default=float)), Noted.from_dict(data)):
        assert (found.note, found.seen) == ("none", [])
    for found in (Noted.from_json(json.dumps({**RAW, "note": "n"}, default=float)), Noted.from_dict({"note": "n"})):
        assert found.note == "n"


def test_a_derived_class_that_attrs_compares_and_shows_is_read_too() -> None:
    data = {"id": "c", "status": "approved", "extra": "1.10"}
    for found in (Wide.from_json(json.dumps(data)), Wide.from_dict(data)):
        assert found.extra == Decimal("1.10")
        assert "extra" in repr(found)


def test_the_error_of_a_field_is_exported_beside_the_models() -> None:
    assert astra.types.FieldDecodeError is FieldDecodeError
    assert "FieldDecodeError" in dir(astra.types)
    with pytest.raises(astra.types.FieldDecodeError) as caught:
        _ = Transfer.from_dict({}).id
    assert isinstance(caught.value, ValueError)
