"""Frames of real tag readers on a pseudo-terminal, through station and server, to the things they are registered on."""

import os
import pty
import threading
import time
import tty
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from registry.demo.errand import OFFICER
from registry.demo.programs import Programs, free_port
from registry.demo.register import Register
from registry.demo.town import PASSWORD
from registry.models.accounts import Role
from registry.models.readings import Identification
from registry.services import accounts, cases, items, owners, tag_marks
from registry.services.accounts import NewAccount
from registry.services.actor import OPERATOR
from registry.services.items import Category, ItemText

CASE = "5000-K123456-26"
EM4100 = b"307E4DE5C224"
FDX_B = b"\x02171A9253A34830010000000000\x07\xf8\x03"
FRAMES = {"em4100": (EM4100, "307E4DE5C2", "Motorsåg"), "wl-134a": (FDX_B, "900 250000023921", "Släpvagn")}


@pytest.fixture
def register(tmp_path: Path) -> Register:
    made = Register(tmp_path, free_port())
    officer = made.staff(*OFFICER, Role.OFFICER, PASSWORD)
    with made.work() as session:
        owner_id = owners.create(
            session, OPERATOR, owners.OwnerKind.PERSON, owners.Contact("Karin Åkerlund", "", "karin@exempel.example")
        )
        account = accounts.create(
            session, OPERATOR, NewAccount("karin@exempel.example", "Karin Åkerlund", PASSWORD, owner_id=owner_id)
        )
        accounts.grant(session, OPERATOR, account.id, Role.RESIDENT)
        resident = accounts.actor_of(session, account)
        for _, number, name in FRAMES.values():
            thing = items.add(session, resident, ItemText(name, Category.TOOL))
            tag_marks.register(session, resident, thing, number)
        cases.open_case(session, officer, CASE, "Hitta ägaren till beslagtaget gods")
    return made


@pytest.fixture
def line() -> Iterator[tuple[int, str]]:
    """The reader's end of a pseudo-terminal, and the port that the station opens."""
    near, far = pty.openpty()
    tty.setraw(far)
    yield near, os.ttyname(far)
    os.close(near)
    os.close(far)


@pytest.mark.parametrize("driver", FRAMES)
def test_a_hidden_tag_leads_to_its_thing(register: Register, line: tuple[int, str], driver: str) -> None:
    near, port = line
    frame, number, name = FRAMES[driver]
    done = threading.Event()

    def tag_stays_near() -> None:
        while not done.wait(0.3):
            os.write(near, frame)

    with Programs(register.folder, register.environment) as programs:
        programs.serve(register.url)
        sender = threading.Thread(target=tag_stays_near, daemon=True)
        sender.start()
        station = ("--port", port, "--driver", driver, "--registry", register.url, "--case", CASE, "--once", "1")
        journal = ("--journal", str(register.folder / "journal"))
        token = {"MARKDNA_STATION_TOKEN": register.station("Receptionen"), "MARKDNA_LANGUAGE": "en"}
        program = programs.start("station", "scan", *station, *journal, environment=token)
        assert program.wait(120) == 0
        done.set()
        sender.join()
        until = time.monotonic() + 5
        while name not in program.said() and time.monotonic() < until:
            time.sleep(0.05)
        assert number in program.said()
        assert name in program.said()
    with register.work() as session:
        found = session.scalars(select(Identification)).one()
    assert found.verdict == "identified"
    assert found.told["tags"][0]["item"] == name
    assert "Karin" not in str(found.told)
