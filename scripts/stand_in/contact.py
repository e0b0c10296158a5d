"""A first contact with a stand-in: one sandbox, one user, one walk."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import attrs

from astra._spec import packed_spec
from astra.conformance.target import Means, Target
from astra.conformance.world import World, as_text
from astra.first_contact.report import Report, make_report
from astra.first_contact.walk import Walk, go
from astra.sandbox import Sandbox
from scripts.spec_document.load import Document
from scripts.stand_in.compare import Comparison, compare
from scripts.stand_in.plan import Plan, make_plan
from scripts.stand_in.server import standing_in

ROOT = Path(__file__).resolve().parent.parent.parent


def our_document() -> Document:
    """Our spec, as the generated package carries it."""
    document: Document = json.loads((ROOT / "generated" / "astra_api" / "openapi.json").read_bytes())
    return document


def target_at(sandbox: Sandbox, *, base: str) -> Target:
    """The client of a sandbox, at a stand-in before it."""
    return Target(
        base=base,
        app=sandbox.url,
        client_id=sandbox.client_id,
        client_secret=sandbox.client_secret,
        redirect_uri=sandbox.redirect_uri,
    )


@contextlib.contextmanager
def a_person(seed: int) -> Iterator[tuple[Sandbox, Callable[[], str]]]:
    """A sandbox with a person who has two accounts and two cards, and what authorizes: it gives a refresh token."""
    with Sandbox(seed=seed) as sandbox:
        user = sandbox.users.create(accounts=2)
        for _ in range(2):
            sandbox.cards.create(user.id)

        def authorize() -> str:
            world = World(target_at(sandbox, base=sandbox.url), Means())
            form = {"grant_type": "authorization_code", "code": sandbox.authorize(user_id=user.id)}
            return as_text(world.token(**form, redirect_uri=sandbox.redirect_uri), "refresh_token") or ""

        yield sandbox, authorize


def contact(document: Document, plan: Plan, *, payments: bool = True) -> tuple[Report, set[str]]:
    """Walks along a stand-in; returns what was found out, and what had shown."""
    with (
        a_person(plan.seed) as (sandbox, authorize),
        standing_in(document, plan, behind=sandbox.url, is_troubled=True) as stand_in,
    ):
        target = attrs.evolve(target_at(sandbox, base=stand_in.url), refresh_token=authorize())
        walk = Walk(World(target, Means(payments=payments)), packed_spec(), payments=payments)
        ended = go(walk)
        report = make_report(
            packed_spec(), walk.seen, base=stand_in.url, told=walk.told, left=walk.left, before=None, ended=ended
        )
        return report, set(stand_in.shown)


def try_seed(document: Document, seed: int, *, payments: bool = True) -> tuple[Report, Comparison]:
    """Makes contact with the stand-in of a seed."""
    plan = make_plan(document, seed=seed)
    report, shown = contact(document, plan, payments=payments)
    return report, compare(report, plan, shown)
