"""The programs in the guides run as they stand."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from astra import Astra
from astra.sandbox import Sandbox
from astra.webhooks import Webhooks

GUIDES = Path(__file__).parents[2] / "docs" / "guides"
BODY = b'{"webhook_type": "card_updated", "webhook_id": "w", "user_id": "u", "resource_id": "c"}'


@pytest.mark.parametrize("name", ["webhooks.md", "request-ids.md"])
def test_every_program_of_a_guide_runs(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from tests.webhooks.test_adapters import Receiver, django

    next(django(Receiver()))  # settings, without which Django imports nothing
    programs = re.findall(r"```python\n(.*?)```", (GUIDES / name).read_text(), re.DOTALL)
    assert len(programs) >= 6
    with Sandbox() as sandbox:
        monkeypatch.chdir(tmp_path)
        monkeypatch.setenv("ASTRA_CLIENT_ID", sandbox.client_id)
        monkeypatch.setenv("ASTRA_CLIENT_SECRET", sandbox.client_secret)
        monkeypatch.setenv("ASTRA_BASE_URL", sandbox.url)
        monkeypatch.setenv("ASTRA_REDIRECT_URI", sandbox.redirect_uri)
        monkeypatch.setenv("ASTRA_TOKEN_STORE", "sqlite:///tokens.db")
        astra = Astra.from_env()
        astra.oauth.exchange(sandbox.authorize(user_id=sandbox.users.create().id), key="customer-42")
        signature = Webhooks(sandbox.client_secret).sign(BODY)
        names = {"__name__": "guide", "astra": astra, "body": BODY, "headers": {"Astra-Verification": signature}}
        for program in programs:
            exec(compile(program, name, "exec"), names)
        for client in (astra, names["astra"]):
            assert isinstance(client, Astra)
            client.close()
    shown = capsys.readouterr().out
    if name == "webhooks.md":
        assert "card_updated c" in shown
        assert "200 {} processed" in shown
        assert "refused" not in shown
    else:
        assert re.search(r"^[0-9a-f]{32}$", shown, re.MULTILINE)
