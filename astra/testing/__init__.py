"""Help for tests of programs that use the SDK: fixtures, and the contract of a token store."""
