"""Labels made faster than by the usual ways: CPU time, bytes, memory and the first label of a cold process.

One label is a frame, four lines of text and a QR code of 44 characters, 21 to a page (L7160). All ways run in one
process, in turn, and the best of several rounds counts. ``--peers PYTHON`` names the interpreter of an environment with
blabel, pylabels and reportlab (pylabels is also called ``labels`` and cannot share ours).
"""

import io
import json
import subprocess
import sys
import time
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from benchmarks.label_start import first_label
from benchmarks.label_ways import WAYS, Item
from benchmarks.report import Claim, argument_parser, publish
from labels import markcode
from labels.pdf import Design, DrawLabel, LabelContent, Pen, Scene, write_sheets
from labels.qr import QrSeries, path
from labels.stock import STOCKS
from labels.typeface import BOLD

STOCK: Final = STOCKS["L7160"]
BASE: Final = "https://dna.kommun.example"
PACKAGES: Final = ("reportlab", "qrcode", "numpy", "pillow")
PEERS: Final = ("blabel", "pylabels")


def four_lines(pen: Pen, scene: Scene) -> DrawLabel:
    """The label that all ways draw."""
    pen.frame(0.5, 0.5, scene.width - 1, scene.height - 1, "#000000")

    def draw(pen: Pen, label: LabelContent) -> None:
        pen.qr(36, 5, 27, label.url, sturdy=False)
        pen.text(3, 8, label.name, 9, BOLD, width=32)
        pen.text(3, 13, label.owner, 8, width=32)
        pen.text(3, 18, label.place, 8, width=32)
        pen.text(3, 23, label.number, 8, width=32)

    return draw


FOUR_LINES: Final = Design(
    "four-lines", "Asset label", "Asset label", (60, 38), ("url",), four_lines, ("L7160",), LabelContent()
)


def items(count: int) -> list[Item]:
    """Labels that all differ."""
    made = []
    for place in range(count):
        number = markcode.issue()
        made.append(
            Item(
                url=markcode.url(BASE, number),
                lines=("Batteriborr 18 V", "Kvarnby kommun", f"Verkstad, hylla {place % 90}", markcode.grouped(number)),
            )
        )
    return made


def contents(made: Sequence[Item]) -> list[LabelContent]:
    """The same labels for our own way."""
    return [
        LabelContent(url=item.url, name=item.lines[0], owner=item.lines[1], place=item.lines[2], number=item.lines[3])
        for item in made
    ]


def ours(made: Sequence[Item]) -> int:
    """Our way; gives the size of the file."""
    stream = io.BytesIO()
    write_sheets(stream, contents(made), stock=STOCK, design=FOUR_LINES)
    return stream.tell()


def floor(made: Sequence[Item], drawn: Sequence[str]) -> int:
    """Hand-written page content and zlib, the text unmeasured and each code's path given for nothing."""
    size = 0
    for start in range(0, len(made), STOCK.positions):
        parts = []
        for place, item in enumerate(made[start : start + STOCK.positions]):
            x, y = 20.4 + place % 3 * 187.2, 691 - place // 3 * 108
            one, two, three, four = item.lines
            code = drawn[start + place] if drawn else ""
            parts.append(
                f"q 1 0 0 1 {x} {y} cm 1.4 1.4 177.2 105.2 re S BT /F1 9 Tf 8.5 85 Td ({one}) Tj /F2 8 Tf 0 -14 Td "
                f"({two}) Tj 0 -14 Td ({three}) Tj 0 -14 Td ({four}) Tj ET q 1.77 0 0 1.77 109 26 cm\n{code}f Q Q\n"
            )
        size += len(zlib.compress("".join(parts).encode("cp1252"))) + 200
    return size


def cpu(way: Callable[[Sequence[Item]], int], made: Sequence[Item], rounds: int) -> tuple[float, float]:
    """Microseconds of CPU and bytes for each label, best of ``rounds``."""
    best, size = float("inf"), 0
    for _ in range(rounds):
        began = time.process_time()
        size = way(made)
        best = min(best, time.process_time() - began)
    return best / len(made) * 1e6, size / len(made)


def memory_of_a_child(count: int) -> float:
    """``peak_memory`` of a fresh process of this module."""
    command = [sys.executable, "-m", "benchmarks.labels", "--peak-memory", str(count)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=600)
    return float(done.stdout)


def peak_memory(count: int) -> float:
    """Peak MiB of this process after a run of ``count`` labels that differ in their numbers fifty by fifty."""
    labels = contents(items(50))
    with Path("/dev/null").open("wb") as sink:
        endless = (labels[place % 50] for place in range(count))
        write_sheets(sink, endless, stock=STOCK, design=FOUR_LINES)
    # Not ru_maxrss: a child inherits its parent's peak there when it is started.
    (peak,) = (line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    return int(peak.split()[1]) / 1024


def peers(python: str | None, count: int) -> list[Claim]:
    """Ways that need another environment."""
    if python is None:
        how = "not given: python -m venv P; P/bin/pip install blabel pylabels reportlab; --peers P/bin/python"
        return [Claim(f"CPU per label, {name}", "missing", "", "", holds=None, detail=how) for name in PEERS]
    script = Path(__file__).with_name("label_peers.py")
    done = subprocess.run([python, "-P", script, str(count)], capture_output=True, text=True, check=True, timeout=600)
    return [
        Claim(f"CPU per label, {found['name']}", found["us"], "µs", "", holds=None, detail=found["detail"])
        for found in json.loads(done.stdout)
    ]


def main() -> int:
    parser = argument_parser("labels", __doc__)
    parser.add_argument("--peers", metavar="PYTHON", help="interpreter of an environment with blabel and pylabels")
    parser.add_argument("--peak-memory", type=int, metavar="COUNT", help="used by the benchmark itself")
    options = parser.parse_args()
    if options.peak_memory:
        print(peak_memory(options.peak_memory))
        return 0
    small, large, rounds = (1000, 3000, 3) if options.quick else (1000, 50_000, 5)
    made = items(small)
    series = QrSeries()
    drawn = [path(series.code(item.url)) for item in made]

    figures: dict[str, tuple[float, float]] = {}
    for _ in range(2):  # In turn, twice, so that a busy moment does not hit one way alone.
        for name, way in {"this project": ours, **WAYS}.items():
            few = made if name == "this project" else made[: min(small, 200)]
            figures[name] = min(figures.get(name, (float("inf"), 0.0)), cpu(way, few, rounds if way is ours else 2))
        with_code = cpu(lambda some: floor(some, drawn), made, rounds)
        without = cpu(lambda some: floor(some, ()), made, rounds)
        figures["floor"] = min(figures.get("floor", with_code), with_code)
        figures["floor without code"] = min(figures.get("floor without code", without), without)
    many = cpu(ours, items(large), 1)
    memory = {count: memory_of_a_child(count) for count in (1000, large)}

    mine, usual = figures["this project"], figures["usual way: qrcode PNG + drawImage"]
    claims = [
        Claim("CPU per label, this project", mine[0], "µs", "", holds=None, detail=f"{small} labels, L7160"),
        Claim(f"the same, {large} labels", many[0], "µs", "", holds=None, detail=f"{many[1]:.0f} bytes a label"),
        Claim("CPU, times the floor", mine[0] / figures["floor"][0], "x", "≤ 2", mine[0] <= 2 * figures["floor"][0],
              f"floor {figures['floor'][0]:.0f} µs: finished path given, hand-written bytes, zlib 6; "
              f"without any code {figures['floor without code'][0]:.0f} µs"),
        Claim("bytes per label", many[1], "B", "≤ 300", many[1] <= 300, f"vector, {large} labels, fonts included"),
        Claim("times faster than the usual way", usual[0] / mine[0], "x", "≥ 100", usual[0] >= 100 * mine[0],
              f"{usual[0]:.0f} µs, {usual[1]:.0f} bytes a label"),
        Claim("peak memory of 1 000 labels", memory[1000], "MiB", "", holds=None),
        Claim(f"growth of memory to {large} labels", memory[large] - memory[1000], "MiB", "≤ 10",
              memory[large] - memory[1000] <= 10, "peak resident size, streamed"),
    ]  # fmt: skip
    claims += first_label(5)
    claims += [
        Claim(f"CPU per label, {name}", figures[name][0], "µs", "", holds=None, detail=f"{figures[name][1]:.0f} bytes")
        for name in WAYS
    ]
    claims += peers(options.peers, 20 if options.quick else 60)
    return publish("labels", claims, options, packages=PACKAGES)


if __name__ == "__main__":
    sys.exit(main())
