"""The Python SDK for Astra (astra.finance)."""
