"""Exempelby, a small invented town: deliveries of kits, residents and their things, equipment, and seized goods.

Everything is invented and made from a seed, so that the demo is the same each time. Codes, primers and shapes follow
``town/suppliers.csv``.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from importlib.resources import files
from pathlib import Path

__all__ = ["PASSWORD", "RESIDENTS", "Resident", "Thing", "Town", "TownKit"]

PASSWORD = "vinter i Exempelby"  # noqa: S105 - the demo's accounts are for everybody who runs it
_KITS = 60
_SIGNATURE_BASES = 64
_FLANK_BASES = 15
_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


@dataclass(frozen=True, slots=True)
class Thing:
    """Something a resident marks."""

    name: str
    category: str
    maker: str
    model: str
    serial_number: str
    value_sek: int
    mark_points: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Resident:
    """A resident who signs in with the demo's password."""

    name: str
    email: str
    phone: str
    address: str
    things: tuple[Thing, ...]


RESIDENTS: tuple[Resident, ...] = (
    Resident(
        "Karin Åkerlund",
        "karin@exempelby.example",
        "070-000 10 01",
        "Storgatan 12, 999 01 Exempelby",
        (
            Thing("Cykel", "bicycle", "Crescent", "Elda 7", "CRE4417K902", 8900, ("Sadelrör", "Styrlager", "Vevparti")),
            Thing("Båtmotor", "boat", "Yamaha", "F6", "6BX1042217", 17500, ("Kåpans insida", "Fäste", "Rigg")),
            Thing("Symaskin", "other", "Husqvarna", "Opal 650", "HV77120934", 9200, ("Bottenplåt", "Handhjul", "Fot")),
        ),
    ),
    Resident(
        "Erik Öberg",
        "erik@exempelby.example",
        "070-000 10 02",
        "Kvarnvägen 3, 999 02 Exempelby",
        (
            Thing("Gitarr", "instrument", "Levin", "LT 16", "512883", 14000, ("Halsfäste", "Stämskruv", "Ljudhål")),
            Thing("Motorsåg", "tool", "Husqvarna", "550 XP", "20231700412", 7400, ("Svärdfäste", "Kåpa", "Handtag")),
        ),
    ),
    Resident(
        "Samira Haddad",
        "samira@exempelby.example",
        "070-000 10 03",
        "Björkstigen 8, 999 03 Exempelby",
        (
            Thing("Bärbar dator", "electronics", "Lenovo", "T14", "PF3X91QA", 15900, ("Gångjärn", "Batterilucka")),
            Thing("Kamera", "electronics", "Canon", "EOS R6", "043021001177", 26000, ("Batterilucka", "Blixtsko")),
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class TownKit:
    """A kit as its supplier delivers it."""

    supplier: str
    batch: str
    code: str
    pin: str
    signature: str
    emission_nm: int
    best_before: date
    marks: int


class Town:
    """The town's deliveries and what the virtual reader will see; ``today`` sets the dates."""

    def __init__(self, today: date, seed: int = 1842) -> None:
        self._random = random.Random(seed)  # noqa: S311 - the demo must be the same each time
        self.today = today
        self.kits = tuple(self._kit(number) for number in range(_KITS))

    def write_suppliers(self, folder: Path) -> Path:
        """The suppliers' file."""
        return self._packaged(folder, "suppliers.csv")

    def write_equipment(self, folder: Path) -> Path:
        """An inventory as a municipality exports it, in Windows-1252."""
        return self._packaged(folder, "equipment.csv")

    def write_kits(self, folder: Path) -> Path:
        """The delivery manifest."""
        file = folder / "kits.csv"
        lines = ["supplier;batch;kit_code;kit_pin;signature;emission_nm;best_before;marks"]
        lines += [
            f"{kit.supplier};{kit.batch};{kit.code};{kit.pin};{kit.signature};{kit.emission_nm};{kit.best_before};{kit.marks}"
            for kit in self.kits
        ]
        file.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return file

    def kit_of(self, owner: int, thing: int) -> TownKit:
        """The kit that resident number ``owner`` marks thing number ``thing`` with."""
        before = sum(len(resident.things) for resident in RESIDENTS[:owner])
        return self.kits[before + thing]

    def write_seized(self, folder: Path) -> Path:
        """What the virtual reader sees on seized goods, as a reads file of ``markdna readers simulate``.

        In order: a dot with an unreadable and a mistaken character, a noisy DNA read, a dot of a kit that nobody has
        activated, a dot that no supplier's register here holds, a smear that cannot be read.
        """
        bicycle, guitar = self.kit_of(0, 0), self.kit_of(1, 0)
        unclaimed = self.kits[-1]
        rows = (
            ("S-0001", True, bicycle.emission_nm, _damaged_dot(bicycle.code), ""),
            ("S-0002", True, guitar.emission_nm, "", self._noisy_read(guitar)),
            ("S-0003", True, unclaimed.emission_nm, unclaimed.code, ""),
            ("S-0004", True, 590, "EU4410927", ""),
            ("S-0005", False, 0, "??7????", ""),
        )
        file = folder / "seized.csv"
        lines = ["id,glow,peak_nm,dot,bases"]
        lines += [f"{name},{str(glow).lower()},{peak or ''},{dot},{bases}" for name, glow, peak, dot, bases in rows]
        file.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return file

    def _kit(self, number: int) -> TownKit:
        choice = self._random
        nordmark = number % 3 != 2
        letters, digits = "ABCDEFGHJKLMNPRSTUVXYZ", "0123456789"
        code = (
            "".join(choice.choices(letters, k=4) + choice.choices(digits, k=5))
            if nordmark
            else "SPB-" + "".join(choice.choices(_CROCKFORD, k=8))
        )
        return TownKit(
            supplier="Nordmark Forensik" if nordmark else "Spårbar AB",
            batch="NF26-101" if nordmark else "SP26-101",
            code=code,
            pin="".join(choice.choices(digits, k=8)),
            signature="".join(choice.choices("ACGT", k=_SIGNATURE_BASES)),
            emission_nm=612 if nordmark else 545,
            best_before=self.today + timedelta(days=200 + choice.randrange(300)),
            marks=choice.choice((50, 100)),
        )

    def _noisy_read(self, kit: TownKit) -> str:
        forward, reverse = _PRIMERS[kit.supplier]
        strand = forward + kit.signature + reverse
        noisy = "".join(self._noise(base) for base in strand)
        flank = "".join(self._random.choices("ACGT", k=_FLANK_BASES))
        return flank + noisy + flank[::-1]

    def _noise(self, base: str) -> str:
        """One base as a portable sequencer reads it: about one in fifteen is wrong, lost or doubled."""
        chance = self._random.random()
        if chance < 0.03:
            return self._random.choice("ACGT")
        if chance < 0.05:
            return ""
        return base + self._random.choice("ACGT") if chance < 0.07 else base

    def _packaged(self, folder: Path, name: str) -> Path:
        file = folder / name
        file.write_bytes(files("registry.demo").joinpath("town", name).read_bytes())
        return file


# As in town/suppliers.csv.
_PRIMERS: dict[str, tuple[str, str]] = {
    "Nordmark Forensik": ("GTCATGCTAGGACTTCACGA", "CAGTTGACCTAGCATGTCGT"),
    "Spårbar AB": ("ACGGTTCATCGATGCAAGTC", "TTGCAGGACTTACGATCCTG"),
}
_MISTAKEN = {"0": "O", "O": "0", "1": "I", "I": "1", "5": "S", "S": "5", "8": "B", "B": "8", "2": "Z", "Z": "2"}


def _damaged_dot(code: str) -> str:
    """``code`` with its third character unreadable and the first look-alike after it taken for its double."""
    seen = list(code)
    seen[2] = "?"
    places: Sequence[int] = [place for place in range(3, len(seen)) if seen[place] in _MISTAKEN]
    if places:
        seen[places[0]] = _MISTAKEN[seen[places[0]]]
    return "".join(seen)
