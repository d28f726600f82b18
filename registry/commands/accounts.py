"""``markdna accounts``: staff accounts, organisations and stations, from the server's own command line."""

import os
import sys

import click

from registry import clock
from registry.commands.context import opened_database, say
from registry.errors import InvalidInput
from registry.models.accounts import OrganisationKind, Role
from registry.services import access_tokens, stations
from registry.services import accounts as service
from registry.services.actor import OPERATOR

_IN_ORGANISATION = {
    Role.OFFICER: OrganisationKind.POLICE,
    Role.ASSET_MANAGER: OrganisationKind.MUNICIPALITY,
    Role.COORDINATOR: OrganisationKind.MUNICIPALITY,
    Role.SUPPLIER: OrganisationKind.SUPPLIER,
}


@click.group()
def accounts() -> None:
    """Create staff accounts and enrol stations."""


@accounts.command()
@click.option("--email", required=True, help="Address to sign in with.")
@click.option("--name", required=True, help="The person's name.")
@click.option(
    "--role",
    required=True,
    type=click.Choice([role.value for role in Role if role is not Role.RESIDENT]),
    help="What the account is for.",
)
@click.option("--organisation", default="", help="Name of the organisation; created when it is new.")
def create(email: str, name: str, role: str, organisation: str) -> None:
    """Create a staff account; the password comes from MARKDNA_PASSWORD or is asked for."""
    kind = _IN_ORGANISATION.get(Role(role))
    if (kind is None) is bool(organisation):
        allowed = "none for an administrator" if kind is None else f"the name of its organisation ({kind.value})"
        raise InvalidInput(field="organisation", value=repr(organisation), allowed=allowed)
    password = os.environ.get("MARKDNA_PASSWORD") or click.prompt("Password", hide_input=True, confirmation_prompt=True)
    with opened_database().transaction() as session:
        organisation_id = service.organisation_named(session, OPERATOR, organisation, kind) if kind else None
        account = service.create(session, OPERATOR, service.NewAccount(email=email, name=name, password=password))
        account.email_confirmed_at = clock.now()
        service.grant(session, OPERATOR, account.id, Role(role), organisation_id)
    say("Account {email} can sign in as {role}.", email=email, role=role)


@accounts.command()
@click.option("--email", required=True, help="Address of the account.")
def disable(email: str) -> None:
    """Shut an account out; whoever is signed in with it is out at the next click."""
    with opened_database().transaction() as session:
        service.disable(session, OPERATOR, email)
    say("Account {email} is shut out.", email=email)


@accounts.command()
@click.option("--organisation", required=True, help="Name of the police authority; created when it is new.")
@click.option("--name", required=True, help="Name of the station, such as the room it stands in.")
@click.option("--code", "with_code", is_flag=True, help="Print a code for 'markdna station enrol' instead of a token.")
def station(*, organisation: str, name: str, with_code: bool) -> None:
    """Make a place for a reading station and print its token, or a code for it, once, on standard output."""
    with opened_database().transaction() as session:
        organisation_id = service.organisation_named(session, OPERATOR, organisation, OrganisationKind.POLICE)
        make = stations.invite if with_code else stations.enrol
        secret = make(session, OPERATOR, organisation_id, name)
    click.echo(secret)
    if sys.stdout.isatty() and not with_code:
        say("Give it to the station as MARKDNA_STATION_TOKEN or in the file MARKDNA_STATION_TOKEN_FILE names.")


@accounts.command("stations")
def list_stations() -> None:
    """List the stations: number, name, authority, when they were last heard of."""
    with opened_database().transaction(reads_only=True) as session:
        for line in stations.every(session):
            state = (
                "revoked" if line.revoked_at else f"{line.seen_at:%Y-%m-%d %H:%M}Z" if line.seen_at else "never seen"
            )
            click.echo(f"{line.id}\t{line.name}\t{line.organisation}\t{state}")


@accounts.command("revoke-station")
@click.argument("station_id", type=int)
def revoke_station(station_id: int) -> None:
    """Stop the station with this number (see `markdna accounts stations`)."""
    with opened_database().transaction() as session:
        stations.revoke(session, OPERATOR, station_id)
    say("Station {station} is stopped.", station=station_id)


@accounts.command()
@click.option("--email", required=True, help="Address of the account whose rights the program gets.")
@click.option("--name", required=True, help="Name of the program, to revoke its token by.")
@click.option("--days", default=90, show_default=True, help="How long the token works, 1 to 366 days.")
def token(email: str, name: str, days: int) -> None:
    """Print an access token for a program that uses the API for an account, once, on standard output."""
    with opened_database().transaction() as session:
        given = access_tokens.give(session, OPERATOR, email, name, days)
    click.echo(given)


@accounts.command("revoke-token")
@click.option("--email", required=True, help="Address of the account.")
@click.option("--name", required=True, help="Name of the program.")
def revoke_token(email: str, name: str) -> None:
    """Stop the access tokens of a program."""
    with opened_database().transaction() as session:
        count = access_tokens.revoke(session, OPERATOR, email, name)
    say("Stopped tokens: {count}.", count=count)
