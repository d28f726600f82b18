"""The whole errand of the register, step by step, each step checked: what ``markdna demo --once`` prints.

Nothing here is shown that was not done: kits come through the importer, the account's confirmation through a mailed
message, readings through a virtual reader, a serial line, a station and the server, all processes of their own.
"""

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from email import message_from_bytes
from email.policy import SMTP
from pathlib import Path

from labels.language import Language
from registry import clock
from registry.demo.programs import Program, Programs
from registry.demo.register import MUNICIPALITY, Register
from registry.demo.town import PASSWORD, RESIDENTS, Resident, Town
from registry.errors import RegistryError
from registry.models.accounts import OrganisationKind, Role
from registry.services import (
    accounts,
    audit,
    case_readings,
    cases,
    equipment_import,
    handovers,
    items,
    kits,
    mail,
    markings,
    owners,
    registration,
    reveals,
    seizures,
    sessions,
    stickers,
    thefts,
)
from registry.services.actor import OPERATOR, PUBLIC, Actor
from registry.services.case_readings import ReadingLine
from registry.services.items import Category, ItemText
from registry.services.tables.source import Source

__all__ = ["CASE_NUMBER", "MANAGER", "OFFICER", "Errand", "Step", "StepFailed"]

CASE_NUMBER = "5000-K123456-26"
THEFT_NUMBER = "5000-K118202-26"
OFFICER = ("alva@polisen.example", "Alva Nordin")
MANAGER = ("mats@exempelby.example", "Mats Lindgren")
_NOBODYS_ADDRESS = "127.0.0.1"
_DELIVERY_SECONDS = 300.0


class StepFailed(RegistryError):
    """A step of the errand did not come out as it must, e.g. no reading arrived within a minute."""

    template = "{step}: {what}."


@dataclass(frozen=True, slots=True)
class Step:
    """One step: its name and what to do; it returns what came out, in words."""

    name: str
    do: Callable[[], str]


class Errand:
    """The errand on a new register in ``register.folder``; papers go to ``out``."""

    def __init__(self, register: Register, town: Town, out: Path) -> None:
        self.register = register
        self.town = town
        self.out = out
        self.karin: Actor = PUBLIC
        self.officer: Actor = PUBLIC
        self.bicycle = 0
        self.case_id = 0
        self.seized_item = 0

    def steps(self) -> Iterator[Step]:
        """All steps in order; each relies on those before it."""
        yield Step("Kits imported", self.import_deliveries)
        yield Step("Account created and confirmed", self.create_account)
        yield Step("Kit activated", self.activate_kit)
        yield Step("Item registered", self.register_item)
        yield Step("Stickers printed", self.print_stickers)
        yield Step("Theft reported", self.report_theft)
        yield Step("Equipment imported", self.import_equipment)
        yield Step("Case opened", self.open_case)
        yield Step("Frames read", self.read_frames)
        yield Step("Identified", self.check_identification)
        yield Step("Owner revealed", self.reveal_owner)
        yield Step("Handed over", self.hand_over)
        yield Step("Audit log verified", self.verify_log)

    def import_deliveries(self) -> str:
        """Take the suppliers and the delivery of kits; the same file again changes nothing."""
        folder = self.register.folder
        suppliers = self.register.import_suppliers(self.town.write_suppliers(folder))
        delivery = self.town.write_kits(folder)
        taken, again = self.register.import_kits(delivery), self.register.import_kits(delivery)
        _expect(
            "Kits imported", taken.taken == len(self.town.kits) and again.taken == 0, "not every kit was taken once"
        )
        return f"{suppliers.taken} suppliers, {taken.taken} kits; the same file again: {again.taken} new"

    def create_account(self) -> str:
        """The first resident signs up and follows the link in the mail."""
        self.karin = self.resident(RESIDENTS[0])
        return f"{RESIDENTS[0].email}, confirmed through a mailed link"

    def activate_kit(self) -> str:
        """The resident types the kit's code and PIN; a wrong PIN is refused first."""
        kit = self.town.kit_of(0, 0)
        wrong = "0" * len(kit.pin)
        try:
            with self.register.work() as session:
                kits.activate(session, self.karin, kit.code, wrong, _NOBODYS_ADDRESS)
        except RegistryError:
            refused = True
        else:
            refused = False
        _expect("Kit activated", refused, "a wrong PIN was taken")
        with self.register.work() as session:
            kits.activate(session, self.karin, kit.code.lower(), kit.pin, _NOBODYS_ADDRESS)
        return f"{kit.code} belongs to its owner; a wrong PIN was refused"

    def register_item(self) -> str:
        """The resident writes down the bicycle and where it is marked."""
        self.bicycle = self.add_thing(self.karin, RESIDENTS[0], 0)
        thing = RESIDENTS[0].things[0]
        return f"{thing.name}, {thing.maker} {thing.model}, {len(thing.mark_points)} mark points"

    def print_stickers(self) -> str:
        """A sheet that starts at the fourth place of a part-used one."""
        with self.register.work() as session:
            wish = stickers.Print(stock="L7160", start=4, copies=3, language=Language.SWEDISH)
            sheet = stickers.print_sheet(session, self.karin, [self.bicycle], wish)
            number = stickers.of_item(session, self.karin, self.bicycle)
        file = self.out / "stickers.pdf"
        file.write_bytes(sheet.pdf)
        _expect("Stickers printed", sheet.stickers == 3 and sheet.pdf.startswith(b"%PDF"), "not three stickers")
        return f"{sheet.stickers} on {sheet.pages} sheet, number {number} → {file}"

    def report_theft(self) -> str:
        """The resident reports the bicycle with the police's number; the sticker then says so to a buyer."""
        yesterday = clock.now().date() - timedelta(days=1)
        with self.register.work() as session:
            theft = thefts.Theft(THEFT_NUMBER, occurred_on=yesterday, place="Exempelby resecentrum")
            thefts.report(session, self.karin, [self.bicycle], theft)
        with self.register.work() as session:
            number = stickers.of_item(session, self.karin, self.bicycle)
            told = stickers.is_reported_stolen(session, number, _NOBODYS_ADDRESS)
        _expect("Theft reported", told, "the sticker's page does not tell")
        return f"{THEFT_NUMBER}; the sticker's page tells a buyer"

    def import_equipment(self) -> str:
        """The municipality's inventory as it was exported."""
        self.register.staff(*MANAGER, Role.ASSET_MANAGER, PASSWORD)
        source = Source.of_file(self.town.write_equipment(self.register.folder))
        with self.register.work() as session:
            kind = OrganisationKind.MUNICIPALITY
            organisation = accounts.organisation_named(session, OPERATOR, MUNICIPALITY, kind)
            result = equipment_import.import_file(session, OPERATOR, source, organisation)
        _expect("Equipment imported", result.taken > 0, "no row was taken")
        return (
            f"{result.taken} of {result.rows} rows taken, {result.mended} cells mended, {result.refused} rows refused"
        )

    def open_case(self) -> str:
        """An officer opens a case and adds what was seized."""
        self.officer = self.register.staff(*OFFICER, Role.OFFICER, PASSWORD)
        with self.register.work() as session:
            self.case_id = cases.open_case(session, self.officer, CASE_NUMBER, "Spåra det beslagtagna godsets ägare")
            seizure = seizures.add(session, self.officer, self.case_id, "Garage, Industrigatan 4", clock.now())
            goods = ("Cykel, grön, utan lås", "Gitarr i fodral", "Låda med okända delar")
            numbers = [
                seizures.add_item(session, self.officer, self.case_id, seizure, text, "Hylla B2") for text in goods
            ]
        self.seized_item = numbers[0]
        return f"{CASE_NUMBER}, {len(numbers)} seized items"

    def read_frames(self) -> str:
        """The virtual reader's frames through a serial line and a station to the server."""
        reads = self.town.write_seized(self.register.folder)
        expected = len(reads.read_text(encoding="utf-8").splitlines()) - 1
        with Programs(self.register.folder, self.register.environment) as programs:
            programs.serve(self.register.url)
            line = self.start_reader(programs, reads, "--exit-when-done")
            station = self.start_station(programs, line, "--once", str(expected))
            ended = station.wait(_DELIVERY_SECONDS)
        readings = self.readings()
        _expect("Frames read", ended == 0 and len(readings) == expected, f"{len(readings)} of {expected} arrived")
        raw = sum(len(reading.raw) for reading in readings)
        return f"{len(readings)} readings, {raw} bytes over a pseudo-terminal"

    def check_identification(self) -> str:
        """The damaged dot of the bicycle leads to its kit, and nothing else to a wrong one."""
        verdicts = {reading.number: reading for reading in self.readings()}
        bicycle = verdicts["S-0001"]
        kit = self.town.kit_of(0, 0)
        right = bicycle.verdict == "identified" and bicycle.candidates[0].kit_code == kit.code
        _expect("Identified", right and bicycle.candidates[0].grade >= handovers.LEAST_GRADE, "not the bicycle's kit")
        read = next(seen.text for seen in bicycle.observed if seen.text)
        others = ", ".join(
            f"{reading.number} {reading.verdict}" for reading in verdicts.values() if reading is not bicycle
        )
        return f"{read} → {kit.code}, grade {bicycle.candidates[0].grade:+d} of +4; {others}"

    def reveal_owner(self) -> str:
        """The second step, with a reason, logged before the answer."""
        reading = self.reading("S-0001")
        kit_id = reading.candidates[0].kit_id
        with self.register.work() as session:
            case_readings.attach(session, self.officer, self.case_id, reading.id, self.seized_item)
            reason = "Den stulna cykeln ska tillbaka till sin ägare"
            revealed = reveals.reveal(session, self.officer, self.case_id, reading.id, kit_id, reason)
        _expect("Owner revealed", revealed.contact.name == RESIDENTS[0].name, "another owner")
        return f"{revealed.contact.name}, {revealed.contact.phone}; reason logged"

    def hand_over(self) -> str:
        """The item goes back, once, with a receipt."""
        with self.register.work() as session:
            ground = handovers.grounds(session, self.case_id, self.seized_item)[0]
            handovers.hand_over(
                session,
                self.officer,
                self.case_id,
                self.seized_item,
                ground_key=ground.key,
                identity_checked="Körkort",
            )
            name, pdf = handovers.receipt(session, self.officer, self.case_id, self.seized_item, Language.SWEDISH)
        file = self.out / f"receipt-{name}"
        file.write_bytes(pdf)
        _expect("Handed over", pdf.startswith(b"%PDF"), "the receipt is no PDF")
        return f"receipt {name.removesuffix('.pdf')} → {file}"

    def verify_log(self) -> str:
        """The whole chain of the log, from its first event."""
        with self.register.work() as session:
            found = audit.verify(session)
        _expect("Audit log verified", found.broken_at is None, found.problem)
        return f"{found.events} events, head {found.head[:16]}…"

    def resident(self, person: Resident) -> Actor:
        """Sign a resident up as the pages do: form, mail, link, contact data."""
        new = registration.NewResident(person.email, person.name, PASSWORD)
        with self.register.work() as session:
            proof = registration.register(session, PUBLIC, new, _NOBODYS_ADDRESS)
        mail.send_waiting(self.register.database)
        token = self._mailed_token(person.email)
        with self.register.work() as session:
            browser = sessions.resume(session, registration.confirm(session, PUBLIC, token, proof=proof))
            _expect("Account created and confirmed", browser is not None, f"{person.email} is not signed in")
            actor = browser.actor if browser else PUBLIC
            contact = owners.Contact(person.name, person.phone, person.email, person.address)
            owners.change_contact(session, actor, contact)
        return actor

    def mark_another(self, actor: Actor, person: Resident, number: int) -> int:
        """Activate one more kit and mark one more thing with it."""
        kit = self.town.kit_of(RESIDENTS.index(person), number)
        with self.register.work() as session:
            kits.activate(session, actor, kit.code, kit.pin, _NOBODYS_ADDRESS)
        return self.add_thing(actor, person, number)

    def add_thing(self, actor: Actor, person: Resident, number: int) -> int:
        """Write down one of a resident's things, marked with the kit they have activated for it."""
        thing, kit = person.things[number], self.town.kit_of(RESIDENTS.index(person), number)
        with self.register.work() as session:
            text = ItemText(
                name=thing.name,
                category=Category(thing.category),
                maker=thing.maker,
                model=thing.model,
                serial_number=thing.serial_number,
                value_sek=thing.value_sek,
            )
            item_id = items.add(session, actor, text)
            kit_id = next(own.id for own in kits.own(session, actor) if own.code == kit.code)
            markings.mark(session, actor, item_id, kit_id, thing.mark_points, clock.now().date())
        return item_id

    def start_reader(self, programs: Programs, reads: Path, *options: str) -> Path:
        """Start the virtual reader and wait for its line."""
        line = self.register.folder / "reader"
        arguments = ("readers", "simulate", "--reads", str(reads), "--link", str(line), *options)
        reader = programs.start("virtual reader", *arguments)
        until = time.monotonic() + _DELIVERY_SECONDS
        while not line.is_symlink():
            reader.check()
            _expect("Frames read", time.monotonic() < until, "the virtual reader has no line")
            time.sleep(0.05)
        return line

    def start_station(self, programs: Programs, line: Path, *options: str) -> Program:
        """Enrol a station and start it on the reader's line."""
        token = self.register.station("Exempelby, receptionen")
        arguments = ("--port", str(line), "--registry", self.register.url, "--case", CASE_NUMBER)
        journal = ("--journal", str(self.register.folder / "journal"))
        return programs.start(
            "station", "scan", *arguments, *journal, *options, environment={"MARKDNA_STATION_TOKEN": token}
        )

    def readings(self) -> list[ReadingLine]:
        """The case's readings; that they are read is logged."""
        with self.register.work() as session:
            cases.read(session, self.officer, self.case_id)
            return case_readings.of_case(session, self.case_id)

    def reading(self, number: str) -> ReadingLine:
        """One reading by the reader's own number."""
        return next(reading for reading in self.readings() if reading.number == number)

    def _mailed_token(self, email: str) -> str:
        for file in sorted(self.register.mail.glob("*.eml"), reverse=True):
            message = message_from_bytes(file.read_bytes(), policy=SMTP)
            body = message.get_body()
            found = re.search(r"/confirm/([\w-]+)", body.get_content() if body else "")
            if found and email in str(message["To"]):
                return found[1]
        raise StepFailed(step="Account created and confirmed", what=f"no mail to {email}")


def _expect(step: str, came_out: bool, otherwise: str) -> None:  # noqa: FBT001 - reads as a sentence
    if not came_out:
        raise StepFailed(step=step, what=otherwise)
