"""A stand-in for Astra that differs from our spec: the sandbox behind a layer that renames, adds and reshapes."""
