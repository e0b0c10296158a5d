"""What an import does with a grant whose key the store knows already. Pure."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from typing import Final

import attrs

from astra.tokens.grant import Grant
from astra.tokens.identity import Identity


class Merge(enum.Enum):
    """What becomes of one grant of a file."""

    ADD = "added"
    REPLACE = "replaced"
    PRESENT = "present"
    KEEP = "kept"
    OTHER_PERSON = "other_person"


def decide(grant: Grant, *, stored: Grant | None) -> Merge:
    """Decides about one grant. A stored one gives way only if it is the older one by both its tokens and its version.

    Args:
        grant: the grant of the file.
        stored: what the store has under its identity and key.
    """
    if stored is None:
        return Merge.ADD
    if (grant.refreshed_at, grant.version) == (stored.refreshed_at, stored.version):
        return Merge.PRESENT
    if grant.refreshed_at < stored.refreshed_at or grant.version < stored.version:
        return Merge.KEEP
    known = (grant.astra_user_id, stored.astra_user_id)
    return Merge.OTHER_PERSON if None not in known and known[0] != known[1] else Merge.REPLACE


def following(grant: Grant, *, stored: Grant) -> Grant:
    """The grant of the file with a version that follows the one it replaces.

    Args:
        grant: the grant of the file.
        stored: what it replaces.
    """
    return attrs.evolve(grant, version=max(grant.version, stored.version + 1))


SHOWN: Final = 5
"""How many keys, or reasons, are named."""


@attrs.frozen(kw_only=True)
class ImportReport:
    """What an import has done so far, or in the end.

    Attributes:
        added: grants whose key was not in the store.
        replaced: grants that took the place of an older one.
        present: grants that were there already, as they are in the file.
        kept: grants of which the store has a newer one, which stays.
        other_person: grants whose key belongs to another Astra user in the store; that one stays.
        left_out: grants of other environments and clients, which were not asked for.
        failed: grants that could not be kept because the store's row is damaged, or keeps changing.
        nobodys: grants among the added ones that belong to nobody yet, as release 0.1.0 wrote them.
        reasons: for some of those that need a look, what is wrong.
    """

    added: int = 0
    replaced: int = 0
    present: int = 0
    kept: int = 0
    other_person: int = 0
    left_out: int = 0
    failed: int = 0
    nobodys: int = 0
    reasons: tuple[str, ...] = ()

    @property
    def done(self) -> int:
        """How many grants of the file were looked at."""
        return self.added + self.replaced + self.present + self.kept + self.other_person + self.left_out + self.failed

    @property
    def ok(self) -> bool:
        """Whether nobody has to look at anything."""
        return not (self.failed or self.other_person)

    def plus(self, counts: Mapping[str, int], *, reasons: tuple[str, ...] = ()) -> ImportReport:
        """The report with more counted.

        Args:
            counts: numbers to add, by attribute.
            reasons: more reasons, of which few are kept.
        """
        added = {name: getattr(self, name) + count for name, count in counts.items()}
        return attrs.evolve(self, **added, reasons=(*self.reasons, *reasons)[:SHOWN])


@attrs.frozen(kw_only=True)
class Contents:
    """What is in a file.

    Attributes:
        written_at: when it was begun, in seconds since the epoch.
        identities: how many grants, by whose they are.
    """

    written_at: float
    identities: Mapping[Identity, int]

    @property
    def total(self) -> int:
        """How many grants."""
        return sum(self.identities.values())

    def is_for(self, identities: frozenset[Identity]) -> bool:
        """Whether it holds grants of one of these clients, or of no client at all.

        Args:
            identities: of the clients.
        """
        clients = {identity for identity in self.identities if identity.is_bound}
        return not clients or bool(clients & identities)

    def wanted(self, only: frozenset[Identity] | None) -> int:
        """How many grants of these identities; None: of all.

        Args:
            only: the identities.
        """
        return sum(count for identity, count in self.identities.items() if only is None or identity in only)
