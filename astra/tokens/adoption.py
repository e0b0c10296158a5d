"""Who may take the place of a grant that belongs to nobody, because release 0.1.0 did not write down whose it is."""

from __future__ import annotations

import enum

from astra.tokens.grant import Grant


class Decision(enum.Enum):
    """What becomes of a grant that is saved over one of nobody.

    Attributes:
        ADOPT: it takes its place.
        BESIDE: it is saved beside it.
        KEEP: it takes its place, and stays nobody's.
        REFUSE: it is not saved.
    """

    ADOPT = enum.auto()
    BESIDE = enum.auto()
    KEEP = enum.auto()
    REFUSE = enum.auto()


def decide(grant: Grant, *, nobodys: Grant) -> Decision:
    """What to do with a grant that follows one of nobody.

    New tokens that follow from the old ones prove that Astra knows the old ones as this client's. A refusal proves
    nothing: the grant may be another client's. A person who authorizes anew under the same key may be the same one or,
    in a store of two environments, somebody else, whose grant must stay.

    Args:
        grant: what is to be saved.
        nobodys: what is there.
    """
    if grant.state == "dead":
        return Decision.REFUSE
    if grant.access_token == nobodys.access_token:
        return Decision.KEEP
    if grant.generation == nobodys.generation or is_same_person(grant, nobodys):
        return Decision.ADOPT
    return Decision.BESIDE


def is_same_person(grant: Grant, other: Grant) -> bool:
    """Whether two grants are certainly of one Astra user.

    Args:
        grant: one.
        other: the other.
    """
    return grant.astra_user_id is not None and grant.astra_user_id == other.astra_user_id
