"""Owners: who they are and how to reach them, sealed; opened only for themselves or by a logged reveal."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry import clock
from registry.models.accounts import Organisation
from registry.models.owners import Owner, OwnerKind
from registry.services import audit
from registry.services.actor import Actor
from registry.services.sealing import new_uid, sealer

__all__ = ["Contact", "OwnerKind", "change_contact", "create", "kind_of", "of_organisation", "open_contact"]


@dataclass(frozen=True, slots=True)
class Contact:
    """Who an owner is and how to reach them, in the clear. Never log it, never cache it."""

    name: str
    phone: str = ""
    email: str = ""
    address: str = ""


def create(
    session: Session, actor: Actor, kind: OwnerKind, contact: Contact, *, organisation_id: int | None = None
) -> int:
    """Create an owner and return its id."""
    uid = new_uid()
    seal = sealer(session, "owner", uid)
    owner = Owner(
        uid=uid,
        kind=kind,
        organisation_id=organisation_id,
        data_key_id=seal.data_key_id,
        name_sealed=seal.seal("name", contact.name),
        phone_sealed=seal.seal("phone", contact.phone),
        email_sealed=seal.seal("email", contact.email),
        address_sealed=seal.seal("address", contact.address),
        created_at=clock.now(),
    )
    session.add(owner)
    session.flush()
    audit.record(session, actor, audit.Action.OWNER_CREATED, f"owner:{owner.id}", details={"kind": kind.value})
    return owner.id


def of_organisation(session: Session, actor: Actor, organisation_id: int) -> int:
    """The owner that stands for an organisation, created at the first call."""
    found = session.scalar(select(Owner.id).where(Owner.organisation_id == organisation_id))
    if found is not None:
        return found
    organisation = session.get_one(Organisation, organisation_id)
    contact = Contact(name=organisation.name, phone=organisation.phone, email=organisation.email)
    return create(session, actor, OwnerKind.ORGANISATION, contact, organisation_id=organisation_id)


def open_contact(session: Session, owner_id: int) -> Contact:
    """An owner's contact data in the clear.

    The caller has checked that the reader is the owner, or has logged the reveal in this same transaction.
    """
    owner = session.get_one(Owner, owner_id)
    seal = sealer(session, "owner", owner.uid, owner.data_key_id)
    return Contact(
        name=seal.open("name", owner.name_sealed),
        phone=seal.open("phone", owner.phone_sealed),
        email=seal.open("email", owner.email_sealed),
        address=seal.open("address", owner.address_sealed),
    )


def kind_of(session: Session, owner_id: int) -> OwnerKind:
    """What kind of owner it is."""
    return session.get_one(Owner, owner_id).kind


def change_contact(session: Session, actor: Actor, contact: Contact, *, kind: OwnerKind | None = None) -> None:
    """A resident changes their own contact data, and whether they are a person or a household.

    The log says that it was changed, not what.
    """
    owner = session.get_one(Owner, actor.own_owner("change contact data"))
    seal = sealer(session, "owner", owner.uid, owner.data_key_id)
    owner.name_sealed = seal.seal("name", contact.name)
    owner.phone_sealed = seal.seal("phone", contact.phone)
    owner.email_sealed = seal.seal("email", contact.email)
    owner.address_sealed = seal.seal("address", contact.address)
    owner.kind = kind or owner.kind
    session.flush()
    audit.record(session, actor, audit.Action.OWNER_CHANGED, f"owner:{owner.id}")
