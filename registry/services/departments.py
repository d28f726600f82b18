"""Departments and places of an organisation: buildings, and rooms in them."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.models.equipment import Department, Location

__all__ = ["Building", "DepartmentLine", "PlaceBook", "buildings", "departments"]


@dataclass(frozen=True, slots=True)
class DepartmentLine:
    """A department in a list."""

    id: int
    name: str


@dataclass(frozen=True, slots=True)
class Building:
    """A building with its rooms, as (id, name) pairs."""

    id: int
    name: str
    rooms: tuple[tuple[int, str], ...]


def departments(session: Session, organisation_id: int) -> list[DepartmentLine]:
    """The organisation's departments by name."""
    rows = session.execute(
        select(Department.id, Department.name)
        .where(Department.organisation_id == organisation_id)
        .order_by(Department.name)
    )
    return [DepartmentLine(row.id, row.name) for row in rows]


def buildings(session: Session, organisation_id: int) -> list[Building]:
    """The organisation's buildings by name, each with its rooms by name."""
    rows = session.execute(
        select(Location.id, Location.parent_id, Location.name)
        .where(Location.organisation_id == organisation_id)
        .order_by(Location.name)
    ).all()
    rooms: dict[int, list[tuple[int, str]]] = {}
    for row in rows:
        if row.parent_id is not None:
            rooms.setdefault(row.parent_id, []).append((row.id, row.name))
    return [Building(row.id, row.name, tuple(rooms.get(row.id, ()))) for row in rows if row.parent_id is None]


class PlaceBook:
    """Finds departments and places by name and makes those that are new; for one import in one transaction."""

    def __init__(self, session: Session, organisation_id: int) -> None:
        self._session = session
        self._organisation_id = organisation_id
        self._departments = {line.name: line.id for line in departments(session, organisation_id)}
        self._places: dict[tuple[int | None, str], int] = {}
        for building in buildings(session, organisation_id):
            self._places[None, building.name] = building.id
            for room_id, room in building.rooms:
                self._places[building.id, room] = room_id

    def department(self, name: str) -> int | None:
        """The department's id; None for no name."""
        if not name:
            return None
        if name not in self._departments:
            row = Department(organisation_id=self._organisation_id, name=name)
            self._session.add(row)
            self._session.flush()
            self._departments[name] = row.id
        return self._departments[name]

    def place(self, building: str, room: str) -> int | None:
        """The room's id, or the building's when no room is told; None when neither is."""
        if not building:
            return self._place(None, room) if room else None
        building_id = self._place(None, building)
        return self._place(building_id, room) if room else building_id

    def _place(self, parent_id: int | None, name: str) -> int:
        if (parent_id, name) not in self._places:
            row = Location(organisation_id=self._organisation_id, parent_id=parent_id, name=name)
            self._session.add(row)
            self._session.flush()
            self._places[parent_id, name] = row.id
        return self._places[parent_id, name]
