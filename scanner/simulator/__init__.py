"""The virtual reader: readings from a file, spoken on a pseudo-terminal or a socket, whole or damaged."""
