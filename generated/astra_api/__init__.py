# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
"""A client library for accessing Astra API"""

from .client import AuthenticatedClient, Client

__all__ = (
    "AuthenticatedClient",
    "Client",
)
