"""The workbench of `astra sandbox`: pages that show what happened, and make it happen again. Not part of Astra."""
