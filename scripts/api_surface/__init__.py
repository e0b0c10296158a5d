"""The public surface of the facade: what users can reach, and whether a change of it breaks them unannounced."""
