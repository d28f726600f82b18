import tracemalloc
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import func, select

from registry.errors import Conflict, RefusedFile
from registry.models.audit import AuditEvent
from registry.models.kits import Kit
from registry.services import kit_deliveries, suppliers
from registry.services.actor import OPERATOR
from registry.services.folding import folded_code
from registry.services.kit_deliveries import read_delivery, take
from registry.services.tables.remarks import Reason
from registry.services.tables.source import Source

DATA = Path(__file__).parent.parent / "data"
HEADER = ";".join(kit_deliveries.COLUMNS)
SIGNATURE = "ACGT" * 16
GOOD = f"Nordmark Forensik;NF26-001;ENXB09494;71924865;{SIGNATURE};612;2027-10-26;50"
SECOND = f"Nordmark Forensik;NF26-001;CJSZ87051;08724149;{SIGNATURE[::-1]};612;2027-02-11;100"


def source(*rows: str, name: str = "kits.csv") -> Source:
    return Source.of_bytes(name, "\n".join((HEADER, *rows, "")).encode())


@pytest.fixture
def register(either_database):
    with either_database.transaction() as session:
        suppliers.import_file(session, OPERATOR, Source.of_file(DATA / "suppliers.csv"))
    return either_database


def count(database):
    with database.transaction() as session:
        return session.scalar(select(func.count()).select_from(Kit))


def refused(database, *rows):
    with pytest.raises(RefusedFile) as refusal, database.transaction() as session:
        kit_deliveries.import_file(session, OPERATOR, source(*rows))
    return [(row.line, row.column, row.reason) for row in refusal.value.values["rows"]]


def test_a_delivery_is_taken_once_and_the_same_file_changes_nothing(register, keyring):
    file = Source.of_file(DATA / "kits.csv")
    with register.transaction() as session:
        result = kit_deliveries.import_file(session, OPERATOR, file)
        assert (result.rows, result.taken) == (12, 12)
    with register.transaction() as session:
        again = kit_deliveries.import_file(session, OPERATOR, file)
        assert again.taken == 0
        assert again.imported_before is not None
        kit = session.scalars(select(Kit).where(Kit.code == "ENXB09494")).one()
        assert bytes(kit.pin_hash) == keyring.pin_hash("ENXB09494", "71924865")
        assert kit.code_folded == folded_code("ENXB09494")
        assert (kit.marks, kit.emission_nm, str(kit.best_before), kit.owner_id) == (50, 612, "2027-10-26", None)
        events = session.scalars(select(AuditEvent).where(AuditEvent.action == "kits:imported")).all()
        assert [event.details["taken"] for event in events] == [12]


def test_kits_that_are_there_already_are_left_alone_and_new_ones_added(register):
    with register.transaction() as session:
        kit_deliveries.import_file(session, OPERATOR, source(GOOD))
    with register.transaction() as session:
        result = kit_deliveries.import_file(session, OPERATOR, source(SECOND, GOOD))
    assert (result.taken, result.already) == (1, 1)
    assert count(register) == 2


@pytest.mark.parametrize(
    ("old", "new", "column"),
    [
        ("71924865", "71924866", "kit_pin"),
        ("NF26-001", "NF26-002", "batch"),
        ("612", "613", "emission_nm"),
        ("2027-10-26", "", "best_before"),
        (";50", ";51", "marks"),
        (SIGNATURE, SIGNATURE[1:], "signature"),
    ],
)
def test_a_kit_that_is_there_with_other_content_is_an_error(register, old, new, column):
    with register.transaction() as session:
        kit_deliveries.import_file(session, OPERATOR, source(GOOD))
    with pytest.raises(RefusedFile) as refusal, register.transaction() as session:
        kit_deliveries.import_file(session, OPERATOR, source(GOOD.replace(old, new)))
    (remark,) = refusal.value.values["rows"]
    assert (remark.line, remark.reason, remark.values["columns"]) == (2, Reason.DIFFERS_FROM_REGISTER, column)


@pytest.mark.parametrize(
    ("old", "new", "column", "reason"),
    [
        ("Nordmark Forensik", "Nordmark", "supplier", Reason.UNKNOWN_SUPPLIER),
        ("Nordmark Forensik", "", "supplier", Reason.NEEDED),
        ("NF26-001", "", "batch", Reason.NEEDED),
        ("ENXB09494", "ENX109494", "kit_code", Reason.NOT_OF_THE_FAMILY),
        ("ENXB09494", "enxb09494", "kit_code", Reason.NOT_ALLOWED),
        ("ENXB09494", "ENXB09494 ", "kit_code", Reason.NOT_ALLOWED),
        ("ENXB09494", "", "kit_code", Reason.NOT_ALLOWED),
        ("71924865", "719", "kit_pin", Reason.NOT_ALLOWED),
        ("71924865", "71٩24865", "kit_pin", Reason.NOT_ALLOWED),
        (SIGNATURE, SIGNATURE.lower(), "signature", Reason.NOT_ALLOWED),
        (SIGNATURE, "ACGTN" * 10, "signature", Reason.NOT_ALLOWED),
        (SIGNATURE, "ACGT", "signature", Reason.NOT_ALLOWED),
        (SIGNATURE, "ACGT" * 33, "signature", Reason.NOT_ALLOWED),
        (";612;", ";1200;", "emission_nm", Reason.NOT_A_NUMBER),
        (";612;", ";612,0;", "emission_nm", Reason.NOT_A_NUMBER),
        ("2027-10-26", "26/10 2027", "best_before", Reason.NOT_A_DATE),
        ("2027-10-26", "2027-02-30", "best_before", Reason.NOT_A_DATE),
        (";50", ";0", "marks", Reason.NOT_A_NUMBER),
        (";50", ";", "marks", Reason.NOT_A_NUMBER),
    ],
)
def test_a_bad_cell_is_told_with_line_column_and_reason_and_nothing_is_written(session, old, new, column, reason):
    suppliers.import_file(session, OPERATOR, Source.of_file(DATA / "suppliers.csv"))
    with pytest.raises(RefusedFile) as refusal:
        kit_deliveries.import_file(session, OPERATOR, source(SECOND, GOOD.replace(old, new)))
    found = [(row.line, row.column, row.reason) for row in refusal.value.values["rows"]]
    assert found == [(3, column, reason)]
    assert session.scalar(select(func.count()).select_from(Kit)) == 0


def test_neither_pin_nor_whole_signature_stands_in_a_report(session):
    suppliers.import_file(session, OPERATOR, Source.of_file(DATA / "suppliers.csv"))
    bad = GOOD.replace("71924865", "8391x").replace(SIGNATURE, SIGNATURE + "x")
    with pytest.raises(RefusedFile) as refusal:
        kit_deliveries.import_file(session, OPERATOR, source(bad))
    shown = " ".join(row.value for row in refusal.value.values["rows"])
    assert "8391" not in shown
    assert SIGNATURE[:12] not in shown


def test_codes_and_signatures_stand_once_in_a_file(register):
    twice = SECOND.replace("CJSZ87051", "ENXB09494")
    same_mark = SECOND.replace(SIGNATURE[::-1], SIGNATURE)
    assert refused(register, GOOD, twice, same_mark) == [
        (3, "kit_code", Reason.REPEATED_IN_FILE),
        (4, "signature", Reason.REPEATED_IN_FILE),
    ]
    assert count(register) == 0


def test_suppliers_without_dna_have_many_kits_without_signature(register):
    rows = [f"Datapunkt Norden;DP1;EU000000{n};1234;;;;20" for n in range(3)]
    with register.transaction() as session:
        assert kit_deliveries.import_file(session, OPERATOR, source(*rows)).taken == 3


def test_a_signature_of_another_kit_in_the_register_is_refused(register):
    with register.transaction() as session:
        kit_deliveries.import_file(session, OPERATOR, source(GOOD))
    assert refused(register, GOOD.replace("ENXB09494", "ENXB09495")) == [(2, "signature", Reason.TAKEN_BY_ANOTHER)]


def sibling(signature, edits=3):
    """The signature with some bases replaced."""
    bases = list(signature)
    for number in range(edits):
        place = 9 + 17 * number
        bases[place] = "ACGT"["ACGT".index(bases[place]) - 1]
    return "".join(bases)


def kit(code, signature, batch="NF26-002"):
    return f"Nordmark Forensik;{batch};{code};71924865;{signature};612;2027-10-26;50"


FIRST = "AGACAATTACATAACATACACGTCAGCACGAAACTTGTTGGCCCAGTGTGAATCGCTTAAGGGT"
OTHER = "AGTGTGATGCATACGCCTTTACTTGCTGTGTCCACCCCATCGGACTGGCATTTTTATTACACTC"


def test_a_signature_too_near_another_of_the_register_or_the_file_is_refused_with_distance_and_confusions(register):
    with register.transaction() as session:
        kit_deliveries.import_file(session, OPERATOR, source(kit("ENXB09494", FIRST)))
    turned = sibling(OTHER)[::-1].translate(str.maketrans("ACGT", "TGCA"))
    rows = [kit("KWPD30162", OTHER), kit("CJSZ87051", sibling(FIRST)), kit("QRTV55120", turned)]
    with pytest.raises(RefusedFile) as refusal, register.transaction() as session:
        kit_deliveries.import_file(session, OPERATOR, source(*rows))
    in_register, in_file = refusal.value.values["rows"]
    assert (in_register.line, in_register.column, in_register.reason) == (3, "signature", Reason.NEAR_IN_REGISTER)
    assert (in_file.line, in_file.reason, in_file.values["first"]) == (4, Reason.NEAR_IN_FILE, 2)
    assert (in_file.values["distance"], in_file.values["allowed"], in_file.values["one_in"]) == (3, 16, 307)
    assert in_register.value == f"{sibling(FIRST)[:8]}…"
    assert count(register) == 1
    with register.transaction() as session:
        assert kit_deliveries.import_file(session, OPERATOR, source(rows[0])).taken == 1


def test_a_code_that_reads_the_same_as_another_is_refused(register):
    spaced = "Spårbar AB;SP1;SPB-4K7Q2M9X;1234;;545;;20"
    with register.transaction() as session:
        suppliers.import_file(session, OPERATOR, Source.of_bytes("more.csv", HYPHENS.encode()))
        kit_deliveries.import_file(session, OPERATOR, source(spaced))
    twice = [f"Streck AB;S1;{code};1234;;;;20" for code in ("AB-1234", "A-B1234", "SPB4K7Q2-M9X")]
    assert refused(register, *twice) == [
        (3, "kit_code", Reason.SAME_WITHOUT_SEPARATORS),
        (4, "kit_code", Reason.SAME_AS_REGISTERED),
    ]


HYPHENS = (
    "supplier;code_pattern;forward_primer;reverse_primer;emission_nm;phone;email\n"
    "Streck AB;[A-Z0-9-]{4,16};;;;010-000 04 00;register@streck.example\n"
)


def test_near_codes_are_taken_and_told_once_a_delivery_and_kind(register):
    rows = [f"Datapunkt Norden;DP1;EU{number:07d};1234;;;;20" for number in range(3000)]
    rows.append("Datapunkt Norden;DP2;EU9001500;1234;;;;20")
    with register.transaction() as session:
        result = kit_deliveries.import_file(session, OPERATOR, source(*rows))
        event = session.scalars(select(AuditEvent).where(AuditEvent.action == "kits:imported")).one()
    assert [(one.reason, one.values["batch"], one.values["count"]) for one in result.warnings] == [
        (Reason.NEIGHBOURS_IN_FILE, "DP1", 3000),
        (Reason.NEIGHBOURS_IN_FILE, "DP2", 1),
    ]
    assert result.warnings[0].values["one_in"] == 600
    assert event.details["warnings"] == {"neighbours_in_file": 3001}
    with register.transaction() as session:
        later = kit_deliveries.import_file(session, OPERATOR, source(LATER))
        kept = kit_deliveries.warnings_of_batches(session)
        again = kit_deliveries.import_file(session, OPERATOR, source(*rows))
    assert [one.reason for one in later.warnings] == [Reason.NEIGHBOURS_IN_REGISTER]
    assert {number for _, number in kept} == {"DP1", "DP2", "DP3"}
    assert again.warnings == result.warnings


LATER = "Datapunkt Norden;DP3;EU0003000;1234;;;;20"


def test_codes_that_differ_in_lookalikes_alone_are_told(register):
    rows = [kit(code, "") for code in ("ABCO12345", "ABCQ12345", "KWPD30162")]
    with register.transaction() as session:
        (warning,) = kit_deliveries.import_file(session, OPERATOR, source(*rows)).warnings
    assert (warning.reason, warning.line, warning.values["first"]) == (Reason.TWINS_IN_FILE, 3, 2)
    assert (warning.values["count"], warning.values["one_in"]) == (1, 20)


def test_marks_that_stand_apart_are_taken_without_a_word(register):
    with register.transaction() as session:
        assert kit_deliveries.import_file(session, OPERATOR, Source.of_file(DATA / "kits.csv")).warnings == ()


def test_a_delivery_is_compared_with_kits_that_came_while_it_was_read(register):
    with register.transaction(reads_only=True) as session:
        slow = read_delivery(session, source(kit("CJSZ87051", sibling(FIRST))))
    with register.transaction() as session:
        kit_deliveries.import_file(session, OPERATOR, source(kit("ENXB09494", FIRST)))
    with pytest.raises(Conflict), register.transaction() as session:
        take(session, OPERATOR, slow)
    slow.close()
    assert count(register) == 1


def test_the_first_fifty_bad_rows_are_listed_and_all_are_counted(session):
    suppliers.import_file(session, OPERATOR, Source.of_file(DATA / "suppliers.csv"))
    rows = [GOOD.replace("ENXB09494", f"bad{n}") for n in range(80)]
    with pytest.raises(RefusedFile) as refusal:
        kit_deliveries.import_file(session, OPERATOR, source(*rows))
    assert refusal.value.values["count"] == 80
    assert len(refusal.value.values["rows"]) == 50


def test_a_delivery_that_another_import_overtook_is_refused_whole(register):
    with register.transaction(reads_only=True) as session:
        slow = read_delivery(session, source(SECOND, GOOD))
    with register.transaction() as session:
        kit_deliveries.import_file(session, OPERATOR, source(GOOD, name="fast.csv"))
    with pytest.raises(Conflict), register.transaction() as session:
        take(session, OPERATOR, slow)
    slow.close()
    assert count(register) == 1


def test_memory_stays_flat_however_long_the_file_is(session):
    suppliers.import_file(session, OPERATOR, Source.of_file(DATA / "suppliers.csv"))

    def peak(rows):
        lines = (f"Datapunkt Norden;DP{rows};EU{rows + n:07d};1234;;;;20" for n in range(rows))
        file = source(*lines)
        tracemalloc.start()
        with_delivery = read_delivery(session, file)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        with_delivery.close()
        return most

    short, long = peak(2_000), peak(20_000)
    assert long < short + 2_000_000


LUHN = (
    "supplier;code_pattern;forward_primer;reverse_primer;emission_nm;phone;email;code_check\n"
    "Kontrollmärkt AB;[0-9]{11};;;;010-000 04 00;a@kontroll.example;luhn\n"
)


def numbered(code: str) -> str:
    return f"Kontrollmärkt AB;KM-1;{code};1234;;;;50"


def test_a_code_that_fails_its_familys_check_is_refused_on_its_row_and_one_that_agrees_is_taken(register):
    with register.transaction() as session:
        suppliers.import_file(session, OPERATOR, Source.of_bytes("luhn.csv", LUHN.encode()))
    with pytest.raises(RefusedFile) as refusal, register.transaction() as session:
        kit_deliveries.import_file(session, OPERATOR, source(numbered("79927398713"), numbered("79927398714")))
    (remark,) = refusal.value.values["rows"]
    assert (remark.line, remark.column, remark.value) == (3, "kit_code", "79927398714")
    assert (remark.reason, remark.values) == (Reason.CHECK_FAILS, {"check": "luhn"})
    assert count(register) == 0
    with register.transaction() as session:
        assert kit_deliveries.import_file(session, OPERATOR, source(numbered("79927398713"))).taken == 1


def test_a_check_that_is_declared_while_a_delivery_is_read_stops_it(register):
    with register.transaction() as session:
        delivery = read_delivery(session, source(GOOD))
    with closing(delivery):
        with register.transaction() as session:
            suppliers.import_file(session, OPERATOR, Source.of_bytes("luhn.csv", LUHN.encode()))
        with pytest.raises(Conflict), register.transaction() as session:
            take(session, OPERATOR, delivery)
    assert count(register) == 0
