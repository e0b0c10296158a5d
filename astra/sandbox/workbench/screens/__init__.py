"""The screens of the workbench, a module each: from an address to what its template shows."""
