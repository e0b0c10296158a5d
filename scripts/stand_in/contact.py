"""A first contact with a stand-in: one sandbox, one user, one walk."""

from __future__ import annotations

import json
from pathlib import Path

from astra.conformance.target import Means, Target
from astra.conformance.world import World
from astra.first_contact.report import Report, make_report
from astra.first_contact.spec import packed_spec
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


def contact(document: Document, plan: Plan, *, payments: bool = True) -> tuple[Report, set[str]]:
    """Walks along a stand-in; returns what was found out, and what had shown."""
    with Sandbox(seed=plan.seed) as sandbox:
        user = sandbox.users.create(accounts=2)
        for _ in range(2):
            sandbox.cards.create(user.id)
        with standing_in(document, plan, behind=sandbox.url) as stand_in:
            target = Target(
                base=stand_in.url,
                app=sandbox.url,
                client_id=sandbox.client_id,
                client_secret=sandbox.client_secret,
                redirect_uri=sandbox.redirect_uri,
            )
            world = World(target, Means(payments=payments))
            form = {"grant_type": "authorization_code", "code": sandbox.authorize(user_id=user.id)}
            world.keep(world.token(**form, redirect_uri=target.redirect_uri))
            walk = Walk(world, packed_spec(), payments=payments)
            ended = go(walk)
            report = make_report(
                packed_spec(), walk.seen, base=stand_in.url, told=walk.told, left=walk.left, before=None, ended=ended
            )
            return report, set(stand_in.shown)


def try_seed(document: Document, seed: int) -> tuple[Report, Comparison]:
    """Makes contact with the stand-in of a seed."""
    plan = make_plan(document, seed=seed)
    report, shown = contact(document, plan)
    return report, compare(report, plan, shown)
