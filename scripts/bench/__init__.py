"""Benchmarks and stress runs that a reader can repeat; the tests run some of them with smaller numbers."""
