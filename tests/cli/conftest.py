"""A local Astra with one user, and the settings of its client as the environment of a command."""

from __future__ import annotations

from collections.abc import Iterator

import attrs
import pytest

from astra import Astra
from astra.sandbox import Sandbox


@attrs.frozen
class Installation:
    """A sandbox, and the environment of a command that uses it."""

    sandbox: Sandbox
    client: Astra
    settings: dict[str, str]
    user_id: str


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """A sandbox whose one user is kept under "customer-42"."""
    store = f"sqlite:///{tmp_path_factory.mktemp('cli')}/tokens.db"
    with (
        Sandbox() as sandbox,
        Astra(
            sandbox.client_id,
            sandbox.client_secret,
            base_url=sandbox.url,
            redirect_uri=sandbox.redirect_uri,
            token_store=store,
        ) as client,
    ):
        person = sandbox.users.create()
        client.oauth.exchange(sandbox.authorize(user_id=person.id), key="customer-42")
        settings = {
            "ASTRA_CLIENT_ID": sandbox.client_id,
            "ASTRA_CLIENT_SECRET": sandbox.client_secret,
            "ASTRA_BASE_URL": sandbox.url,
            "ASTRA_TOKEN_STORE": store,
            "COLUMNS": "200",
        }
        yield Installation(sandbox, client, settings, person.id)
