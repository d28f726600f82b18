"""``markdna identify`` as an operator meets it: what it answers, what it logs first, and how it ends."""

import gzip
import json
import re
from pathlib import Path
from typing import Literal
from xml.etree import ElementTree as ET

import pytest
from click.testing import CliRunner
from pydantic import BaseModel, ConfigDict
from sqlalchemy import select

from registry.cli import markdna
from registry.commands import searched
from registry.database import Database
from registry.errors import InvalidInput, NotFound, RefusedFile
from registry.identification.fastq import DamagedFastqError
from registry.models.items import Item
from registry.services import audit, cases, index_file, tag_marks
from registry.services.context import open_database
from registry.settings import read_settings

ROOT = Path(__file__).parents[3]
KITS = ROOT / "tests/registry/data/kits.csv"
SUPPLIERS = ROOT / "tests/registry/data/suppliers.csv"
MANIFEST = ("--kits", str(KITS), "--suppliers", str(SUPPLIERS))
SIGNATURE = "AGACAATTACATAACATACACGTCAGCACGAAACTTGTTGGCCCAGTGTGAATCGCTTAAGGGT"
PRIMED = f"GTCATGCTAGGACTTCACGA{SIGNATURE}CAGTTGACCTAGCATGTCGT"
FOREIGN = "CATGGATCCATTGACCGATTAGCCGATATTGCCGGAATTACGCATCCTGAACTGGATCAAGTCC"
PURPOSE = ("--purpose", "Kontroll av ett fynd")


class AgreementShape(BaseModel):
    """How one observation agrees, as docs/identify.md describes it."""

    model_config = ConfigDict(extra="forbid", strict=True)
    read: str
    signs: str
    mark: str
    reverse_strand: bool


class EvidenceLineShape(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    kind: Literal["dot", "dna", "uv"]
    observation: int
    log10_ratio: float | None
    counted: str


class EvidenceShape(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    lines: list[EvidenceLineShape]
    log10_shared_by_reads: float
    log10_shared_by_tracer: float
    log10_searched: float
    log10_other_kits: float


class CandidateShape(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    kit_code: str
    grade: int
    log10_likelihood_ratio: float
    posterior: float
    distance: float
    agreement: list[AgreementShape] | None = None
    evidence: EvidenceShape | None = None


class FamilyShape(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    supplier: str
    check: str
    doubt: Literal["none", "shape", "check"]
    misread: bool


class AnswerShape(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    reading: str
    observations: int
    verdict: Literal["identified", "ambiguous", "not_registered", "unreadable"]
    candidates: list[CandidateShape]
    searched: int
    prior: float
    expected_chance_matches: float
    tiers: list[str]
    family: FamilyShape | None


def fastq(*reads):
    return "".join(f"@{name} ch=1\n{bases}\n+\n{'5' * len(bases)}\n" for name, bases in reads)


def parsed(answer):
    return [AnswerShape.model_validate_json(line) for line in answer.stdout.splitlines()]


def test_a_damaged_code_is_identified_in_words_figures_and_a_picture(identify):
    answer = identify("ENX?O9494", *MANIFEST)
    assert answer.exit_code == 0
    for said in (
        "● Identified  ENX?O9494",
        "support that the mark comes from ENXB09494.",
        "Searched 12 marks",
        "7 of 9 characters agree",
        "     ···?≈····",
        "O was read for 0 at place 5 (look-alike)",
    ):
        assert said in answer.stdout


def test_the_answer_is_swedish_where_the_reader_is(identify, monkeypatch):
    monkeypatch.setenv("MARKDNA_LANGUAGE", "sv")
    answer = identify("ENX?O9494", *MANIFEST)
    assert "Identifierad" in answer.stdout
    assert "7 av 9 tecken stämmer" in answer.stdout


def test_a_code_that_no_kit_has_ends_with_three_and_names_no_kit(identify):
    answer = identify("QQQQ00000", *MANIFEST)
    assert answer.exit_code == 3
    assert "Not in this register" in answer.stdout
    codes = [row.split(";")[2] for row in KITS.read_text(encoding="utf-8").splitlines()[1:]]
    assert [code for code in codes if code in answer.stdout] == []


def test_the_registers_own_suppliers_are_asked_as_well(identify, register):
    (answer,) = parsed(identify("QQQQ00000", *PURPOSE, "--json", config=register[0]))
    assert answer.family.supplier == "Nordmark Forensik"
    assert (answer.family.check, answer.family.misread) == ("none", False)


def test_json_has_the_shape_that_the_documents_describe(identify):
    answer = identify("ENX?O9494", SIGNATURE, "QQQQ00000", *MANIFEST, "--json")
    dot, read, foreign = parsed(answer)
    assert (dot.reading, dot.verdict, dot.candidates[0].kit_code) == ("ENX?O9494", "identified", "ENXB09494")
    assert dot.candidates[0].agreement[0].model_dump() == {
        "read": "ENX?O9494",
        "signs": "...?~....",
        "mark": "ENXB09494",
        "reverse_strand": False,
    }
    assert (read.verdict, read.candidates[0].grade, read.candidates[0].distance) == ("identified", 4, 0.0)
    assert (foreign.verdict, foreign.candidates, foreign.searched) == ("not_registered", [], 12)
    assert answer.exit_code == 0, "one of three was identified"


def test_the_documents_describe_every_field_of_the_json():
    guide = (ROOT / "docs/identify.md").read_text(encoding="utf-8")
    shapes = (AnswerShape, FamilyShape, CandidateShape, EvidenceShape, EvidenceLineShape, AgreementShape)
    fields = {field for shape in shapes for field in shape.model_fields}
    assert [field for field in fields if f"`{field}`" not in guide] == []


@pytest.mark.parametrize("packed", [False, True])
def test_reads_of_a_file_are_answered_one_by_one(identify, tmp_path, packed):
    file = tmp_path / "reads.fastq"
    text = fastq(("one", PRIMED), ("two", FOREIGN), ("three", PRIMED[::-1].translate(str.maketrans("ACGT", "TGCA"))))
    file.write_bytes(gzip.compress(text.encode()) if packed else text.encode())
    answer = identify("--fastq", file, *MANIFEST, "--json", "--processes", 1)
    assert answer.exit_code == 0
    assert [(one.reading, one.verdict) for one in parsed(answer)] == [
        ("one", "identified"),
        ("two", "not_registered"),
        ("three", "identified"),
    ]
    assert parsed(answer)[0].candidates[0].agreement is None, "a million alignments are only made when asked for"
    assert "3 reads: 2 identified, 0 with several possible kits, 1 not registered" in answer.stderr


def test_rows_have_a_heading_and_a_row_each(identify, tmp_path):
    file = tmp_path / "reads.fastq"
    file.write_text(fastq(("one", PRIMED), ("\x1b[2Jtwo", FOREIGN)), encoding="utf-8")
    answer = identify("--fastq", file, *MANIFEST, "--processes", 1)
    heading, one, two = answer.stdout.splitlines()
    assert heading.split()[:4] == ["Read", "Verdict", "Kit", "Grade"]
    assert one.split()[:5] == ["one", "●", "Identified", "ENXB09494", "+4"]
    assert "Not in this register" in two
    assert "\x1b" not in answer.stdout


def test_a_file_where_nothing_is_identified_ends_with_three(identify, tmp_path):
    file = tmp_path / "reads.fastq"
    file.write_text(fastq(("one", FOREIGN)), encoding="utf-8")
    assert identify("--fastq", file, *MANIFEST, "--processes", 1).exit_code == 3


def test_together_all_reads_and_codes_are_one_sample_with_one_picture(identify, tmp_path):
    file, picture = tmp_path / "reads.fastq", tmp_path / "agreement.svg"
    wrong = SIGNATURE[:10] + "C" + SIGNATURE[11:]
    file.write_text(fastq(("one", SIGNATURE), ("two", wrong), ("again", wrong)), encoding="utf-8")
    answer = identify("ENX?O9494", "--fastq", file, "--together", *MANIFEST, "--json", "--svg", picture)
    (one,) = parsed(AnswerOnly(answer.stdout.splitlines()[-1]))
    assert (one.observations, one.verdict, len(one.candidates[0].agreement)) == (3, "identified", 3)
    drawing = ET.fromstring(picture.read_bytes())  # noqa: S314 - our own
    said = " ".join(drawing.itertext())
    assert "2 readings together: 63 of 64 bases agree" in said, "one against one is undecided at a place"
    assert "7 of 9 characters agree" in said


class AnswerOnly:
    """The JSON of an answer whose other lines are left out."""

    def __init__(self, stdout: str) -> None:
        self.stdout = stdout


def test_a_code_in_markup_is_inert_in_the_picture(identify, tmp_path):
    picture = tmp_path / "agreement.svg"
    identify("<script>ENXB09494", *MANIFEST, "--svg", picture)
    if picture.exists():
        assert "<script" not in picture.read_text(encoding="utf-8")
    identify("ENX<B09494", *MANIFEST, "--svg", picture)
    assert "<B" not in picture.read_text(encoding="utf-8")
    ET.fromstring(picture.read_bytes())  # noqa: S314 - our own


def test_exhaustive_says_that_every_signature_was_compared(identify):
    answer = identify(FOREIGN, *MANIFEST, "--exhaustive", "--json")
    assert parsed(answer)[0].tiers == ["signatures: every one"]


def test_a_damaged_record_is_named_by_its_line_after_the_answers_before_it(identify, tmp_path):
    file = tmp_path / "reads.fastq"
    file.write_text(fastq(("one", PRIMED)) + "@two\nACGT\n", encoding="utf-8")
    written = CliRunner().invoke(markdna, ["identify", "--fastq", str(file), *MANIFEST, "--json", "--processes", "1"])
    assert isinstance(written.exception, DamagedFastqError)
    assert "Line 5" in str(written.exception)
    assert [one.reading for one in parsed(written)] == ["one"]


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ((), "CODE"),
        (("ENX", "--fastq", "x.fastq"), "CODE"),
        (("--fastq", "x.fastq", "--stdin"), "--stdin"),
        (("ENX", "ENY", "--svg", "x.svg"), "--svg"),
        (("ENX", "--suppliers", str(SUPPLIERS)), "--suppliers"),
    ],
)
def test_wishes_that_contradict_each_other_are_refused(identify, arguments, field):
    with pytest.raises(InvalidInput, match=re.escape(field)):
        identify(*arguments, *(MANIFEST if "--suppliers" not in arguments else ()))


def test_a_file_that_is_not_there_or_not_a_manifest_is_told(identify, tmp_path):
    with pytest.raises(RefusedFile, match="nowhere"):
        identify("--fastq", "nowhere.fastq", *MANIFEST)
    with pytest.raises(RefusedFile, match=r"suppliers\.csv"):
        identify("ENX?O9494", "--kits", SUPPLIERS)


# The register: nothing is answered before it is logged.


@pytest.fixture
def register(tmp_path, fill_register):
    """A register of three kits with an open case, as the command finds it: (configuration, database)."""
    config = tmp_path / "config.toml"
    address, key = f"sqlite:///{tmp_path}/register.db", tmp_path / "registry.key"
    index = tmp_path / "marks.index"
    settings = f'[registry]\ndatabase = "{address}"\nkey_file = "{key}"\nindex_file = "{index}"\n'
    config.write_text(settings, encoding="utf-8")
    CliRunner().invoke(markdna, ["--config", str(config), "db", "create"])
    database = open_database(read_settings(config))
    with database.transaction() as session:
        town = fill_register(session)
        cases.open_case(session, town.officer, "5000-K123456-26", "Stöld av cyklar på Storgatan")
    return config, database


def lookups_of(database: Database):
    with database.transaction(reads_only=True) as session:
        return [event for event in audit.newest(session) if event.action == "lookup:made"]


def test_a_look_up_in_the_register_needs_a_case_or_a_purpose(identify, register):
    config, database = register
    with pytest.raises(InvalidInput, match="--purpose"):
        identify("ENX?O9494", config=config)
    with pytest.raises(NotFound, match="5000-K999999-26"):
        identify("ENX?O9494", "--case", "5000-K999999-26", config=config)
    with pytest.raises(InvalidInput, match="--purpose"):
        identify("ENX?O9494", "--purpose", "x", config=config)
    assert lookups_of(database) == []


def test_a_look_up_is_logged_with_what_was_asked_found_and_why(identify, register):
    config, database = register
    answer = identify("ENX?O9494", "--case", "5000-K123456-26", "--json", config=config)
    assert parsed(answer)[0].candidates[0].kit_code == "ENXB09494"
    (event,) = lookups_of(database)
    assert (event.actor, event.case_number, event.reason) == (
        "operator",
        "5000-K123456-26",
        "Stöld av cyklar på Storgatan",
    )
    assert event.details["verdict"] == "identified"
    assert event.details["dots"] == ["ENX?O9494"]
    assert len(event.details["kits"]) >= 1


def test_the_answer_names_the_kit_and_never_its_owner_or_item(identify, register):
    config, _ = register
    answer = identify("ENX?O9494", SIGNATURE, *PURPOSE, config=config)
    assert "ENXB09494" in answer.stdout
    for secret in ("Karin", "Åkerlund", "070-000", "Storgatan", "Crescent"):
        assert secret not in answer.output


def test_no_signature_stands_in_the_log(identify, register, tmp_path):
    config, database = register
    file = tmp_path / "reads.fastq"
    file.write_text(fastq(("one", PRIMED)), encoding="utf-8")
    identify(SIGNATURE, *PURPOSE, config=config)
    identify("--fastq", file, *PURPOSE, "--processes", 1, config=config)
    events = lookups_of(database)
    assert len(events) == 2
    assert SIGNATURE[:20] not in json.dumps([dict(event.details) for event in events])


def test_reads_are_logged_before_they_are_told(identify, register, tmp_path):
    config, database = register
    file = tmp_path / "reads.fastq"
    file.write_text(fastq(("one", PRIMED), ("two", FOREIGN)), encoding="utf-8")
    answer = identify("--fastq", file, *PURPOSE, "--processes", 1, "--json", config=config)
    assert [one.verdict for one in parsed(answer)] == ["identified", "not_registered"]
    events = lookups_of(database)
    assert sum(event.details["reads"] for event in events) == 2
    assert events[0].reason == "Kontroll av ett fynd"


def test_reads_are_searched_in_the_index_of_this_machine_where_there_is_one(identify, register, tmp_path, monkeypatch):
    config, _ = register
    file = tmp_path / "reads.fastq"
    file.write_text(fastq(("one", PRIMED)), encoding="utf-8")
    monkeypatch.setattr(searched, "MOST_HELD", 1)
    identify("--fastq", file, *PURPOSE, "--processes", 1, config=config)
    assert (tmp_path / "marks.index").exists(), "a register that is too large for memory has its index built"

    def refuse(*_arguments, **_values):
        raise AssertionError("the index was built again")

    monkeypatch.setattr(index_file, "build", refuse)
    answer = identify("--fastq", file, *PURPOSE, "--processes", 1, "--json", config=config)
    assert parsed(answer)[0].candidates[0].kit_code == "ENXB09494"


@pytest.mark.parametrize("source", ["code", "reads"])
def test_without_a_log_nothing_is_answered(identify, register, tmp_path, source):
    config, database = register
    file = tmp_path / "reads.fastq"
    file.write_text(fastq(("one", PRIMED)), encoding="utf-8")
    asked = ("ENX?O9494",) if source == "code" else ("--fastq", file, "--processes", 1)
    with database.transaction() as session:
        session.connection().exec_driver_sql(
            "CREATE TRIGGER full BEFORE INSERT ON audit_event WHEN NEW.action = 'lookup:made' "
            "BEGIN SELECT RAISE(ABORT, 'log is full'); END"
        )
    arguments = [*map(str, asked), *PURPOSE, "--json"]
    refused = CliRunner().invoke(markdna, ["--config", str(config), "identify", *arguments])
    assert refused.exit_code == 1
    assert refused.stdout == ""
    with database.transaction() as session:
        session.connection().exec_driver_sql("DROP TRIGGER full")
    # The control: only the log made the difference.
    assert parsed(identify(*arguments, config=config))[0].candidates[0].kit_code == "ENXB09494"


def test_the_number_of_a_tag_is_looked_for_too_and_logged_without_the_number(identify, register, fill_register):
    config, database = register
    with database.transaction() as session:
        owner = session.scalars(select(Item)).one()
        tag_marks.put(session, owner.id, ["900250000023921"])
    exact, near = (identify(text, *PURPOSE, config=config) for text in ("900-250000023921", "900 25000002392?"))
    assert exact.exit_code == near.exit_code == 0
    assert "The number is registered: 900 250000023921." in exact.stdout
    assert "fits what could be read" in near.stdout
    answer = json.loads(identify("900 250000023922", *PURPOSE, "--json", config=config).stdout)
    assert answer["tags"][0]["differences"] == 1
    assert answer["tags"][0]["grade"] == 0
    tags = [event for event in lookups_of(database) if event.subject == "tags:all"]
    assert len(tags) == 3
    assert "900250000023921" not in str([event.details for event in tags])
