"""The registry's commands, one noun a file."""

import click

from registry.commands import accounts, audit, config, db, serve

__all__ = ["COMMANDS"]

COMMANDS: tuple[click.Command, ...] = (serve.serve, db.db, accounts.accounts, audit.audit, config.config)
