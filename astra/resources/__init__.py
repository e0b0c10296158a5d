"""One file for each resource of Astra's API reference. Thin: arguments in, one call, a typed result out."""
