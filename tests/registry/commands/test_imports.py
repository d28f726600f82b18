import contextlib
import json
import sqlite3
from pathlib import Path

import pytest
from click.testing import CliRunner

from registry.cli import markdna
from registry.errors import InvalidInput, NotFound, RefusedFile

DATA = Path(__file__).parent.parent / "data"
EXAMPLE = Path(__file__).parents[3] / "docs" / "examples" / "thefts-toronto.toml"
THEFTS = "event_unique_id,Occurrence_Date,FID\nGO-1,2017.07.19,1\nGO-2,2017.07.20,2\n"


@pytest.fixture
def run(with_own_files):
    """Runs the command with an empty register of its own in ``tmp_path``."""
    with_own_files("db", "create")
    return with_own_files


def test_a_register_is_filled_from_files_and_a_second_run_changes_nothing(run):
    assert "3 suppliers" in run("suppliers", "import", DATA / "suppliers.csv").output
    assert "12 kits taken" in run("kits", "import", DATA / "kits.csv").output
    assert "nothing was changed" in run("kits", "import", DATA / "kits.csv").output
    listed = run("suppliers", "list").output
    assert "Nordmark Forensik\t[A-Z]{4}[0-9]{5}\t010-000 01 00\tregister@nordmark.example" in listed


def test_bad_rows_are_listed_with_line_column_value_and_reason(run, tmp_path, capsys):
    run("suppliers", "import", DATA / "suppliers.csv")
    bad = tmp_path / "bad.csv"
    text = (DATA / "kits.csv").read_text(encoding="utf-8")
    bad.write_text(text.replace("ENXB09494", "[red]B09494"), encoding="utf-8")
    with pytest.raises(RefusedFile, match="1 bad row"):
        run("kits", "import", bad)
    assert run("suppliers", "list").output.count("\t0\t0") == 3


def test_the_command_itself_ends_with_one_and_explains_itself_in_swedish(tmp_path):
    import os
    import subprocess
    import sys

    (tmp_path / "empty.csv").write_bytes(b"")
    program = [sys.executable, "-m", "registry"]
    environment = {**os.environ, "MARKDNA_LANGUAGE": "sv"}
    made = subprocess.run([*program, "db", "create"], cwd=tmp_path, env=environment, check=False, capture_output=True)
    assert made.returncode == 0
    done = subprocess.run(
        [*program, "suppliers", "import", "empty.csv"],
        cwd=tmp_path,
        env=environment,
        check=False,
        capture_output=True,
        encoding="utf-8",
    )
    assert done.returncode == 1
    assert "filen är tom" in done.stderr
    assert "inget importerades" in done.stderr


def test_a_file_that_is_not_there_is_told(run):
    with pytest.raises(RefusedFile, match=r"nowhere\.csv"):
        run("kits", "import", "nowhere.csv")


def test_a_delivery_is_stopped(run):
    run("suppliers", "import", DATA / "suppliers.csv")
    run("kits", "import", DATA / "kits.csv")
    told = run("kits", "revoke-batch", "Nordmark Forensik", "NF26-001", "--yes").output
    assert "can no longer be activated" in told
    with pytest.raises(NotFound):
        run("kits", "revoke-batch", "Nordmark Forensik", "NF99", "--yes")


def test_an_inventory_is_taken_with_a_report(run, tmp_path):
    report = tmp_path / "report.json"
    sample = DATA / "inventory-cp1252.csv"
    told = run("equipment", "import", sample, "--organisation", "Exempelby kommun", "--report", report)
    assert told.exit_code == 0
    assert "17 rows: 15 taken, 0 changed, 0 there already, 2 refused" in told.output
    assert "BGF-004123" in told.output
    assert json.loads(report.read_text(encoding="utf-8"))["refused"] == 2
    again = run("equipment", "import", sample, "--organisation", "Exempelby kommun")
    assert "0 taken, 0 changed, 15 there already" in again.output
    with pytest.raises(RefusedFile):
        run("equipment", "import", sample, "--organisation", "Annans kommun", "--strict")


def test_numbers_of_others_are_logged_also_when_a_strict_operator_has_the_file_refused(run, tmp_path):
    file = tmp_path / "inventory.csv"
    file.write_text("Inventarienummer;Benämning;RFID/VIN\nB-1;Såg;307E4DE5C2\n", encoding="utf-8")
    run("equipment", "import", file, "--organisation", "Annanby kommun")
    assert "another thing" in run("equipment", "import", file, "--organisation", "Exempelby kommun").output
    with pytest.raises(RefusedFile):
        run("equipment", "import", file, "--organisation", "Exempelby kommun", "--strict")
    with contextlib.closing(sqlite3.connect(tmp_path / "register.db")) as database:
        logged = database.execute("SELECT actor FROM audit_event WHERE action = 'tag:refused'").fetchall()
    assert logged == [("operator",), ("operator",)]


def test_a_police_list_is_taken_with_columns_named_on_the_command_line(run, tmp_path):
    file = tmp_path / "thefts.csv"
    file.write_text(THEFTS, encoding="utf-8-sig")
    wishes = [
        "--map",
        "police_number=event_unique_id",
        "--map",
        "reference=FID",
        "--map",
        "occurred_on=Occurrence_Date",
    ]
    wishes += ["--date-format", "%Y.%m.%d", "--set", "goods=Cykel"]
    told = run("thefts", "import", file, "--organisation", "Polisen Exempelby", *wishes)
    assert "2 rows: 2 taken" in told.output
    assert (
        "0 taken, 0 changed, 2 there already"
        in run("thefts", "import", file, "--organisation", "Polisen Exempelby", *wishes).output
    )


def test_a_wish_without_an_equals_sign_is_told(run, tmp_path):
    file = tmp_path / "thefts.csv"
    file.write_text(THEFTS, encoding="utf-8")
    with pytest.raises(InvalidInput, match="--map"):
        run("thefts", "import", file, "--organisation", "Polisen", "--map", "police_number")


def test_the_mapping_of_the_example_asks_for_columns_by_name(run, tmp_path):
    file = tmp_path / "thefts.csv"
    file.write_text(THEFTS, encoding="utf-8")
    with pytest.raises(RefusedFile):
        run("thefts", "import", file, "--organisation", "Polisen", "--mapping", EXAMPLE)


def listed(tmp_path: Path, *arguments: object) -> str:
    """What a refused import lists, its lines joined."""
    result = CliRunner().invoke(markdna, ["--config", f"{tmp_path}/config.toml", *map(str, arguments)])
    assert isinstance(result.exception, RefusedFile)
    return " ".join(result.output.split())


def test_marks_that_stand_too_near_are_listed_with_distance_and_expected_confusions(run, tmp_path):
    run("suppliers", "import", DATA / "suppliers.csv")
    header, row, *_ = (DATA / "kits.csv").read_text(encoding="utf-8").splitlines()
    signature = row.split(";")[4]
    turned = signature[:10] + "".join({"A": "C"}.get(base, "A") for base in signature[10:13]) + signature[13:]
    near = tmp_path / "near.csv"
    near.write_text(f"{header}\n{row}\n{row.replace('ENXB09494', 'QRTV55120').replace(signature, turned)}\n")
    said = listed(tmp_path, "kits", "import", near)
    assert "is only 3 edits from line 2; about 1 in 307 readings would be taken for the other" in said
    codes = tmp_path / "codes.csv"
    twins = "".join(f"Datapunkt Norden;DP1;EU123456{digit};1234;;;;20\n" for digit in (1, 2))
    codes.write_text(f"{header}\n{twins}")
    told = " ".join(run("kits", "import", codes).output.split())
    assert "2 kits taken" in told
    assert "About 1 in 600 readings of such a dot alone is taken for the other" in told


def test_a_check_is_declared_listed_and_refused_where_registered_codes_do_not_carry_it(run, tmp_path):
    header = "supplier;code_pattern;forward_primer;reverse_primer;emission_nm;phone;email;code_check"
    file = tmp_path / "suppliers.csv"
    for check in ("luhn", "none", "mod11-2"):
        file.write_text(f"{header}\nDigits AB;[0-9]{{11}};;;;010-000 04 00;a@digits.example;{check}\n")
        if check == "mod11-2":
            said = listed(tmp_path, "suppliers", "import", file)
            assert "registered codes of this supplier do not carry it (1, such as 79927398714)" in said
            continue
        run("suppliers", "import", file)
        shown = "[0-9]{11} (luhn)\t" if check == "luhn" else "[0-9]{11}\t"
        assert shown in run("suppliers", "list").output
        kits = tmp_path / "kits.csv"
        kits.write_text(
            "supplier;batch;kit_code;kit_pin;signature;emission_nm;best_before;marks\n"
            "Digits AB;D-1;79927398714;1234;;;;50\n"
        )
        if check == "luhn":
            assert "its check character disagrees" in listed(tmp_path, "kits", "import", kits)
        else:
            run("kits", "import", kits)
    assert "[0-9]{11}\t" in run("suppliers", "list").output
