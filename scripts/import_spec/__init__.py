"""Take in Astra's own OpenAPI document, or its per-endpoint fragments: overlay it, and judge our guesses by it."""
