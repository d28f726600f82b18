"""Printing by a queue's name, tried on a real print server (CUPS) with a real IPP printer behind its queues.

Both run as whoever runs the tests, in a folder of their own; the printer keeps each document and the attributes of
the job it came with.
"""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner

from labels import markcode
from labels.cli import labels
from labels.errors import PrinterError
from labels.printers import queues
from labels.printers.queues import paper_name, send_to_queue
from labels.settings import LabelSettings

BASE = LabelSettings().sticker_base_url

BUS = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>session</type><listen>unix:path={folder}/bus</listen><policy context="default">
<allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy></busconfig>
"""
SERVER = """Listen {folder}/server
Browsing Off
DefaultAuthType None
WebInterface No
ErrorPolicy stop-printer
<Location />
Allow all
</Location>
<Location /admin>
Allow all
</Location>
<Policy default>
<Limit All>
Allow all
</Limit>
</Policy>
"""
FILES = """ServerRoot {folder}/etc
RequestRoot {folder}/spool
CacheDir {folder}/cache
StateDir {folder}/run
TempDir {folder}/tmp
AccessLog {folder}/access
ErrorLog {folder}/error
PageLog {folder}/page
"""
KEEP = """#!/bin/sh
mkdir {folder}/kept/$$ && env | grep ^IPP_ > {folder}/kept/$$/job && cp "$1" {folder}/kept/$$/document &&
mv {folder}/kept/$$ "{folder}/printed/$IPP_JOB_ID"
"""


class PrintServer:
    """A running print server; ``queue`` makes a queue on it, ``printed`` waits for what came out."""

    def __init__(self, folder, printer):
        self.folder = folder
        self.address = str(folder / "server")
        self.printer = printer

    def command(self, *arguments):
        done = subprocess.run(
            arguments,
            check=False,
            env={**os.environ, "CUPS_SERVER": self.address, "LC_ALL": "C"},
            timeout=20,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert done.returncode == 0, f"{arguments}: {done.stdout}"
        return done.stdout

    def queue(self, name, driver="everywhere"):
        self.command("lpadmin", "-p", name, "-E", "-v", self.printer, "-m", driver)

    def printed(self, count=1):
        """The documents and their attributes, oldest first; what was printed is cleared away."""
        folder = self.folder / "printed"
        wait_for(lambda: len(list(folder.iterdir())) >= count, self.folder / "error")
        jobs = []
        for job in sorted(folder.iterdir(), key=lambda job: int(job.name)):
            lines = (job / "job").read_text().splitlines()
            jobs.append(((job / "document").read_bytes(), dict(line.split("=", 1) for line in lines if "=" in line)))
            shutil.rmtree(job)
        return jobs

    def waiting(self):
        """Jobs that the server holds."""
        return self.command("lpstat", "-o")


def wait_for(ready, log):
    until = time.monotonic() + 30
    while not ready():
        if time.monotonic() > until:
            pytest.fail(
                f"nothing came; the log says: {log.read_text(errors='replace')[-2000:] if log.exists() else '-'}"
            )
        time.sleep(0.02)


@contextmanager
def running(command, log, **environment):
    with log.open("wb") as words:
        program = subprocess.Popen(command, stdout=words, stderr=words, env={**os.environ, **environment})
        try:
            yield program
        finally:
            program.terminate()
            program.wait(20)


def free_port():
    with socket.create_server(("::1", 0), family=socket.AF_INET6) as taken:
        return taken.getsockname()[1]


@pytest.fixture(scope="module")
def server(skip_or_fail):
    """A print server without queues and a printer that takes any document."""
    path = f"{os.environ['PATH']}:/usr/sbin"
    programs = {name: shutil.which(name, path=path) for name in ("cupsd", "ippeveprinter", "dbus-daemon", "lpadmin")}
    if missing := [name for name, found in programs.items() if found is None]:
        skip_or_fail(f"no {missing[0]} here", "apt-get install cups cups-client cups-ipp-utils dbus-daemon")
    # Not pytest's own folder: as root, the server's filters run as another user, who could not enter that one.
    with tempfile.TemporaryDirectory(prefix="markdna-cups-", ignore_cleanup_errors=True) as name, ExitStack() as stack:
        folder = Path(name)
        folder.chmod(0o755)
        for part in ("etc", "spool", "cache", "run", "tmp", "kept", "printed", "jobs"):
            (folder / part).mkdir()
        for file, text in (("bus.conf", BUS), ("cupsd.conf", SERVER), ("etc/cups-files.conf", FILES), ("keep", KEEP)):
            (folder / file).write_text(text.format(folder=folder))
        (folder / "keep").chmod(0o755)
        # The printer announces itself over the system's bus, and does not start without one.
        bus = [programs["dbus-daemon"], f"--config-file={folder}/bus.conf", "--nofork", "--nopidfile"]
        stack.enter_context(running(bus, folder / "bus.log"))
        wait_for((folder / "bus").exists, folder / "bus.log")
        port = free_port()
        printer = [
            programs["ippeveprinter"], "-n", "localhost", "-p", str(port), "-r", "off", "-2", "-d", f"{folder}/jobs",
            "-f", "application/pdf,application/octet-stream", "-c", f"{folder}/keep", "Labels",
        ]  # fmt: skip
        stack.enter_context(running(printer, folder / "printer", DBUS_SYSTEM_BUS_ADDRESS=f"unix:path={folder}/bus"))
        files = ["-c", f"{folder}/cupsd.conf", "-s", f"{folder}/etc/cups-files.conf"]
        stack.enter_context(running([programs["cupsd"], *files, "-f"], folder / "cupsd"))
        wait_for((folder / "server").is_socket, folder / "error")
        wait_for(lambda: accepts(port), folder / "printer")
        yield PrintServer(folder, f"ipp://localhost:{port}/ipp/print")


def accepts(port):
    try:
        socket.create_connection(("localhost", port), timeout=1).close()
    except OSError:
        return False
    return True


@pytest.fixture(scope="module")
def queued(server):
    """The server with a queue that knows its printer, and one that passes bytes on as they are."""
    server.queue("Kontor-plan-2")
    server.queue("etiketter", "raw")
    return server


@pytest.fixture
def run(tmp_path, monkeypatch, queued):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MARKDNA_CONFIG", raising=False)
    monkeypatch.setenv("CUPS_SERVER", queued.address)

    def command(*arguments, language="sv"):
        return CliRunner(env={"MARKDNA_LANGUAGE": language}).invoke(labels, [str(part) for part in arguments])

    return command


def test_sheets_go_through_a_queue_that_is_only_named(run, queued, pdfium, read):
    numbers = [markcode.issue() for _ in range(30)]
    done = run("print", *numbers, "--queue", "Kontor-plan-2")
    assert done.exit_code == 0, done.output
    assert done.stdout.startswith("Skickat till Kontor-plan-2-")
    ((document, job),) = queued.printed()
    assert sorted(text for page in pdfium(document, 203) for text in read(page)) == sorted(
        markcode.url(BASE, number) for number in numbers
    )
    assert job["IPP_JOB_NAME"] == "markdna warning-sticker"


def test_the_document_that_arrives_is_the_one_that_was_written(run, queued, tmp_path):
    numbers = [markcode.issue() for _ in range(3)]
    assert run("sheet", *numbers, "--out", "same.pdf").exit_code == 0
    assert run("print", *numbers, "--queue", "etiketter").exit_code == 0
    ((document, _),) = queued.printed()
    assert document == (tmp_path / "same.pdf").read_bytes()


def test_size_sides_copies_and_no_scaling_reach_the_printer_whatever_the_queue_does_by_habit(
    run, queued, pdfium, tmp_path
):
    # A job that the server still holds when its queue is changed is sent once more.
    wait_for(lambda: not queued.waiting(), queued.folder / "error")
    queued.command(
        "lpadmin", "-p", "Kontor-plan-2", "-o", "Duplex=DuplexNoTumble", "-o", "copies-default=3",
        "-o", "media-default=na_letter_8.5x11in", "-o", "print-scaling-default=fit", "-o", "number-up-default=2",
    )  # fmt: skip
    numbers = [markcode.issue() for _ in range(30)]
    assert run("print", *numbers, "--queue", "Kontor-plan-2").exit_code == 0
    run("sheet", *numbers, "--out", "same.pdf")
    # The control: the same file without our options comes out otherwise.
    queued.command("lp", "-d", "Kontor-plan-2", str(tmp_path / "same.pdf"))
    (ours, job), (theirs, habit) = queued.printed(2)
    assert "x-dimension=21000 y-dimension=29700" in job["IPP_MEDIA_COL"]
    assert job["IPP_SIDES"] == "one-sided"
    assert job.get("IPP_COPIES", "1") == "1"
    sheet = pdfium((tmp_path / "same.pdf").read_bytes(), 72)
    assert [page.tobytes() for page in pdfium(ours, 72)] == [page.tobytes() for page in sheet]
    assert "x-dimension=21000 y-dimension=29700" not in habit["IPP_MEDIA_COL"]
    assert habit["IPP_SIDES"] == "two-sided-long-edge"
    assert habit["IPP_COPIES"] == "3"
    assert [page.tobytes() for page in pdfium(theirs, 72)] != [page.tobytes() for page in sheet]


def test_a_label_printer_behind_a_queue_gets_its_own_language_untouched(run, queued, tmp_path):
    (tmp_path / "config.toml").write_text('[labels.printers.zebra]\nkind = "zpl"\nqueue = "zebra"\n')
    with socket.create_server(("127.0.0.1", 0)) as printer:
        printer.settimeout(20)
        queued.command(
            "lpadmin", "-p", "zebra", "-E", "-v", f"socket://127.0.0.1:{printer.getsockname()[1]}", "-m", "raw"
        )
        done = run("print", "4K7Q2M9XW3PZD7N", "--printer", "zebra", "--stock", "ROLL-57X32", "--copies", 2)
        assert done.exit_code == 0, done.output
        connection, _ = printer.accept()
        with connection:
            received = b"".join(iter(lambda: connection.recv(4096), b""))
    queued.command("lpadmin", "-x", "zebra")
    assert received.startswith(b"^XA^CI28^PW456^LL256")
    assert received.endswith(b"^PQ2^XZ\n")


def test_a_queue_is_found_whatever_the_case_of_its_name(run, queued):
    assert "Kontor-plan-2-" in run("print", "--new", 1, "--queue", "KONTOR-plan-2").output
    queued.printed()


@pytest.mark.parametrize(
    ("language", "message"),
    [
        ("sv", "Skrivare hemma: utskriftsservern har ingen sådan kö. Dess köer: etiketter, Kontor-plan-2."),
        ("en", "Printer hemma: the print server has no such queue. Its queues: etiketter, Kontor-plan-2."),
    ],
)
def test_an_unknown_queue_is_refused_with_those_that_are_there(run, language, message):
    done = run("print", "--new", 1, "--queue", "hemma", language=language)
    assert done.exit_code == 1
    assert message in done.output


@pytest.mark.parametrize("name", ["-e", "x; touch here", "../etiketter", "etiketter -o raw", ""])
def test_a_name_is_never_taken_for_an_option_or_a_command(name, queued, monkeypatch, tmp_path):
    monkeypatch.setenv("CUPS_SERVER", queued.address)
    with pytest.raises(PrinterError, match="has no such queue"):
        send_to_queue(name, tmp_path / "job")


def test_a_stopped_queue_is_refused_with_its_reason_and_keeps_no_job(run, queued, tmp_path):
    # A job that is just ending would still write its own words over the reason.
    wait_for(lambda: queued.waiting() == "", queued.folder / "error")
    queued.command("cupsdisable", "-r", "slut på papper", "Kontor-plan-2")
    try:
        done = run("print", "--new", 1, "--queue", "Kontor-plan-2", "--package", "blå lådan")
        assert done.exit_code == 1
        assert "dess kö är stoppad (slut på papper). Starta den med: cupsenable Kontor-plan-2" in done.output
        assert queued.waiting() == ""
        # No place of the sheet is used by what was not printed.
        assert not (tmp_path / "labels-state.json").exists()
        # The control: the print server itself takes such a job and keeps it.
        (tmp_path / "any.txt").write_text("x")
        queued.command("lp", "-d", "Kontor-plan-2", str(tmp_path / "any.txt"))
        assert "Kontor-plan-2-" in queued.waiting()
        queued.command("cancel", "-a", "Kontor-plan-2")
    finally:
        queued.command("cupsenable", "Kontor-plan-2")


def test_what_went_to_the_printer_has_used_its_places(run, queued, tmp_path):
    assert run("print", "--new", 2, "--queue", "etiketter", "--package", "blå lådan").exit_code == 0
    queued.printed()
    assert '"used": [\n    1,\n    2\n   ]' in (tmp_path / "labels-state.json").read_text()


def test_a_queue_that_takes_no_jobs_says_why(run, queued):
    queued.command("cupsreject", "-r", "flyttad till plan 3", "etiketter")
    try:
        done = run("print", "--new", 1, "--queue", "etiketter")
        assert "dess kö tar inte emot jobb (flyttad till plan 3). Öppna den med: cupsaccept etiketter" in done.output
    finally:
        queued.command("cupsaccept", "etiketter")


def test_a_print_server_that_is_not_running_is_named(run, monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
    monkeypatch.setenv("CUPS_SERVER", address)
    done = run("print", "--new", 1, "--queue", "etiketter")
    assert done.exit_code == 1
    assert f"Skrivare etiketter: ingen utskriftsserver (CUPS) svarar på {address}." in done.output


def test_a_print_server_that_takes_the_connection_and_says_nothing_is_not_waited_for_long(run, monkeypatch):
    monkeypatch.setattr(queues, "PATIENCE", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setenv("CUPS_SERVER", f"127.0.0.1:{silent.getsockname()[1]}")
        done = run("print", "--new", 1, "--queue", "etiketter")
    assert done.exit_code == 1
    assert "Skrivare etiketter: " in done.output


def test_a_machine_without_a_print_system_is_told_so(run, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    done = run("print", "--new", 1, "--queue", "etiketter")
    assert "kommandot lpstat i utskriftssystemet CUPS är inte installerat" in done.output


def test_a_queue_and_a_printer_at_once_are_refused(run):
    assert "--queue eller --printer, inte båda" in run("print", "--new", 1, "--queue", "a", "--printer", "b").output


@pytest.mark.parametrize(
    ("page", "name"),
    [
        ((210, 297), "iso_a4_210x297mm"),
        ((297, 420), "iso_a3_297x420mm"),
        ((148, 210), "iso_a5_148x210mm"),
        ((57.2, 32), "custom_label_57.2x32mm"),
    ],
)
def test_pages_have_their_standard_names(page, name):
    assert paper_name(page) == name
