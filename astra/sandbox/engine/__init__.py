"""The rules of the local Astra: pure state and decisions, without HTTP and without I/O."""
