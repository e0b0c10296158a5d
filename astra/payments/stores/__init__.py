"""Where payment records are kept."""
