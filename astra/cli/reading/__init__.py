"""`astra get` and `astra list`: objects of Astra's, read through the facade."""
