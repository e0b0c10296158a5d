"""How fast the SDK is, beside bare httpx and beside other SDKs, in one run against one static server."""
