import csv
import socket
import threading

import pytest
from click.testing import CliRunner

from labels import markcode
from labels.cli import labels
from labels.content_file import COLUMNS
from labels.designs import DESIGNS
from labels.settings import LabelSettings
from labels.stock import STOCKS

BASE = LabelSettings().sticker_base_url


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MARKDNA_CONFIG", raising=False)

    def command(*arguments, language="sv"):
        return CliRunner(env={"MARKDNA_LANGUAGE": language}).invoke(labels, [str(part) for part in arguments])

    return command


def test_numbers_given_on_the_command_line_are_printed(run, tmp_path, pdfium, read):
    numbers = [markcode.issue() for _ in range(3)]
    done = run("sheet", *map(str.lower, numbers), "--stock", "L7160", "--start", 20, "--out", "a.pdf")
    assert done.exit_code == 0, done.output
    assert done.stdout == "Etiketter: 3, ark: 2, fil: a.pdf; nästa lediga plats på sista arket: 2.\n"
    pages = pdfium((tmp_path / "a.pdf").read_bytes(), 203)
    seen = {text for page in pages for text in read(page)}
    assert seen == {markcode.url(BASE, number) for number in numbers}


def test_a_csv_file_becomes_asset_labels(run, tmp_path, pdfium, read, page_text):
    rows = "\ufeffurl;number;name\nHTTPS://X.EXAMPLE/E/1;INV-1;Häcksax\nHTTPS://X.EXAMPLE/E/2;INV-2;Röjsåg\n\n"
    (tmp_path / "in.csv").write_text(rows, encoding="utf-8")
    done = run("sheet", "--csv", "in.csv", "--design", "asset-label", "--stock", "L7163", "--out", "a.pdf")
    assert done.exit_code == 0, done.output
    pdf = (tmp_path / "a.pdf").read_bytes()
    assert sorted(read(pdfium(pdf, 203)[0])) == ["HTTPS://X.EXAMPLE/E/1", "HTTPS://X.EXAMPLE/E/2"]
    assert "Röjsåg" in page_text(pdf)[0]


def test_new_numbers_are_issued_on_request(run, tmp_path, pdfium, read):
    assert run("sheet", "--new", 21, "--stock", "L7160", "--out", "a.pdf").exit_code == 0
    texts = read(pdfium((tmp_path / "a.pdf").read_bytes(), 203)[0])
    assert len({markcode.number_in(text, BASE.removeprefix("http://")) for text in texts}) == 21


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--new", 1, "--start", 22], "platsen 22 finns inte. Tillåtet: 1 till 21."),
        (["--new", 1, "--start", 0], "platsen 0 finns inte"),
        (["--new", 1, "--stock", "L1"], "den är okänd. Tillåtet: L7160"),
        (["--new", 1, "--design", "x"], "den är okänd. Tillåtet: warning-sticker"),
        (["4K7Q-2M9X-W3PZ-D7M"], "kontrolltecknen stämmer inte"),
        (["--csv", "missing.csv"], "filen kan inte läsas som CSV i UTF-8"),
        (["--new", 1, "--skip", "3-x"], "3-x"),
        ([], "ett av de tre"),
        (["4K7Q2M9XW3PZD7N", "--new", 1], "ett av de tre"),
    ],
)
def test_what_is_wrong_is_said_in_swedish_and_nothing_is_left_behind(run, tmp_path, arguments, message):
    done = run("sheet", *arguments, "--out", "a.pdf")
    assert done.exit_code != 0
    assert message in done.output
    assert list(tmp_path.iterdir()) == []


def test_a_failed_run_leaves_the_earlier_file_as_it_was(run, tmp_path):
    (tmp_path / "a.pdf").write_bytes(b"earlier")
    good, bad = "4K7Q2M9XW3PZD7N", "4K7Q2M9XW3PZD7M"
    assert run("sheet", good, bad, "--out", "a.pdf").exit_code == 1
    assert (tmp_path / "a.pdf").read_bytes() == b"earlier"


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ("colour\nred\n", "in.csv:1: there is no column 'colour'. Allowed: url, number"),
        ("number,name\nINV-1,a,b\n", "in.csv:2: the row has 3 cells, the header 2"),
        ("number\n", "there is no label to print"),
    ],
)
def test_a_wrong_list_is_refused_by_line(run, tmp_path, rows, message):
    (tmp_path / "in.csv").write_text(rows, encoding="utf-8")
    done = run("sheet", "--csv", "in.csv", "--out", "a.pdf", language="en")
    assert done.exit_code == 1
    assert message in done.output


ODD = {
    "200 characters": "Motordriven åkgräsklippare " * 8,
    "emoji": "🚲 Cykel 👩‍👩‍👧",
    "right to left": "אופניים",
    "missing glyph": "自転車",
    "control": "rad\x1b[31m",
}


@pytest.mark.parametrize("kind", ODD)
@pytest.mark.parametrize("name", [name for name, design in DESIGNS.items() if "url" in design.needs])
def test_odd_words_in_a_list_leave_a_whole_sheet_and_a_word_about_lost_letters(run, tmp_path, pdfium, read, name, kind):
    design = DESIGNS[name]
    row = {field: getattr(design.example, field) for field in COLUMNS}
    row |= {"name": ODD[kind], "owner": ODD[kind], "place": ODD[kind], "note": ODD[kind]}
    with (tmp_path / "in.csv").open("w", encoding="utf-8", newline="") as file:
        csv.DictWriter(file, COLUMNS).writerows([dict(zip(COLUMNS, COLUMNS, strict=True)), row])
    done = run("sheet", "--csv", "in.csv", "--design", name, "--stock", design.stocks[0], "--out", "a.pdf")
    assert done.exit_code == 0, done.output
    (page,) = pdfium((tmp_path / "a.pdf").read_bytes(), 110 if STOCKS[design.stocks[0]].positions == 1 else 203)
    assert read(page) == [design.example.url]
    lost = kind in {"right to left", "missing glyph"} and name in SHOWS_WORDS
    assert ("skrevs ut som frågetecken" in done.output) is lost


SHOWS_WORDS = {"asset-label", "area-sign", "room-label", "seized-item-label", "membership-card", "certificate"}
"""Designs that print a name or an owner."""


@pytest.mark.parametrize("number", ["🚲-1", "א-1", "MN-車"])
def test_an_odd_number_in_a_list_is_refused_by_its_row_and_leaves_nothing(run, tmp_path, number):
    rows = f"url,number\nHTTPS://X.EXAMPLE/1,MN-1\nHTTPS://X.EXAMPLE/2,{number}\n"
    (tmp_path / "in.csv").write_text(rows, encoding="utf-8")
    done = run("sheet", "--csv", "in.csv", "--design", "asset-label", "--out", "a.pdf")
    assert done.exit_code == 1
    assert "Etikett 2: numret" in done.output
    assert [file.name for file in tmp_path.iterdir()] == ["in.csv"]


def test_stocks_and_designs_are_listed(run, tmp_path):
    (tmp_path / "config.toml").write_text("[labels.stocks.CARDS]\nlabel = [100, 50]\npage = [100, 50]\n")
    stocks = run("stocks")
    assert "L7160" in stocks.output
    assert "CARDS" in stocks.output
    assert "Varningsdekal" in run("designs").output
    assert "Warning sticker" in run("designs", language="en").output


def test_a_package_goes_on_where_the_last_run_ended(run, tmp_path, pdfium, read, crop):
    assert run("sheet", "--new", 5, "--stock", "L7160", "--package", "box", "--out", "a.pdf").exit_code == 0
    assert run("sheet", "--new", 2, "--package", "box", "--out", "b.pdf").exit_code == 0
    (page,) = pdfium((tmp_path / "b.pdf").read_bytes(), 203)
    found = [bool(read(crop(page, STOCKS["L7160"], position, 203))) for position in range(1, 9)]
    assert found == [False] * 5 + [True, True, False]


def test_a_printers_correction_is_saved_and_used(run, tmp_path):
    plain = ["sheet", "4K7Q2M9XW3PZD7N", "--stock", "L7160", "--out"]
    done = run("calibrate", "--printer", "kontor", "--measured", 21.5, 19.2, 170, 250)
    assert done.exit_code == 0, done.output
    assert "Sparat för kontor: -1.5 mm åt höger, 0.8 mm nedåt" in done.output
    assert run(*plain, "a.pdf").exit_code == 0
    assert run(*plain, "b.pdf", "--printer", "kontor").exit_code == 0
    assert (tmp_path / "a.pdf").read_bytes() != (tmp_path / "b.pdf").read_bytes()


def test_the_calibration_page_is_written(run, tmp_path, page_text):
    assert run("calibrate", "--out", "page.pdf").exit_code == 0
    assert "Kalibreringssida" in page_text((tmp_path / "page.pdf").read_bytes())[0]
    assert "antingen" not in run("calibrate").output
    assert run("calibrate").exit_code == 2


@pytest.fixture
def listening():
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(10)
        received = []

        def take():
            connection, _ = server.accept()
            with connection:
                while part := connection.recv(4096):
                    received.append(part)

        thread = threading.Thread(target=take)
        thread.start()
        yield server.getsockname()[1], received, thread
        thread.join(10)


def test_labels_are_sent_to_a_zpl_printer(run, tmp_path, listening):
    port, received, thread = listening
    (tmp_path / "config.toml").write_text(
        f'[labels]\ndefault_printer = "zebra"\n[labels.printers.zebra]\nkind = "zpl"\naddress = "127.0.0.1:{port}"\n'
    )
    done = run("print", "4K7Q2M9XW3PZD7N", "--stock", "ROLL-57X32", "--copies", 2)
    assert done.exit_code == 0, done.output
    thread.join(10)
    job = b"".join(received).decode()
    assert "/S/4K7Q2M9XW3PZD7N" in job
    assert "^PQ2" in job
    assert done.stdout == "Skickat till zebra.\n"


def test_a_printer_that_is_not_configured_is_refused(run, tmp_path):
    (tmp_path / "config.toml").write_text('[labels.printers.disk]\nkind = "sheet"\n')
    assert "skrivaren är okänd. Tillåtet: disk" in run("print", "4K7Q2M9XW3PZD7N", "--printer", "x").output
    assert "varken en kö eller en adress" in run("print", "4K7Q2M9XW3PZD7N", "--printer", "disk").output


def test_whoever_names_no_printer_is_told_of_both_ways(run):
    said = run("print", "4K7Q2M9XW3PZD7N").output
    assert "--queue NAMN för en kö på utskriftsservern, eller --printer NAMN" in said


def test_codes_that_lead_nowhere_are_told_until_the_register_has_its_address(run, tmp_path):
    warned = run("sheet", "--new", 1, "--out", "a.pdf")
    assert warned.exit_code == 0
    assert "Koderna leder till http://127.0.0.1:8480, som bara den här datorn når." in warned.stderr
    (tmp_path / "config.toml").write_text('[labels]\nsticker_base_url = "https://dna.kommun.example"\n')
    assert run("sheet", "--new", 1, "--out", "a.pdf").stderr == ""


@pytest.mark.parametrize(
    ("rows", "options", "told"),
    [
        ("url,number\nHTTP://LOCALHOST/E/1,INV-1\n", ["--design", "asset-label"], "http://localhost"),
        ("url,number\nHTTPS://X.EXAMPLE/E/1,INV-1\n", ["--design", "asset-label"], ""),
        ("url,number,owner\nHTTP://LOCALHOST/E/1,INV-1,K\n", ["--design", "asset-tag", "--stock", "4201"], ""),
        ("name\nKvarnby\n", ["--design", "area-sign", "--stock", "A5"], ""),
    ],
)
def test_a_local_address_is_told_only_where_the_label_carries_one(run, tmp_path, rows, options, told):
    (tmp_path / "in.csv").write_text(rows, encoding="utf-8")
    done = run("sheet", "--csv", "in.csv", *options, "--out", "a.pdf", language="en")
    assert done.exit_code == 0, done.output
    assert (f"The codes lead to {told}, which" in done.stderr) is bool(told)
    assert bool(done.stderr) is bool(told)


def test_what_to_look_at_is_told_before_the_job_is_sent(run, tmp_path):
    (tmp_path / "in.csv").write_text("url,number,name\nHTTP://LOCALHOST/E/1,INV-1,象\n", encoding="utf-8")
    (tmp_path / "config.toml").write_text('[labels.printers.away]\naddress = "127.0.0.1:1"\n')
    arguments = ("--csv", "in.csv", "--design", "asset-label", "--printer", "away")
    done = run("print", *arguments, language="en")
    assert done.exit_code == 1, "nothing listens there, so the job is not sent"
    told = done.stderr.splitlines()
    assert told[0].startswith("The codes lead to http://localhost, which only this machine reaches.")
    assert told[1] == "Some characters are not in the typeface and were printed as a question mark."


@pytest.mark.parametrize(
    ("arguments", "swedish", "english"),
    [
        (["--help"], "Skriv ut etiketter genast", "Print labels at once"),
        (["sheet", "--help"], "Arkets första lediga plats.", "First free position of the sheet."),
        (["print", "--help"], "Kö på utskriftsservern", "Queue of the print server"),
        (["calibrate", "--help"], "Skriv kalibreringssidan hit.", "Write the calibration page here."),
    ],
)
def test_help_is_in_the_readers_language_each_time(run, arguments, swedish, english):
    for language, said, unsaid in (("sv", swedish, english), ("en", english, swedish), ("sv", swedish, english)):
        words = " ".join(run(*arguments, language=language).output.split())
        assert said in words
        assert unsaid not in words
