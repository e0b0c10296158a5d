"""Recording against Astra's own sandbox, for which a local one stands in here."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

import astra
from tests.cassettes import recorder
from tests.cassettes.checks import leaks
from tests.cassettes.scenarios import scenarios
from tests.cassettes.test_replay import replay
from tests.cassettes.world import build_world, open_sandbox


@pytest.mark.long
def test_what_a_real_user_can_show_is_recorded_and_replays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    with open_sandbox() as sandbox:
        monkeypatch.setenv("ASTRA_CLIENT_ID", sandbox.client_id)
        monkeypatch.setenv("ASTRA_CLIENT_SECRET", sandbox.client_secret)
        monkeypatch.setenv("ASTRA_BASE_URL", sandbox.url)
        monkeypatch.setenv("ASTRA_REDIRECT_URI", sandbox.redirect_uri)
        monkeypatch.setenv("ASTRA_TOKEN_STORE", f"sqlite:///{tmp_path / 'tokens.db'}")
        monkeypatch.setattr(recorder, "ENVIRONMENTS", {"sandbox": SimpleNamespace(api=sandbox.url)})
        with astra.Astra.from_env() as client:
            build_world(sandbox, client)
        recorded, left = recorder.record_real(folder)
    assert len(recorded) >= 60
    assert len(recorded) + len(left) == len(scenarios())
    assert {path.stem for path in folder.iterdir()} == set(recorded)
    for scenario in scenarios():
        path = folder / f"{scenario.name}.yaml"
        if scenario.name in recorded:
            assert recorder.stamped(path)["recorded against"].startswith("Astra's own sandbox, ")
            assert leaks(path.read_text()) == []
            replay(scenario, path)


@pytest.mark.filterwarnings("ignore::astra.AstraMemoryStoreWarning")
def test_production_is_never_recorded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASTRA_CLIENT_ID", "id")
    monkeypatch.setenv("ASTRA_CLIENT_SECRET", "secret")
    monkeypatch.setenv("ASTRA_ENVIRONMENT", "production")
    with pytest.raises(astra.ConfigurationError, match="production"):
        recorder.record_real(tmp_path)
    assert list(tmp_path.iterdir()) == []
