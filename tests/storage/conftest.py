"""Every test here that takes `family` runs for each of them."""

from __future__ import annotations

import pytest

from tests.storage.families import FAMILIES, FamilyUnderTest


@pytest.fixture(params=list(FAMILIES))
def family(request: pytest.FixtureRequest) -> FamilyUnderTest:
    """One family of stores."""
    return FAMILIES[request.param]
