"""Who acts: an account with its roles, a station, or the operator at the command line."""

from dataclasses import dataclass
from functools import cached_property

from registry.errors import NotPermitted
from registry.models.accounts import Role

__all__ = ["OPERATOR", "PUBLIC", "Actor", "Role"]


@dataclass(frozen=True)
class Actor:
    """Somebody or something that asks a service to act.

    ``roles`` pairs each role with the organisation it holds in (None for residents and administrators).
    """

    label: str
    """How the audit log names the actor: ``account:17``, ``station:3``, ``operator`` or ``public``."""
    account_id: int | None = None
    owner_id: int | None = None
    station_id: int | None = None
    roles: frozenset[tuple[Role, int | None]] = frozenset()

    @cached_property
    def role_names(self) -> frozenset[Role]:
        """The roles, wherever they hold."""
        return frozenset(role for role, _ in self.roles)

    def organisation_as(self, role: Role, act: str) -> int:
        """The organisation in which the actor has ``role``; raises NotPermitted naming ``act`` when in none."""
        for held, organisation_id in sorted(self.roles, key=lambda pair: pair[1] or 0):
            if held is role and organisation_id is not None:
                return organisation_id
        raise NotPermitted(act=act)

    def own_owner(self, act: str) -> int:
        """The owner record of a resident; raises NotPermitted for an account without one."""
        if self.owner_id is None:
            raise NotPermitted(act=act)
        return self.owner_id

    def own_account(self, act: str) -> int:
        """The account that acts; raises NotPermitted for a station or the public."""
        if self.account_id is None:
            raise NotPermitted(act=act)
        return self.account_id


PUBLIC = Actor(label="public")
OPERATOR = Actor(label="operator")
