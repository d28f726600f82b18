"""The registry's commands, one noun a file."""

import click

from registry.commands import accounts, audit, config, db, kits, serve, suppliers

__all__ = ["COMMANDS"]

COMMANDS: tuple[click.Command, ...] = (
    serve.serve,
    db.db,
    suppliers.suppliers,
    kits.kits,
    accounts.accounts,
    audit.audit,
    config.config,
)
