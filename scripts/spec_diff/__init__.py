"""Compare two specs: what changed, whether it breaks, and which generated and hand-written code it touches."""
