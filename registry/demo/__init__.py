"""A small invented town, and the whole register running on this machine with a virtual reader."""
