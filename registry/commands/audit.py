"""``markdna audit``: check and read the log."""

import json

import click

from registry.commands.context import opened_database, say
from registry.services import audit as service
from registry.services.actor import OPERATOR


@click.group()
def audit() -> None:
    """Verify and read the audit log."""


@audit.command()
@click.option("--expect-head", default="", help="Head (hex) that was published earlier; must be in the chain.")
def verify(expect_head: str) -> None:
    """Walk the whole hash chain; exits 1 at the first event that does not fit."""
    with opened_database().transaction(reads_only=True) as session:
        found = service.verify(session, published=expect_head)
    if found.broken_at is not None:
        say("The log is broken: {problem}.", problem=found.problem)
        raise SystemExit(1)
    if expect_head and found.published_at is None:
        say("No event of the log has the hash that was published. Its past was rewritten.")
        raise SystemExit(1)
    say("The log is whole: {events} events, head {head}", events=found.events, head=found.head)


@audit.command()
@click.option("--subject", default="", help="Only events of this subject, such as item:17.")
@click.option("--limit", default=50, type=click.IntRange(1, 10_000), help="How many, newest first.")
def show(subject: str, limit: int) -> None:
    """Print events as JSON lines, newest first; that it was read is logged too."""
    with opened_database().transaction() as session:
        service.record(session, OPERATOR, service.Action.LOG_READ, subject or "log:all")
        events = service.newest(session, limit=limit, subject=subject)
    for event in events:
        click.echo(
            json.dumps(
                {
                    "sequence": event.sequence,
                    "at": event.happened_at.isoformat(),
                    "actor": event.actor,
                    "action": event.action,
                    "subject": event.subject,
                    "case": event.case_number,
                    "reason": event.reason,
                    "details": dict(event.details),
                },
                ensure_ascii=False,
            )
        )
