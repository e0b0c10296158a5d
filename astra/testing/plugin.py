"""The pytest plugin of the SDK: fixtures for tests of programs that use it."""

from __future__ import annotations
