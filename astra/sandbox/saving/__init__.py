"""How a sandbox is kept in a file: saved bit by bit while it runs, and continued from."""
