"""Mutation testing of the modules that decide: each small change of one must fail its test module."""
