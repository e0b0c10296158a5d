"""Changes that an import makes to our spec, each small enough to be told in a line."""

from __future__ import annotations

from typing import Any

import attrs

from scripts.spec_document.guesses import Guess


@attrs.frozen
class Settle:
    """A guess that is right: from now on it is known."""

    guess: Guess
    detail: str
    evidence: str = "documented"

    @property
    def line(self) -> str:
        """As reported."""
        return f"{self.evidence}: {self.guess.place} ({self.detail})"


@attrs.frozen
class Rename:
    """A guess whose name is another one: a field, a parameter or a path."""

    guess: Guess
    new: str
    detail: str
    evidence: str = "documented"

    @property
    def line(self) -> str:
        """As reported."""
        return f"renamed: {self.guess.place} -> {self.new} ({self.detail})"


@attrs.frozen
class AddField:
    """A field that their document lists and ours lacks."""

    component: str
    name: str
    schema: dict[str, Any]
    detail: str

    @property
    def line(self) -> str:
        """As reported."""
        return f"field added: {self.component}.{self.name} ({self.detail})"


@attrs.frozen
class AddValue:
    """A value that their document lists for an enum of ours."""

    component: str
    value: str
    detail: str

    @property
    def line(self) -> str:
        """As reported."""
        return f"value added: {self.component}={self.value} ({self.detail})"


@attrs.frozen
class AddStatus:
    """A status that their document has for an operation."""

    operation: str
    path: str
    method: str
    status: str
    answer: str  # the response component it refers to, made if there is none of this name
    detail: str

    @property
    def line(self) -> str:
        """As reported."""
        return f"status added: {self.operation} {self.status}, answer {self.answer} ({self.detail})"


Edit = Settle | Rename | AddField | AddValue | AddStatus


@attrs.define
class Plan:
    """What an import changes in our spec, and what it leaves to a person."""

    edits: list[Edit] = attrs.field(factory=list)
    tasks: list[str] = attrs.field(factory=list)
    not_listed: dict[str, list[str]] = attrs.field(factory=dict)  # our fields that they do not list, by component

    def ask(self, task: str) -> None:
        """Leaves something to a person, once."""
        if task not in self.tasks:
            self.tasks.append(task)

    def add(self, edit: Edit) -> None:
        """Adds a change."""
        self.edits.append(edit)
