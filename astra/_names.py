"""What the SDK calls a field or a parameter beside what Astra calls it: `x-sdk-name` in the spec.

A name that an import has found to be another one than we guessed travels as Astra writes it; programs go on to read it
under the name that they know. Whatever speaks JSON by hand, such as the local sandbox, translates here.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from astra_api.base import Model
from astra_api.plans import plan_of

from astra._json import is_array, is_object

if TYPE_CHECKING:
    from astra._spec import Spec

MARK: Final = "x-sdk-name"


class Names:
    """Translates between our names and those that travel.

    Args:
        spec: what has the names.
    """

    def __init__(self, spec: Spec) -> None:
        self._spec = spec
        self._known: dict[int, dict[str, tuple[str, Mapping[str, Any]]]] = {}

    def to_astra(self, value: Any, schema: Mapping[str, Any] | None) -> Any:
        """Returns a value with the names that travel.

        Args:
            value: written with our names.
            schema: what it is; None for what is not described.
        """
        return self._written(value, schema, ours=True)

    def to_ours(self, value: Any, schema: Mapping[str, Any] | None) -> Any:
        """Returns a value with our names. What came under our name and travels under another one is left out, as
        nobody knows a field of that name.

        Args:
            value: as it came.
            schema: what it is; None for what is not described.
        """
        return self._written(value, schema, ours=False)

    def sent(self, operation: str, value: Any) -> Any:
        """Returns the body of a request with the names that travel."""
        return self.to_astra(value, self._spec.question(operation))

    def received(self, operation: str, value: Any) -> Any:
        """Returns the body of a request with our names."""
        return self.to_ours(value, self._spec.question(operation))

    def answered(self, operation: str, value: Any) -> Any:
        """Returns the body of a success with the names that travel."""
        return self.to_astra(value, self._spec.answer(operation))

    def read(self, operation: str, value: Any) -> Any:
        """Returns the body of a success with our names."""
        return self.to_ours(value, self._spec.answer(operation))

    def announced(self, webhook: str, value: Any) -> Any:
        """Returns the body of a webhook with the names that travel."""
        return self.to_astra(value, self._spec.webhook(webhook))

    def refused(self, operation: str, value: Any) -> Any:
        """Returns an error body whose description complains field by field, with the names that travel."""
        told = value.get("description") if is_object(value) else None
        return {**value, "description": self.asked(operation, self.sent(operation, told))} if is_object(told) else value

    def written(self, component: str, value: Any) -> Any:
        """Returns what a component of the spec describes, with the names that travel."""
        return self.to_astra(value, self._spec.component(component))

    def shown(self, component: str, value: Any) -> Any:
        """Returns what a component of the spec describes, with our names."""
        return self.to_ours(value, self._spec.component(component))

    def asked(self, operation: str, query: Mapping[str, Any]) -> dict[str, Any]:
        """Returns a query with the names that travel."""
        parameters = self._parameters(operation)
        return {parameters.get(name, name): value for name, value in query.items()}

    def heard(self, operation: str, query: Mapping[str, Any]) -> dict[str, Any]:
        """Returns a query with our names; what travels under another one is left out."""
        parameters = self._parameters(operation)
        theirs = {new: name for name, new in parameters.items()}
        return {theirs.get(name, name): value for name, value in query.items() if name not in parameters}

    def _parameters(self, operation: str) -> dict[str, str]:
        """Names that travel, by ours, where they differ."""
        return {str(one[MARK]): str(one["name"]) for one in self._spec.parameters(operation) if MARK in one}

    def _written(self, value: Any, schema: Mapping[str, Any] | None, *, ours: bool) -> Any:
        if schema is None:
            return value
        if is_array(value):
            items = self._spec.items(schema)
            return [self._written(item, items, ours=ours) for item in value]
        if not is_object(value):
            return value
        fields = self._fields(schema)
        known = fields if ours else {new: (name, inner) for name, (new, inner) in fields.items()}
        gone: set[str] = (
            set() if ours else {name for name, (new, _) in fields.items() if name != new and name not in known}
        )
        return {
            known[name][0] if name in known else name: self._written(item, known[name][1], ours=ours)
            if name in known
            else item
            for name, item in value.items()
            if name not in gone
        }

    def _fields(self, schema: Mapping[str, Any]) -> dict[str, tuple[str, Mapping[str, Any]]]:
        """The name that travels and the schema of each field, by our name."""
        if id(schema) not in self._known:
            self._known[id(schema)] = {
                str(one.schema.get(MARK, name)): (name, one.schema) for name, one in self._spec.fields(schema).items()
            }
        return self._known[id(schema)]


@cache
def names_of_the_spec() -> Names | None:
    """Returns what translates by the spec that the package was generated from; None when there is nothing to it."""
    from astra_api.facts import TRAVELS

    if not TRAVELS:
        return None
    # Whoever imports the SDK need not wait for what reads the spec.
    from astra._spec import packed_spec

    return Names(packed_spec())


def model_in_our_names(model: Model, *, body: Any = None) -> dict[str, Any]:
    """Returns the JSON of a model with our names, for code that looks fields up by name.

    Args:
        model: it.
        body: what to return so, where it is not all that the model was read from.
    """
    found: dict[str, Any] = model.to_dict() if body is None else body
    names = names_of_the_spec()
    return found if names is None else names.shown(plan_of(type(model)).kind.__name__, found)


def model_in_astra_s_names(kind: type[Model], body: dict[str, Any]) -> dict[str, Any]:
    """Returns JSON with our names as Astra would write it, for a model to read.

    Args:
        kind: the model.
        body: with our names.
    """
    names = names_of_the_spec()
    return body if names is None else names.written(plan_of(kind).kind.__name__, body)


def request_in_our_names(operation: str, body: Any) -> Any:
    """Returns the body of a request with our names; of an operation that the spec does not have, as it is."""
    names = names_of_the_spec()
    return body if names is None else names.received(operation, body)


def answer_in_our_names(operation: str, body: Any) -> Any:
    """Returns the body of a success with our names; of an operation that the spec does not have, as it is."""
    names = names_of_the_spec()
    return body if names is None else names.read(operation, body)
