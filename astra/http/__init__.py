"""The way of one call: authorization, retries, request-id capture, error mapping.

`calls` holds the values of a call, `retry` and `answers` decide without I/O, `wire` speaks HTTP, and `pipeline`
joins them. The async files are the source; `_sync` is derived from them.
"""
