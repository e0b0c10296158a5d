"""Grants in an encrypted file: for backup, and for a move from one store to another.

`merging` decides what becomes of each grant of a file, `lines` writes and reads the lines, `exporting` and `importing`
bring them from and to a store. `astra tokens export` and `astra tokens import` are the way in.
"""
