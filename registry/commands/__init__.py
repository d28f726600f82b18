"""The registry's commands, one noun a file."""

import click

from registry.commands import accounts, audit, config, db, demo, equipment, kits, serve, suppliers, thefts

__all__ = ["COMMANDS"]

COMMANDS: tuple[click.Command, ...] = (
    serve.serve,
    demo.demo,
    db.db,
    suppliers.suppliers,
    kits.kits,
    equipment.equipment,
    thefts.thefts,
    accounts.accounts,
    audit.audit,
    config.config,
)
