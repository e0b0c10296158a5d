"""`astra get` and `astra list` read every resource of the facade, and show nothing that is secret."""

from __future__ import annotations

import ast
import json
import re
import signal
import subprocess
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from astra import UserSession
from astra.cli.reading.commands import make_app
from astra.cli.reading.finding import Verb, find_readings
from astra.cli.reading.showing import columns_of, mask
from astra.resources._sync.base import Resource
from tests.cli.conftest import Installation
from tests.cli.processes import ASTRA, clean, here, run, shell

RESOURCES = Path(__file__).resolve().parents[2] / "astra" / "resources" / "_async"


def lines(text: str) -> list[Any]:
    return [json.loads(line) for line in text.splitlines()]


@pytest.mark.parametrize("verb", ["get", "list"])
def test_every_resource_that_has_the_method_has_the_command(verb: Verb) -> None:
    with_it = set()
    for file in RESOURCES.glob("*.py"):
        for node in ast.parse(file.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef) and any(getattr(one, "name", "") == verb for one in node.body):
                with_it.add(file.stem)
    with_it -= {"payments"}  # those are of the idempotency store: astra payments
    renamed = {"routines_reader": "routines"}
    found = {one.attribute for one in find_readings(verb) if one.method == verb}
    assert found == {renamed.get(name, name) for name in with_it}


def test_every_list_within_a_resource_has_a_command_that_says_whose_it_is() -> None:
    inner = {one.name: (one.attribute, one.method, one.ids) for one in find_readings("list") if one.method != "list"}
    assert inner == {
        "phone-number-change-requests": ("profile", "phone_number_change_requests", ()),
        "routine-transfers": ("routines", "transfers", ("routine_id",)),
        "transfer-segments": ("transfers", "segments", ("transfer_id",)),
    }


def test_lists_within_a_resource_are_read(installed: Installation) -> None:
    person = installed.sandbox.users.create()
    user = installed.client.oauth.exchange(installed.sandbox.authorize(user_id=person.id), key="payer")
    source, destination = user.accounts.list(limit=2).to_list()
    routine = user.routines.create(
        type="one-time",
        name="Rent",
        payment_type="ach",
        source_id=source.id,
        destination_id=destination.id,
        amount="20.00",
    )
    user.profile.request_phone_number_update(phone="+15557771235")
    made = user.routines.transfers(routine.id).to_list()
    command = ["list", "routine-transfers", routine.id, "--user", "payer", "--all", "--json"]
    shown = lines(run(*command, **installed.settings).stdout)
    assert [(line["resource"], line["object"]["id"]) for line in shown] == [("routine-transfers", made[0].id)]
    done = run("list", "transfer-segments", made[0].id, "--user", "payer", "--json", **installed.settings)
    assert (done.returncode, done.stderr) == (0, "")
    assert len(lines(done.stdout)) == len(user.transfers.segments(made[0].id).segments) > 0
    asked = ["list", "phone-number-change-requests", "--user", "payer", "--json"]
    done = run(*asked, **installed.settings)
    [request] = lines(done.stdout)
    assert "[hidden]" in request["object"].values()
    assert "5557771235" not in done.stdout
    missing = run("list", "transfer-segments", "nothing", "--user", "payer", **installed.settings)
    assert (missing.returncode, missing.stdout) == (7, "")


class Mandates(Resource):
    def get(self, mandate_id: str, *, version: str | None = None) -> Any:
        """Fetches one mandate.

        Args:
            mandate_id: its id.
            version: which of them.

        Returns:
            It.
        """
        return {"id": mandate_id, "version": version, "pipeline": self._pipeline is not None}


def test_a_new_operation_is_a_command_by_itself(monkeypatch: pytest.MonkeyPatch, installed: Installation) -> None:
    def mandates(session: Any) -> Mandates:
        return Mandates(session._pipeline, owner=session._owner)

    made = cached_property(mandates)
    made.__set_name__(UserSession, "mandates")
    monkeypatch.setattr(UserSession, "mandates", made, raising=False)
    for name, value in installed.settings.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("astra.cli.reading.commands.show_one", lambda item, *_: print(json.dumps(item)))
    asked = ["mandates", "m1", "--version", "2", "--user", "customer-42", "--json"]
    done = CliRunner().invoke(make_app("get", help="x"), asked)
    assert (done.exit_code, json.loads(done.stdout)) == (0, {"id": "m1", "version": "2", "pipeline": True})


def test_an_object_is_read_by_its_id(installed: Installation) -> None:
    account = next(iter(installed.client.user("customer-42").accounts.list()))
    done = run("get", "accounts", account.id, "--user", "customer-42", "--json", **installed.settings)
    assert (done.returncode, done.stderr) == (0, "")
    shown = json.loads(done.stdout)
    assert (shown["version"], shown["resource"], shown["object"]["id"]) == (1, "accounts", account.id)
    table = here("get", "accounts", account.id, "--user", "customer-42", **installed.settings).stdout
    assert f"id                   {account.id}\n" in table


def test_personal_data_is_hidden_until_it_is_asked_for(installed: Installation) -> None:
    profile = ["get", "profile", "--user", "customer-42", "--json"]
    hidden = json.loads(here(*profile, **installed.settings).stdout)["object"]
    assert (hidden["email"], hidden["first_name"], hidden["id"]) == ("[hidden]", "[hidden]", installed.user_id)
    shown = json.loads(here(*profile, "--unmask", **installed.settings).stdout)["object"]
    assert shown["first_name"] == "Edmund"


def test_secrets_are_hidden_all_the_same() -> None:
    found = {"account_number": "123456789", "name": "x", "card": {"card_number": "4000000000000002"}, "email": "a@b.co"}
    assert mask(found, unmask=True) == {
        "account_number": "[hidden]",
        "name": "x",
        "card": {"card_number": "[hidden]"},
        "email": "a@b.co",
    }
    assert mask({"note": "write to a@b.co"}) == {"note": "write to [hidden]"}


def test_a_list_says_that_there_are_more_and_all_of_them_come_as_lines(installed: Installation) -> None:
    options = ["list", "accounts", "--user", "customer-42"]
    first = here(*options, "--limit", "1", **installed.settings)
    assert len(first.stdout.splitlines()) == 2
    assert first.stderr.splitlines()[-1] == "the newest 1; more: --limit, or --all"
    every = here(*options, "--all", "--json", **installed.settings)
    ids = [line["object"]["id"] for line in lines(every.stdout)]
    assert ids == [one.id for one in installed.client.user("customer-42").accounts.list()]
    assert all(line["version"] == 1 and line["resource"] == "accounts" for line in lines(every.stdout))
    assert (len(ids), every.stderr) == (2, "")


def test_an_empty_list_says_where_it_looked(installed: Installation) -> None:
    done = here("list", "transfers", "--user", "customer-42", **installed.settings)
    assert (done.returncode, done.stdout) == (0, "")
    told = f"no transfers: asked {installed.sandbox.url} for the user 'customer-42', of the SQLite file "
    assert told in done.stderr


def test_what_is_the_clients_own_needs_no_user_and_no_store(installed: Installation) -> None:
    settings = {name: value for name, value in installed.settings.items() if name != "ASTRA_TOKEN_STORE"}
    done = here("list", "payment-instruments", "--json", **settings)
    ours = [one.id for one in installed.client.payment_instruments.list()]
    assert [line["object"]["id"] for line in lines(done.stdout)] == ours
    found = here("get", "bins", "400000", "--json", **settings)
    assert (found.returncode, json.loads(found.stdout)["resource"]) == (0, "bins")


@pytest.mark.parametrize(
    ("arguments", "variables", "code", "told"),
    [
        (["get", "accounts", "acc_none", "--user", "customer-42"], {}, 7, "NotFoundError: "),
        (["get", "accounts", "acc_none", "--user", "nobody"], {}, 7, "UnknownUserError: "),
        (["get", "accounts", "acc_none"], {}, 2, "Whose? Pass --user KEY, or --astra-user ID."),
        (["get", "account", "x"], {}, 2, """No such command 'account'. Did you mean "accounts"?"""),
        (["list", "transfers", "--usr", "k"], {}, 2, "Did you mean --user"),
        (["get", "bins", "400000"], {"ASTRA_BASE_URL": "http://127.0.0.1:1"}, 3, "APIConnectionError: "),
        (["get", "bins", "400000"], {"ASTRA_CLIENT_SECRET": "wrong"}, 5, "AuthenticationError: "),
        (["get", "bins", "400000"], {"ASTRA_CLIENT_SECRET": ""}, 2, "ASTRA_CLIENT_SECRET"),
    ],
)
def test_mistakes_are_told(
    installed: Installation, arguments: list[str], variables: dict[str, str], code: int, told: str
) -> None:
    done = here(*arguments, **installed.settings | variables)
    *_, last = done.stderr.splitlines()
    assert last.startswith("error: ")
    assert told in last
    assert (done.returncode, done.stdout) == (code, "")


def test_a_list_that_breaks_off_says_where_it_goes_on(installed: Installation) -> None:
    for _ in range(30):
        installed.sandbox.cards.create(installed.user_id)
    installed.sandbox.faults.add(operation="list_cards", status=400, skip=1)
    every = ["list", "cards", "--user", "customer-42", "--all", "--json"]
    done = here(*every, **installed.settings)
    told, error = done.stderr.splitlines()
    found = re.fullmatch(r"25 were shown before that; the next ones: --cursor (\S+)", told)
    assert found is not None
    assert (done.returncode, error.startswith("error: BadRequestError: ")) == (1, True)
    rest = here(*every, "--cursor", found[1], **installed.settings)
    ids = [line["object"]["id"] for line in lines(done.stdout) + lines(rest.stdout)]
    assert ids == [one.id for one in installed.client.user("customer-42").cards.list()]


def test_ctrl_c_in_a_long_list_says_what_was_shown(installed: Installation) -> None:
    for _ in range(26):
        installed.sandbox.cards.create(installed.user_id)
    installed.sandbox.faults.add(operation="list_cards", hold=60, skip=1)
    command = [*ASTRA, "list", "cards", "--user", "customer-42", "--all", "--json"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=clean(**installed.settings)
    ) as child:
        assert child.stdout is not None
        for _ in range(25):
            child.stdout.readline()
        child.send_signal(signal.SIGINT)
        _, told = child.communicate(timeout=30)
    installed.sandbox.faults.clear()
    assert told.splitlines() == ["25 were shown before that", "error: interrupted"]
    assert child.returncode == 130


def test_a_table_has_the_usual_columns_first() -> None:
    items = [{"mask": "1", "nested": {}, "name": None, "id": "a", "status": "x"}, {"id": "b", "name": "n"}]
    assert columns_of(items) == ["id", "status", "name", "mask"]


def test_a_reader_that_goes_away_sees_no_error(installed: Installation) -> None:
    done = shell("astra list accounts --user customer-42 --all --json | head -1", **installed.settings)
    assert len(lines(done.stdout)) == 1
    assert "error" not in done.stderr
