"""Fixtures for every room."""

from __future__ import annotations

pytest_plugins = ["tests.services"]
