"""The way of one call: authorization, retries, request-id capture, error mapping.

`calls` and `responses` hold the values, `operations` is the seam to the generated code, `retry`, `outcomes` and
`error_mapping` decide without I/O, `transport` speaks HTTP, and `pipeline` joins them. The async files are the source;
`_sync` is derived from them.
"""
