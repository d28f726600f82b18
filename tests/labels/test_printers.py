"""Jobs for label printers: what they draw is read back, what they send arrives whole over a real socket."""

import re
import socket
import struct
import threading
from dataclasses import replace

import numpy as np
import pytest
import zxingcpp
from PIL import Image

from labels import markcode
from labels.errors import CodeError, ContentError, PrinterError
from labels.language import Language
from labels.pdf import LabelContent, words_in
from labels.printers import delivery
from labels.printers.bitmap import label_bitmap
from labels.printers.brother_ql import MODELS, brother_job, raster_job
from labels.printers.delivery import send_to_address
from labels.printers.zpl import zpl_labels
from labels.settings import OwnStock
from labels.stock import STOCKS

SAY = words_in(Language.SWEDISH)
LABEL = LabelContent(url="HTTPS://DNA.KOMMUN.EXAMPLE/S/4K7Q2M9XW3PZD7N", number="4K7Q-2M9X-W3PZ-D7N", name="Häcksax")


def zpl(label=LABEL, stock="ROLL-57X32", dpi=203, **options):
    (written,) = zpl_labels([label], stock=STOCKS[stock], dpi=dpi, say=SAY, **options)
    return written


def commands(written):
    """The commands with their parameters, split as the programming guide says: at each caret or tilde."""
    return [(part[:2], part[2:]) for part in re.split(r"[\^~]", written.strip())[1:]]


@pytest.mark.parametrize("dpi", [203, 300])
@pytest.mark.parametrize("stock", ["ROLL-57X32", "ROLL-62X29", "ROLL-100X50", "ROLL-90X29"])
def test_a_zpl_format_keeps_to_the_language(stock, dpi):
    """By the ZPL II programming guide: known commands, ^XA first and ^XZ last, values in their ranges."""
    parts = commands(zpl(stock=stock, dpi=dpi))
    assert parts[0] == ("XA", "")
    assert parts[-1] == ("XZ", "")
    assert {name for name, _ in parts} <= {
        "XA",
        "CI",
        "PW",
        "LL",
        "LH",
        "FO",
        "BQ",
        "A0",
        "FB",
        "FH",
        "FD",
        "FS",
        "PQ",
        "XZ",
    }
    width, height = (round(length * dpi / 25.4) for length in STOCKS[stock].label)
    for name, value in parts:
        if name == "FO":
            x, y = map(int, value.split(","))
            assert 0 <= x < width
            assert 0 <= y < height
        if name == "BQ":
            assert re.fullmatch(r"N,2,([1-9]|10)", value)
        if name == "FB":
            assert int(value.split(",")[0]) <= width
    fields = sum(1 for name, _ in parts if name == "FO")
    assert fields == sum(1 for name, _ in parts if name == "FS") == sum(1 for name, _ in parts if name == "FD")


def test_the_code_of_a_zpl_format_carries_the_address_with_its_error_level():
    data = [value for name, value in commands(zpl()) if name == "FD"]
    assert data[0] == f"HA,{LABEL.url}"
    assert data[1:] == ["DNA-märkt", "4K7Q-2M9X", "W3PZ-D7N", "Häcksax"]


def test_a_zpl_label_takes_few_bytes():
    assert len(zpl().encode()) < 350


@pytest.mark.parametrize("text", ["^XZ^XA^JUF", "~JR", "a_5Eb", "\x1b@", "rad\nrad"])
def test_text_from_people_cannot_become_a_zpl_command(text):
    written = zpl(LabelContent(url=LABEL.url, number="MN-1", name=text, owner=text))
    assert [name for name, _ in commands(written)] == [name for name, _ in commands(zpl(
        LabelContent(url=LABEL.url, number="MN-1", name="x", owner="x")))]  # fmt: skip
    assert "\x1b" not in written


def test_a_name_longer_than_its_line_is_cut_since_the_printer_would_overprint_it():
    written = zpl(replace(LABEL, name="Åkgräsklippare " * 14))
    name = [value for command, value in commands(written) if command == "FD"][-1]
    assert name.startswith("Åkgräsklippare Åkgräs")
    assert name.endswith("…")
    assert len(name) < 50


def test_a_number_that_would_be_cut_on_a_roll_is_refused():
    with pytest.raises(ContentError, match="never cut short"):
        zpl(replace(LABEL, number="INVENTARIENUMMER 0123456789 0123456789 0123456789"))


def test_a_roll_too_small_for_the_code_is_refused():
    tiny = OwnStock(label=(34, 17), page=(34, 17), roll=True).stock("TINY")
    with pytest.raises(CodeError, match=r"a module below 0\.5 mm would not scan"):
        list(zpl_labels([LABEL], stock=tiny, dpi=203, say=SAY))
    with pytest.raises(CodeError, match=r"a module below 0\.5 mm would not scan"):
        label_bitmap(LABEL, (400, 200), 300, SAY)


@pytest.mark.parametrize("size", [(696, 271), (991, 306)])
def test_a_bitmap_is_read_back(size):
    picture = label_bitmap(LABEL, size, 300, SAY)
    assert picture.size == size
    assert zxingcpp.read_barcode(picture).text == LABEL.url
    assert set(np.unique(np.array(picture))) == {0, 255}


def test_a_bitmap_holds_any_text():
    long = LabelContent(url=LABEL.url, number=LABEL.number, name="å 🚲 שלום " * 30, owner="x" * 200)
    picture = label_bitmap(long, (696, 271), 300, SAY)
    assert zxingcpp.read_barcode(picture).text == LABEL.url
    assert picture.crop((690, 0, 696, 271)).getextrema() == (255, 255)


LENGTHS = {b"ia": 4, b"iS": 3, b"iz": 13, b"iM": 4, b"iA": 4, b"iK": 4, b"id": 5}
"""Bytes of each command with its parameters."""


def printed_by_a_brother(job, line=90):
    """What a printer would print: the raster lines of a job as pictures, turned as the head reads them."""
    pages, rows, place = [], [], 0
    fixed = {b"\x1b" + name: length for name, length in LENGTHS.items()}
    while place < len(job):
        if job[place : place + 1] == b"\x00":
            place += 1
        elif job[place : place + 2] == b"\x1b@":
            place += 2
        elif job[place : place + 2] == b"g\x00":
            assert job[place + 2] == line
            rows.append(job[place + 3 : place + 3 + line])
            place += 3 + line
        elif job[place : place + 1] == b"\x1a":
            field = Image.frombytes("1", (line * 8, len(rows)), b"".join(rows)).convert("L")
            pages.append(field.point(lambda value: 255 - value).transpose(Image.Transpose.FLIP_LEFT_RIGHT))
            rows, place = [], place + 1
        else:
            place += fixed[job[place : place + 3]]
    return pages


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("stock", ["ROLL-62X29", "ROLL-90X29"])
def test_a_brother_job_prints_the_labels_it_was_given(model, stock):
    numbers = [markcode.issue() for _ in range(3)]
    labels = [LabelContent(url=markcode.url("https://x.example", number), number=number) for number in numbers]
    pages = printed_by_a_brother(brother_job(labels, model, stock, SAY), MODELS[model].line)
    assert [zxingcpp.read_barcode(page).text for page in pages] == [label.url for label in labels]


def test_copies_on_a_brother_are_pages_of_their_own():
    assert len(printed_by_a_brother(brother_job([LABEL], "QL-820NWB", "ROLL-62X29", SAY, copies=3))) == 3


def test_what_a_brother_cannot_print_is_refused():
    with pytest.raises(PrinterError, match=r"the model is unknown\. Allowed: QL-700"):
        brother_job([LABEL], "QL-1", "ROLL-62X29", SAY)
    with pytest.raises(PrinterError, match=r"it has no roll L7160\. Allowed: ROLL-62X29"):
        brother_job([LABEL], "QL-820NWB", "L7160", SAY)
    with pytest.raises(PrinterError, match="a picture of 10 x 10 dots does not fit"):
        raster_job([Image.new("L", (10, 10))], model="QL-820NWB", stock_code="ROLL-62X29")


@pytest.fixture
def printer():
    """A printer on a free port of this machine; gives its address and what it received."""
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
        yield f"127.0.0.1:{server.getsockname()[1]}", received, thread
        thread.join(10)


def test_a_job_arrives_whole_at_an_address(printer):
    address, received, thread = printer
    job = brother_job([LABEL] * 10, "QL-820NWB", "ROLL-62X29", SAY)
    send_to_address(address, job)
    thread.join(10)
    assert b"".join(received) == job


def test_a_printer_that_is_off_is_named():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(PrinterError, match=rf"127\.0\.0\.1:{port}: it cannot be reached .*; nothing was sent"):
        send_to_address(f"127.0.0.1:{port}", b"x")


@pytest.mark.parametrize(
    "address", ["127.0.0.1:lpt", "127.0.0.1:", "127.0.0.1:0", "127.0.0.1:99999", "[::1]:9" + "9" * 9000]
)
def test_a_port_that_cannot_be_is_refused(address):
    with pytest.raises(PrinterError, match="the port must be a number up to 65535"):
        send_to_address(address, b"x")


def test_a_printer_may_have_an_address_of_ipv6():
    with socket.create_server(("::1", 0), family=socket.AF_INET6) as server:
        server.settimeout(10)
        thread = threading.Thread(target=send_to_address, args=(f"[::1]:{server.getsockname()[1]}", b"job"))
        thread.start()
        connection, _ = server.accept()
        with connection:
            assert connection.recv(10) == b"job"
        thread.join(10)


def printer_that(acts, size=20_000_000):
    """What sending ``size`` bytes to a printer raises that does ``acts(connection)`` with its real connection."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(10)

        def take():
            connection, _ = server.accept()
            acts(connection)

        thread = threading.Thread(target=take)
        thread.start()
        try:
            send_to_address(f"127.0.0.1:{server.getsockname()[1]}", bytes(size))
        finally:
            thread.join(10)


def reset(connection):
    """Close at once, throwing away what was not read: what a printer does that is switched off and on."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def test_a_printer_that_breaks_off_half_way_is_told_with_how_much_it_took():
    def acts(connection):
        connection.recv(100_000)
        reset(connection)

    with pytest.raises(PrinterError, match=r"broke after \d{5,8} of 20000000 bytes\. Look at what came out") as told:
        printer_that(acts)
    assert 0 < told.value.values["sent"] < 20_000_000
    assert "förbindelsen bröts efter" in told.value.explain(SAY)


def test_a_printer_that_runs_out_of_paper_is_told_to_look_at(monkeypatch):
    monkeypatch.setattr(delivery, "PATIENCE", 0.3)
    done = threading.Event()

    def acts(connection):
        connection.recv(1000)
        done.wait(10)
        connection.close()

    timer = threading.Timer(2.0, done.set)
    timer.start()
    with pytest.raises(PrinterError, match=r"took \d+ of 20000000 bytes and then no more\. Is there paper"):
        printer_that(acts)
    timer.join()


def test_a_printer_that_loses_the_end_of_a_small_job_is_no_success():
    def acts(connection):
        connection.recv(2)
        reset(connection)

    with pytest.raises(PrinterError, match="the connection broke"):
        printer_that(acts, size=2000)


def test_a_printer_that_has_it_all_and_keeps_the_connection_is_a_success(monkeypatch):
    monkeypatch.setattr(delivery, "FAREWELL", 0.2)
    done = threading.Event()
    taken = []

    def acts(connection):
        while part := connection.recv(100_000):
            taken.append(len(part))
        done.wait(10)
        connection.close()

    timer = threading.Timer(1.0, done.set)
    timer.start()
    printer_that(acts, size=2000)
    timer.join()
    assert sum(taken) == 2000
