"""The first calls to Astra's own sandbox: which guesses of the spec are right, and what the wrong ones are called.

`astra first-contact` makes them. What decides is pure: `pairing` lays an answer beside the spec, `judge` says what it
settles, `paging` and `complaints` read what lists and refusals show.
"""
