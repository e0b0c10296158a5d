"""A stand-in that differs with a person who authorizes, and the settings of a client in the environment."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import attrs
import pytest
from typer.testing import CliRunner, Result

from astra.cli.first_contact import app
from astra.first_contact.report import Report, read_report
from astra.sandbox import Sandbox
from scripts.stand_in.compare import Comparison, compare
from scripts.stand_in.contact import a_person, our_document
from scripts.stand_in.plan import Plan, make_plan
from scripts.stand_in.server import StandIn, standing_in


@attrs.frozen
class Place:
    """A stand-in that runs, and the sandbox behind it."""

    sandbox: Sandbox
    stand_in: StandIn

    @property
    def plan(self) -> Plan:
        return self.stand_in.plan

    def sent(self, method: str) -> list[str]:
        """Paths that the sandbox was asked for, but for tokens."""
        found = [one.path for one in self.sandbox.requests if one.method == method]
        return [path for path in found if path != "/v1/oauth/token"]

    def compare(self, report: Report) -> Comparison:
        return compare(report, self.plan, self.stand_in.shown)


@contextlib.contextmanager
def settled(seed: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    """The stand-in of a seed, with a client's settings that lead to it."""
    document = our_document()
    plan = make_plan(document, seed=seed)
    with a_person(seed) as (sandbox, authorize), standing_in(document, plan, behind=sandbox.url) as stand_in:
        monkeypatch.setenv("ASTRA_BASE_URL", stand_in.url)
        monkeypatch.setenv("ASTRA_APP_URL", sandbox.url)
        monkeypatch.setenv("ASTRA_CLIENT_ID", sandbox.client_id)
        monkeypatch.setenv("ASTRA_CLIENT_SECRET", sandbox.client_secret)
        monkeypatch.setenv("ASTRA_REDIRECT_URI", sandbox.redirect_uri)
        monkeypatch.setenv("ASTRA_REFRESH_TOKEN", authorize())
        yield Place(sandbox, stand_in)


def run(folder: Path, *arguments: str, typed: str = "") -> Result:
    """`astra first-contact`, as somebody types it."""
    return CliRunner().invoke(app, ["--folder", str(folder), *arguments], input=typed)


def report_in(folder: Path) -> Report:
    """The report that it wrote."""
    report = read_report((folder / "report.json").read_text(encoding="utf-8"))
    assert report is not None
    return report
