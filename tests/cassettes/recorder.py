"""Records the scenarios, one cassette for each."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import MagicMock

import attrs
import vcr

import astra
from astra.config import ENVIRONMENTS
from astra.pagination._sync.pager import Pager
from astra.sandbox import Sandbox
from astra.testing.vcr import vcr_settings
from scripts.spec_document.fast_yaml import safe_load
from tests.cassettes.scenarios import Scenario, scenarios
from tests.cassettes.world import DATA, MOMENT, PERSON, REDIRECT_URI, SEED, World, build_world, client_of, open_sandbox

SPEC = Path(__file__).parents[2] / "spec" / "astra.yaml"


def record_all(folder: Path = DATA) -> list[str]:
    """Records everything against a local sandbox; returns the names of the cassettes."""
    folder.mkdir(exist_ok=True)
    document = safe_load(SPEC.read_text())
    names = []
    with open_sandbox() as sandbox, client_of(sandbox) as client:
        world = build_world(sandbox, client)
        receiver = sandbox.users.create(status="approved", kyc_type="receive-only")
        client.oauth.exchange(sandbox.authorize(user_id=receiver.id, accounts=0), key="receiver")
        against = f"the local sandbox of astra-finance {astra.__version__}, seed {SEED}, clock at {MOMENT.isoformat()}"
        for scenario in scenarios():
            path = folder / f"{scenario.name}.yaml"
            record(scenario, path, client=client, sandbox=sandbox, world=world)
            stamp(path, scenario, against=against, document=document)
            names.append(scenario.name)
        world.save(folder)
    return names


def record_real(folder: Path = DATA) -> tuple[list[str], list[str]]:
    """Records what can be recorded against the real Astra sandbox, with the settings of the `ASTRA_*` variables.

    The token store has to hold a user's grant under the key "person". What that user lacks (a card, a business user)
    cannot be recorded, and its old cassette stays.

    Returns:
        Names of the recorded cassettes, and of the others with the reason.
    """
    document = safe_load(SPEC.read_text())
    recorded, left = [], []
    with astra.Astra.from_env() as client, tempfile.TemporaryDirectory() as scratch:
        if client.settings.hosts.api != ENVIRONMENTS["sandbox"].api:
            raise astra.ConfigurationError("make record never runs against production; set ASTRA_ENVIRONMENT=sandbox.")
        world = RealWorld(client)
        for scenario in scenarios():
            path = Path(scratch) / f"{scenario.name}.yaml"
            try:
                if scenario.injected:
                    raise LookupError("only a local sandbox fails on request")
                ids = world.look_up(scenario)
                record(scenario, path, client=client, sandbox=None, world=SimpleNamespace(**ids))
            except (LookupError, AssertionError, astra.AstraError) as error:
                left.append(f"{scenario.name}: {error}")
                continue
            if scenario.operation == "exchange_token":
                ids["redirect_uri"] = client.settings.redirect_uri or ""
            against = f"Astra's own sandbox, {date.today().isoformat()}"
            stamp(path, scenario, against=against, document=document, ids=ids)
            shutil.move(path, folder / path.name)
            recorded.append(scenario.name)
    return recorded, left


class Names:
    """Notes which names it is asked for."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def __getattr__(self, name: str) -> str:
        self.names.append(name)
        return name


class RealWorld:
    """The ids of a real user, looked up beforehand, so that its cassette holds its own calls only."""

    def __init__(self, client: astra.Astra) -> None:
        self._client = client

    def look_up(self, scenario: Scenario) -> dict[str, str]:
        """Returns the ids that a scenario uses, and sees to it that no token has to be refreshed on the way.

        Raises:
            LookupError: the user does not have what the scenario needs.
        """
        rehearsal, asked_for = MagicMock(), Names()
        scenario.act(rehearsal, asked_for)
        for call in rehearsal.user.call_args_list:
            self._client.tokens.access_token(call.args[0])
        return {name: self.find(name) for name in dict.fromkeys(asked_for.names)}

    def find(self, name: str) -> str:
        """Looks one id up.

        Raises:
            LookupError: the user has no such thing.
        """
        user = self._client.user(PERSON)
        found: list[Any] = []
        if name == "user":
            return user.profile.get().id
        if name in ("checking", "savings", "spare_account"):
            found = user.accounts.list().to_list()
        elif name in ("card", "other_card", "spare_card"):
            found = user.cards.list().to_list()
        elif name == "routine":
            found = user.routines.list().to_list()
        elif name in ("transfer", "cancellable"):
            found = user.transfers.list().to_list()
        elif name in ("fbo", "operating"):
            found = list(self._client.payment_instruments.list().payment_instruments)
        position = 1 if name in ("savings", "other_card", "operating") else 2 if name.startswith("spare") else 0
        if len(found) <= position:
            raise LookupError(f"the user has nothing to serve as {name}")
        return str(found[position].id)


def record(scenario: Scenario, path: Path, *, client: astra.Astra, sandbox: Sandbox | None, world: Any) -> None:
    """Records one scenario and checks that it ends as it says.

    Raises:
        AssertionError: it ended differently.
    """
    path.unlink(missing_ok=True)
    if scenario.injected and sandbox is not None:
        sandbox.faults.add(operation=scenario.operation, status=scenario.status)
    # A recording that is the same every time says the day of its world.
    on = MOMENT.date() if sandbox is not None else None
    with vcr.VCR(**vcr_settings(on=on)).use_cassette(str(path), record_mode="all"):
        ended: Any = None
        try:
            result = scenario.act(client, world)
            if isinstance(result, Pager):
                result.page()
        except astra.APIError as error:
            ended = error
    expected = (scenario.error or type(None), scenario.status)
    assert (type(ended), getattr(ended, "status_code", None)) == expected, f"{scenario.name} ended with {ended!r}"


def stamp(
    path: Path, scenario: Scenario, *, against: str, document: dict[str, Any], ids: dict[str, str] | None = None
) -> None:
    """Writes down what a cassette was recorded against, which version of the operation it shows, and its own ids."""
    head = (
        f"# recorded against: {against}\n"
        f"# operation: {scenario.operation}, {scenario.outcome}{' (injected)' if scenario.injected else ''}\n"
        f"# spec digest: {spec_digest(document, scenario.operation)}\n"
    )
    if ids is not None:
        head += f"# ids: {json.dumps(ids)}\n"
    path.write_text(head + path.read_text())


def stamped(path: Path) -> dict[str, str]:
    """Reads what `stamp` wrote."""
    lines = path.read_text().splitlines()[:4]
    return dict(line.removeprefix("# ").split(": ", 1) for line in lines if line.startswith("# "))


def replay_inputs(path: Path) -> tuple[World, str]:
    """Returns the ids and the redirect URI that a cassette was recorded with."""
    own: dict[str, str] = json.loads(stamped(path).get("ids", "{}"))
    redirect_uri = own.pop("redirect_uri", REDIRECT_URI)
    return attrs.evolve(World.load(), **own), redirect_uri


def spec_digest(document: dict[str, Any], operation: str) -> str:
    """Returns a digest of everything that the spec says of an operation, prose left out."""
    for item in document["paths"].values():
        for found in item.values():
            if isinstance(found, dict) and found.get("operationId") == operation:
                resolved = _resolve(found, document, ())
                return hashlib.sha256(json.dumps(resolved, sort_keys=True, default=str).encode()).hexdigest()[:16]
    raise KeyError(operation)


def _resolve(node: Any, document: dict[str, Any], inside: tuple[str, ...]) -> Any:
    if isinstance(node, list):
        return [_resolve(item, document, inside) for item in node]
    if not isinstance(node, dict):
        return node
    reference = node.get("$ref")
    if isinstance(reference, str):
        if reference in inside:
            return reference
        target: Any = document
        for part in reference.removeprefix("#/").split("/"):
            target = target[part]
        return _resolve(target, document, (*inside, reference))
    prose = {"description", "summary", "example", "examples", "x-evidence", "x-guess", "x-assumed"}
    # A property may have one of these names, so only texts and examples go, never schemas.
    return {
        name: _resolve(value, document, inside)
        for name, value in node.items()
        if name not in prose or (isinstance(value, dict) and ("type" in value or "$ref" in value))
    }
