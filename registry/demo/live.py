"""The demo town with everything running, until somebody ends it."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from registry.demo.errand import Errand
from registry.demo.programs import Program, Programs
from registry.demo.town import RESIDENTS

__all__ = ["running", "watch"]

_SECONDS_BETWEEN_READINGS = "12"


@contextmanager
def running(errand: Errand) -> Iterator[list[Program]]:
    """Fill the town, then run server, virtual reader and station while the block lasts."""
    errand.import_deliveries()
    errand.create_account()
    errand.activate_kit()
    errand.register_item()
    errand.print_stickers()
    errand.report_theft()
    for thing in range(1, len(RESIDENTS[0].things)):
        errand.mark_another(errand.karin, RESIDENTS[0], thing)
    for person in RESIDENTS[1:]:
        actor = errand.resident(person)
        for thing in range(len(person.things)):
            errand.mark_another(actor, person, thing)
    errand.import_equipment()
    errand.open_case()
    with Programs(errand.register.folder, errand.register.environment) as programs:
        server = programs.serve(errand.register.url)
        reads = errand.town.write_seized(errand.register.folder)
        line = errand.start_reader(programs, reads, "--interval", _SECONDS_BETWEEN_READINGS, "--loop")
        yield [server, errand.start_station(programs, line)]


def watch(programs: list[Program]) -> None:
    """Wait for ever; raises Unavailable when one of the programs ends by itself."""
    while True:
        for program in programs:
            program.check()
        time.sleep(0.5)
