"""Bodies of ours as a stand-in writes them, and its as we do. What has shown in an answer is noted."""

from __future__ import annotations

from typing import Any

from scripts.import_spec.fields import Field, fields, item_schemas
from scripts.import_spec.plan import lineage
from scripts.spec_document.load import Document
from scripts.stand_in.plan import Plan


class Translator:
    """Translates by a plan.

    Args:
        document: our spec.
        plan: what is different.
        shown: places of differences that an answer has shown; it grows.
    """

    def __init__(self, document: Document, plan: Plan, shown: set[str]) -> None:
        self._document, self._plan, self._shown = document, plan, shown
        self._known: dict[tuple[int, ...], tuple[dict[str, Field], list[str], list[Any]]] = {}

    def answer(self, value: Any, schemas: list[Any]) -> Any:
        """What the sandbox answers, as the stand-in does."""
        known, owners, items = self._about(schemas)
        if isinstance(value, list):
            return [self.answer(item, items) for item in value]
        if isinstance(value, str):
            for owner in owners:
                if (owner, value) in self._plan.values:
                    new = self._plan.values[owner, value]
                    self._shown.add(f"{owner}={new}")
                    return new
            return value
        if not isinstance(value, dict):
            return value
        written: dict[str, Any] = {}
        for key, item in value.items():
            beside = next(((owner, key) for owner in owners if (owner, key) in self._plan.neighbours), None)
            if beside is not None:
                written[self._plan.neighbours[beside]] = "something else"
                self._shown.add(f"{beside[0]}.{self._plan.neighbours[beside]}")
                continue
            inner = self.answer(item, known[key].nodes) if key in known else item
            written[self.called(key, owners)] = inner
        for owner in owners[:1]:
            if owner in self._plan.extras:
                name, extra = self._plan.extras[owner]
                written[name] = extra
                self._shown.add(f"{owner}.{name}")
        return written

    def called(self, name: str, owners: list[str]) -> str:
        """What the stand-in calls a field, which shows by that."""
        for owner in owners:
            if (owner, name) in self._plan.names:
                self._shown.add(f"components.schemas.{owner}.{name}")
                return self._plan.names[owner, name]
        return name

    def question(self, value: Any, schemas: list[Any]) -> Any:
        """What the stand-in was sent, as the sandbox takes it: what it does not know is left out."""
        known, owners, items = self._about(schemas)
        if isinstance(value, list):
            return [self.question(item, items) for item in value]
        if isinstance(value, str):
            theirs = {new: old for (owner, old), new in self._plan.values.items() if owner in owners}
            return theirs.get(value, value)
        if not isinstance(value, dict):
            return value
        mine = {
            self._plan.names[owner, name]: name
            for owner in owners
            for name in known
            if (owner, name) in self._plan.names
        }
        written = {}
        for key, item in value.items():
            name = mine.get(key, key)
            if key in known and key in mine.values():
                continue  # renamed, and so unknown under our name
            written[name] = self.question(item, known[name].nodes) if name in known else item
        return written

    def unknown(self, value: Any, schemas: list[Any]) -> list[str]:
        """Fields that the stand-in was sent under our names, and that it calls otherwise."""
        known, owners, _ = self._about(schemas)
        renamed = {name for owner in owners for name in known if (owner, name) in self._plan.names}
        return sorted(renamed & value.keys()) if isinstance(value, dict) else []

    def owners(self, schemas: list[Any]) -> list[str]:
        """The components that some schemas are."""
        return self._about(schemas)[1]

    def _about(self, schemas: list[Any]) -> tuple[dict[str, Field], list[str], list[Any]]:
        key = tuple(map(id, schemas))
        if key not in self._known:
            owners = list(dict.fromkeys(owner for schema in schemas for owner in lineage(self._document, schema)))
            known = fields(self._document, schemas)
            self._known[key] = (known, owners, item_schemas(self._document, schemas))
        return self._known[key]
