"""The press: makes ordered label jobs, also those that a stopped process left, and wipes what expired."""

from registry.database import Database
from registry.services import label_jobs
from registry.services.rounds import Rounds

__all__ = ["LabelPress"]


class LabelPress(Rounds):
    """Makes what waits when it is woken, and looks once a minute by itself."""

    def __init__(self, database: Database) -> None:
        super().__init__(database, "label press", label_jobs.make_waiting)
