"""How what was taken away comes back: a manifest, what exists now, and the steps in between."""
