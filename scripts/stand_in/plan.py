"""What a stand-in does differently, drawn from a seed. Pure."""

from __future__ import annotations

import random
from typing import Any, Literal

import attrs

from scripts.import_spec.fields import fields
from scripts.spec_document.guesses import Guess, find_guesses
from scripts.spec_document.load import Document

WORDS = ("quokka", "zeppelin", "kumquat", "bivouac", "wombat", "pergola", "gazpacho", "fjord")
KEPT = {"Page"}  # paging has styles of its own
EXTRAS: tuple[Any, ...] = ("blue", 3.5, True, ["blue"], {"shade": "blue"})
# What a client sent comes back as it was sent, so these are values that the server chooses.
VALUES = {
    "CardStatus": "approved",
    "RoutineStatus": "active",
    "TransferStatus": "pending",
    "UserStatus": "approved",
}
Style = Literal["ours", "names", "after", "pages"]
Errors = Literal["ours", "problem", "list", "validation"]
TROUBLES = ("too many", "refused token", "broken gateway", "web page")
ROLES = ("id", "type", "name", "code", "reason", "number")


@attrs.frozen
class Paging:
    """How lists are paged. An empty name is something that is not there."""

    style: Style
    size: str
    cursor: str
    answered_cursor: str
    answered_more: str


@attrs.define
class Plan:
    """What is different. Keys of `names` and `values` are a component and a name of ours."""

    seed: int
    names: dict[tuple[str, str], str] = attrs.field(factory=dict)
    unlike: set[tuple[str, str]] = attrs.field(factory=set)
    extras: dict[str, tuple[str, Any]] = attrs.field(factory=dict)
    values: dict[tuple[str, str], str] = attrs.field(factory=dict)
    paths: dict[str, str] = attrs.field(factory=dict)
    parameters: dict[str, str] = attrs.field(factory=dict)
    paging: Paging = Paging("ours", "page_size", "cursor", "cursor", "more")
    errors: Errors = "ours"
    neighbours: dict[tuple[str, str], str] = attrs.field(factory=dict)  # a field is gone, and this one is new there
    strict: bool = False  # a refusal names fields that it does not know, too
    troubles: dict[str, int] = attrs.field(factory=dict)  # what is answered once in between, from which request on
    met: set[str] = attrs.field(factory=set)  # troubles that somebody has met

    def to_dict(self) -> dict[str, Any]:
        """What is different, as JSON values."""
        return {
            "seed": self.seed,
            "fields": {".".join(key): new for key, new in self.names.items()},
            "added_fields": {owner: name for owner, (name, _) in self.extras.items()},
            "values": {"=".join(key): new for key, new in self.values.items()},
            "paths": self.paths,
            "parameters": self.parameters,
            "paging": attrs.asdict(self.paging),
            "errors": self.errors,
            "gone_beside": {".".join(key): new for key, new in self.neighbours.items()},
            "strict": self.strict,
        }


def make_plan(document: Document, *, seed: int) -> Plan:
    """Draws a plan: a third of the guessed names, and some of everything else.

    Args:
        document: our spec.
        seed: makes the same plan each time.
    """
    dice = random.Random(seed)
    plan = Plan(seed)
    for number, guess in enumerate(find_guesses(document)):
        if dice.random() * 3 >= 1:
            continue
        if guess.kind == "property" and guess.owner not in KEPT:
            taken = _taken(document, guess)
            unlike = dice.random() * 4 < 1
            new = f"{dice.choice(WORDS)}{number % 90}" if unlike else _alike(guess.name, dice)
            if new not in taken:
                plan.names[guess.owner, guess.name] = new
                if unlike:
                    plan.unlike.add((guess.owner, guess.name))
        elif guess.kind == "path":
            plan.paths[guess.name] = _spelled(guess.name, dice)
        elif guess.kind == "parameter" and not guess.owner:
            plan.parameters[guess.name] = _alike(guess.name, dice)
    plan.paging = dice.choice(
        [
            plan.paging,
            Paging("names", dice.choice(["limit", "per_page", "chunk"]), dice.choice(["page_token", "next_cursor"]),
                   dice.choice(["next_cursor", "nextCursor"]), "has_more"),
            Paging("after", "limit", "starting_after", "", "has_more"),
            Paging("pages", "per_page", "page", "", ""),
        ]
    )  # fmt: skip
    plan.errors = dice.choice(["ours", "problem", "list"])
    schemas = document["components"]["schemas"]
    objects = sorted(name for name, schema in schemas.items() if "properties" in schema and name not in KEPT)
    for number, component in enumerate(dice.sample(objects, k=len(objects) // 3)):
        plan.extras[component] = (f"{dice.choice(WORDS)}_mark_{number % 90}", dice.choice(EXTRAS))
    for component in dice.sample(sorted(VALUES), k=2):
        value = VALUES[component]
        if value in schemas.get(component, {}).get("enum", ()):
            plan.values[component, value] = f"{value}-{dice.choice(WORDS)}"
    plan.strict = dice.random() < 0.5
    if dice.random() < 0.3:
        plan.errors = "validation"
    known = {name for schema in schemas.values() for name in fields(document, [schema])}
    for guess in find_guesses(document):
        new = _neighbour(guess.name, dice) if guess.kind == "property" and guess.owner not in KEPT else ""
        if new and new not in known and (guess.owner, guess.name) not in plan.names and dice.random() < 0.3:
            plan.neighbours[guess.owner, guess.name] = new
    plan.troubles = {kind: dice.randrange(4, 30) for kind in TROUBLES}
    return plan


def _alike(name: str, dice: random.Random) -> str:
    words = name.split("_")
    if len(words) > 1 and dice.random() < 0.5:
        return words[0] + "".join(word.title() for word in words[1:])
    return f"{name}_{dice.choice(['value', 'field'])}" if dice.random() < 0.5 or name == "id" else f"{name}s"


def _neighbour(name: str, dice: random.Random) -> str:
    """A name like another one that means something else about the same thing; empty if there is none."""
    rest, _, role = name.rpartition("_")
    return f"{rest}_{dice.choice([one for one in ROLES if one != role])}" if rest and role in ROLES else ""


def _spelled(path: str, dice: random.Random) -> str:
    steps = path.split("/")
    plain = [number for number, step in enumerate(steps) if "_" in step and not step.startswith("{")]
    chosen = plain if dice.random() < 0.5 else plain[-1:]
    return "/".join(step.replace("_", "-") if number in chosen else step for number, step in enumerate(steps))


def _taken(document: Document, guess: Guess) -> set[str]:
    return set(document["components"]["schemas"][guess.owner].get("properties", {}))
