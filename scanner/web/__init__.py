"""The station as a page for the browser of the same machine."""
