"""The registry's commands, one noun a file; pyproject.toml names them as entry points."""
