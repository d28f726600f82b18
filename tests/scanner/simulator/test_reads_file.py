import json

import pytest

from scanner.errors import BadReadsFileError
from scanner.reading import DnaRead, DotText, UvFinding
from scanner.simulator.reads_file import DEFAULT_IDENTITY, planned_readings, reader_identity

TOML = """
[reader]
maker = "Öresund Optik"
serial_number = "SN9"

[[reading]]
id = "R-1"
glow = true
peak_nm = 590
intensity = 10
dot = "ENX?O9494"

[[reading]]
id = "R-2"
bases = "ACGT"
bases_quality = "IIII"
"""


@pytest.fixture
def written(tmp_path):
    """A function that writes a file and gives its path."""

    def write(name, content):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def test_each_fastq_record_is_a_reading_named_by_its_first_word(written):
    file = written("r.fastq", "@read-1 ch=5\nACGTN\n+\nIIII!\n@read-2\r\nA\r\n+read-2\r\nI\r\n\n")
    readings = planned_readings(file, UvFinding(glow=True, peak_nm=612, intensity=734))
    assert [reading.reading_id for reading in readings] == ["read-1", "read-2"]
    assert readings[0].observations == (UvFinding(glow=True, peak_nm=612, intensity=734), DnaRead("ACGTN", "IIII!"))


def test_toml_says_readings_and_the_reader(written):
    file = written("r.toml", TOML)
    one, two = planned_readings(file)
    assert one.observations == (UvFinding(glow=True, peak_nm=590, intensity=10), DotText("ENX?O9494", "III!IIIII"))
    assert two.observations == (DnaRead("ACGT", "IIII"),)
    assert (reader_identity(file).maker, reader_identity(file).model) == ("Öresund Optik", DEFAULT_IDENTITY.model)


def test_json_and_csv_say_the_same(written):
    rows = [
        {"id": "R-1", "dot": "ABC", "dot_quality": "I+I"},
        {"id": "7", "glow": True, "peak_nm": 600, "intensity": 5},
    ]
    table = "id,dot,dot_quality,glow,peak_nm,intensity\nR-1,ABC,I+I,,,\n7,,,true,600,5\n"
    assert planned_readings(written("r.json", json.dumps(rows))) == planned_readings(written("r.csv", table))


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("r.fastq", "@a\nACGT\n+\nIII\n", "line 4: quality"),
        ("r.fastq", "@a\nACGT\n+\nIIII\n@b\nACXT\n+\nIIII\n", "line 6: a letter that is no base"),
        ("r.fastq", "@a\nACGT\n+\n", "line 4: quality"),
        ("r.fastq", ">a\nACGT\n", "line 1: not a FASTQ record"),
        ("r.fastq", "@\nACGT\n+\nIIII\n", "line 1: a name"),
        ("r.fastq", "@a\nA\n+\nI\n@a\nC\n+\nI\n", "line 5: the id a stands at line 1 already"),
        ("r.fastq", "", "no reading"),
        ("r.fastq", b"@\xff\n", "byte 1: not UTF-8"),
        ("r.txt", "x", r"the kind \.txt is not known"),
        ("r.toml", "x", "TOML"),
        ("r.toml", "reading = 1", "not a list"),
        ("r.toml", "[reader]\ncolour = 1\n[[reading]]\nid='1'\nglow=true", "key that is not known"),
        ("r.toml", "reader = 3\n[[reading]]\nid='1'\nglow=true", "key that is not known"),
        ("r.toml", "a=" + "[" * 3000, "TOML with"),
        ("r.toml", "a=" + "1" * 5000, "TOML with"),
        ("r.json", "[", "line 1"),
        ("r.json", "[" * 100_000, "a JSON list of readings"),
        ("r.json", "[" + "1" * 5000 + "]", "a JSON list of readings"),
        ("r.json", "{}", "not a list"),
        ("r.json", '[{"id": "R 1", "glow": true}]', "reading 1 id"),
        ("r.json", '[{"id": "R", "glow": true, "peak_nm": 9000}]', "reading 1 peak_nm"),
        ("r.json", '[{"id": "R"}]', "needs glow, dot or bases"),
        ("r.json", '[{"id": "R", "dot": "AB", "dot_quality": "I"}]', "not as long"),
        ("r.json", '[{"id": "R", "colour": "red"}]', "reading 1 colour"),
        ("r.json", "[1]", "reading 1"),
        ("r.csv", "id,dot\nR-1\n", "line 2: not as many cells"),
    ],
)
def test_a_bad_file_is_refused_with_the_place_and_what_is_allowed(written, name, content, words):
    file = written(name, content)
    with pytest.raises(BadReadsFileError, match=words):
        (planned_readings(file), reader_identity(file))


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(BadReadsFileError, match=r"gone\.toml"):
        planned_readings(tmp_path / "gone.toml")
