"""What is known of Astra's behavior, as checks over HTTP that run against any server that says it is Astra.

`python -m astra.conformance` runs them. Nothing of the SDK's facade is used: a client that has a mistake, and a
check that shares it, would agree.
"""

from __future__ import annotations

from astra.conformance.checks import CHECKS
from astra.conformance.outcome import Check, Result
from astra.conformance.run import Report, run
from astra.conformance.target import Means, Target

__all__ = ["CHECKS", "Check", "Means", "Report", "Result", "Target", "run"]
