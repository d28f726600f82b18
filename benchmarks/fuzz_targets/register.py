"""What comes to the register from outside: bodies of the interface, suppliers' files, lists of thefts, inventories."""

import contextlib
import json
from collections.abc import Callable, Iterator
from typing import Any

from benchmarks.fuzz_targets.files import in_memory
from benchmarks.fuzz_targets.target import Target

__all__ = ["TARGETS"]

_TABLES = ("registry.services", "registry.errors")
_KITS = (
    b"supplier;batch;kit_code;kit_pin;signature;emission_nm;best_before;marks\n"
    b"Lab;B1;SDNA-4K7Q-2M9X;1234;ACGTACGTACGTACGTACGTACGT;612;2030-01-01;20\n"
    b"Lab;B1;SDNA-4K7Q-2M9Y;1234;;612;;\n"
)
_SUPPLIERS = (
    b"supplier;code_pattern;forward_primer;reverse_primer;emission_nm;phone;email\n"
    b"Lab;SDNA-[A-Z0-9]{4}-[A-Z0-9]{4};ACGTACGTACGTACGT;ACGTACGTACGTACGT;612;08-123;a@b.example\n"
)
_INVENTORY = (
    "Inventarienummer;Benämning;Serienummer;Inköpsdatum;Inköpspris;Anmärkning\n"
    '1;Cykel;saknas;23/11 2009;26 501,00 kr;"=1+1"\n2; Skärm ;;2009-11-23;1.000,50;"två\nrader"\n'
)
_THEFTS = b"nr,day,what,worth\n2026-1,2026-01-02,BI,100\n2026-2,,,\n"
_MAPPING = (
    b'delimiter = ","\nencoding = "auto"\ndate_formats = ["%Y-%m-%d"]\n[columns]\npolice_number = "nr"\n'
    b'occurred_on = "day"\ncolour = "what"\nvalue = "worth"\n[words.colour]\nB = "blue"\n[letters]\ncolour = 1\n'
    b'[constants]\ngoods = "Bicycle"\n'
)


def _bodies() -> Callable[[bytes], None]:
    """Bodies of requests; the first byte chooses the shape."""
    from registry.api.problems import InvalidBody  # noqa: PLC0415
    from registry.api.shapes import ReadingBody  # noqa: PLC0415
    from registry.api.station_shapes import AttachmentBody, EnrolmentBody, EnvelopeBody, MessageBody  # noqa: PLC0415
    from registry.api.strict_json import parse  # noqa: PLC0415

    shapes = (ReadingBody, EnvelopeBody, MessageBody, AttachmentBody, EnrolmentBody)

    def feed(data: bytes) -> None:
        shape: Any = shapes[data[0] % len(shapes)] if data else ReadingBody
        try:
            parse(data[1:], shape)
        except InvalidBody as refused:
            str(refused)

    return feed


def _body_seeds() -> list[bytes]:
    observations = [
        {"kind": "uv", "glow": True, "peak_nm": 612, "intensity": 700},
        {"kind": "dot", "text": "ENX?O", "quality": "IIH!I"},
        {"kind": "dna", "bases": "ACGTN", "quality": ""},
        {"kind": "number", "symbology": "QR", "text": "HTTPS://M.EXAMPLE/7K"},
    ]
    reader = {"maker": "M", "model": "U", "serial_number": "S", "firmware": "1"}
    reading = {"case_number": "5000-K1-26", "reading_id": "R-1", "reader": reader, "raw": "QUJD", "purpose": ""}
    reading |= {"read_at": "2026-11-22T15:04:05.123Z", "observations": observations}
    envelope = {"segment": "ab" * 16, "sequence": 1, "previous": "00" * 32, "sealed": "QUJD"}
    message = {"kind": "reading", "body": reading}
    attachment = {
        "case_number": "5000-K1-26",
        "reading_key": f"{'ab' * 16}:1",
        "reading_id": "R-1",
        "seized_item": "2:1",
    }
    enrolment = {"code": "7KQM-2RXW-93FD-HTPB", "public_key": "A" * 43 + "="}
    bodies = (reading, envelope, message, attachment, enrolment)
    return [bytes([number]) + json.dumps(body).encode() for number, body in enumerate(bodies)]


class _Undone(Exception):
    """Thrown to leave nothing of an import in the register."""


def _imports() -> Callable[[bytes], None]:
    """Files taken into a real register, whose transaction is then undone; the first byte chooses the importer."""
    from registry.demo.register import MUNICIPALITY, Register  # noqa: PLC0415
    from registry.errors import RegistryError  # noqa: PLC0415
    from registry.models.accounts import OrganisationKind  # noqa: PLC0415
    from registry.services import accounts, equipment_import, kit_deliveries, suppliers, theft_lists  # noqa: PLC0415
    from registry.services.actor import OPERATOR  # noqa: PLC0415
    from registry.services.tables.source import Source  # noqa: PLC0415
    from registry.services.theft_mapping import TheftMapping  # noqa: PLC0415

    register = Register(in_memory(), 1)
    with register.work() as session:
        suppliers.import_file(session, OPERATOR, Source.of_bytes("suppliers.csv", _SUPPLIERS))
        organisation = accounts.organisation_named(session, OPERATOR, MUNICIPALITY, OrganisationKind.MUNICIPALITY)
    mapping = TheftMapping(
        columns={"police_number": "nr", "occurred_on": "day", "goods": "what", "value": "worth"},
        words={"goods": {"BI": "Bicycle"}},
    )

    @contextlib.contextmanager
    def undone() -> Iterator[Any]:
        with contextlib.suppress(_Undone, RegistryError), register.work() as session:
            yield session
            raise _Undone

    def feed(data: bytes) -> None:
        source = Source.of_bytes("given.csv", data[1:])
        with undone() as session:
            match data[0] % 4 if data else 0:
                case 0:
                    kit_deliveries.import_file(session, OPERATOR, source)
                case 1:
                    suppliers.import_file(session, OPERATOR, source)
                case 2:
                    equipment_import.import_file(session, OPERATOR, source, organisation)
                case _:
                    theft_lists.import_file(session, OPERATOR, source, organisation, mapping)

    return feed


def _import_seeds() -> list[bytes]:
    return [
        b"\0" + _KITS,
        b"\1" + _SUPPLIERS,
        b"\2" + _INVENTORY.encode(),
        b"\2" + _INVENTORY.encode("cp1252"),
        b"\3" + _THEFTS,
    ]


def _manifests() -> Callable[[bytes], None]:
    """A delivery manifest or a file of suppliers read by themselves, without a register."""
    from registry.errors import RefusedFile  # noqa: PLC0415
    from registry.services.kit_files import marks_in, primers_in  # noqa: PLC0415
    from registry.services.tables.source import Source  # noqa: PLC0415

    def feed(data: bytes) -> None:
        source = Source.of_bytes("given.csv", data)
        for read in (marks_in, primers_in):
            try:
                read(source)
            except RefusedFile as refused:
                for row in refused.values["rows"]:
                    row.explain(str)

    return feed


def _mappings() -> Callable[[bytes], None]:
    """How a foreign list is read (TOML); if it is a mapping, a list is read with it."""
    from registry.errors import InvalidInput, RefusedFile  # noqa: PLC0415
    from registry.services import theft_lists  # noqa: PLC0415
    from registry.services.tables.remarks import Remarks  # noqa: PLC0415
    from registry.services.tables.source import Source, no_progress  # noqa: PLC0415
    from registry.services.theft_mapping import read_mapping  # noqa: PLC0415

    file = in_memory() / "mapping.toml"
    source = Source.of_bytes("thefts.csv", _THEFTS)

    def feed(data: bytes) -> None:
        file.write_bytes(data)
        with contextlib.suppress(InvalidInput, RefusedFile):
            mapping = read_mapping(file)
            mapping.check()
            theft_lists._read(source, mapping, Remarks(), Remarks(), no_progress)  # noqa: SLF001 - what needs no register

    return feed


TARGETS: dict[str, Target] = {
    "bodies of requests": Target(
        _bodies,
        _body_seeds,
        ("registry.api",),
        (
            '\\"kind\\":',
            '\\"dna\\"',
            '\\"bases\\":',
            '\\"raw\\":',
            "1e999",
            "NaN",
            "[[[[[[",
            '\\"\\\\uD800\\"',
            "\\\\u0000",
        ),
    ),
    "kit manifests and files of suppliers": Target(
        _manifests, lambda: [_KITS, _SUPPLIERS], _TABLES, (";", "kit_code", "signature", "forward_primer", '\\"')
    ),
    "imports into a register": Target(
        _imports,
        _import_seeds,
        _TABLES,
        (
            ";",
            '\\"',
            "Inventarienummer",
            "kit_code",
            "code_pattern",
            "{1,9}",
            "[A-Z]",
            "2030-01-01",
            "\\xE5",
            "\\xC3\\xA5",
        ),
    ),
    "mappings of lists of thefts (TOML)": Target(
        _mappings,
        lambda: [_MAPPING],
        (*_TABLES, "tomllib"),
        ("[columns]", "[words.colour]", "[letters]", "date_formats = ", "%Y", "encoding = ", "delimiter = "),
    ),
}
