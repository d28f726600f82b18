"""Label makers of other people, run by the interpreter of an environment that has them; prints JSON."""

import io
import json
import sys
import time
from importlib.metadata import PackageNotFoundError, version
from tempfile import TemporaryDirectory
from typing import Any


def lines(place: int) -> list[str]:
    return ["Batteriborr 18 V", "Kvarnby kommun", f"Verkstad, hylla {place % 90}", f"4K7Q-2M9X-W3PZ-{place:03}"]


def url(place: int) -> str:
    return f"HTTPS://DNA.KOMMUN.EXAMPLE/S/4K7Q2M9XW3PZ{place:03}"


def with_blabel(count: int) -> int:
    from blabel import LabelWriter  # noqa: PLC0415 - a peer that may be missing

    template = (
        "<div style='border:1px solid'><img style='width:27mm' src=\"{{ label_tools.qr_code(url) }}\"/>"
        "{% for line in lines %}<p>{{ line }}</p>{% endfor %}</div>"
    )
    with TemporaryDirectory() as folder:
        writer = LabelWriter(item_template=template, default_stylesheets=())
        target = f"{folder}/out.pdf"
        writer.write_labels([{"url": url(place), "lines": lines(place)} for place in range(count)], target=target)
        with open(target, "rb") as made:  # noqa: PTH123 - one line in a script that stands alone
            return len(made.read())


def with_pylabels(count: int) -> int:
    from reportlab.graphics import shapes  # noqa: PLC0415
    from reportlab.graphics.barcode.qr import QrCodeWidget  # noqa: PLC0415

    import labels  # noqa: PLC0415 - pylabels, in its own environment

    def draw(label: Any, width: float, height: float, place: int) -> None:
        label.add(shapes.Rect(1, 1, width - 2, height - 2, fillColor=None))
        for line, words in enumerate(lines(place)):
            label.add(shapes.String(8, height - 20 - 14 * line, words, fontSize=8))
        label.add(QrCodeWidget(url(place), barLevel="M", x=100, y=15, barWidth=76, barHeight=76))

    specification = labels.Specification(210, 297, 3, 7, 63.5, 38.1, left_margin=7.2, top_margin=15.15, row_gap=0)
    sheet = labels.Sheet(specification, draw)
    sheet.add_labels(range(count))
    stream = io.BytesIO()
    sheet.save(stream)
    return stream.tell()


def main() -> None:
    count, found = int(sys.argv[1]), []
    for name, way in (("blabel", with_blabel), ("pylabels", with_pylabels)):
        try:
            known = version(name)
            way(3)
        except (ImportError, PackageNotFoundError) as missing:
            found.append({"name": name, "us": "missing", "detail": str(missing)})
            continue
        began = time.process_time()
        size = way(count)
        spent = (time.process_time() - began) / count * 1e6
        found.append({"name": name, "us": spent, "detail": f"{known}, {count} labels, {size / count:.0f} bytes each"})
    print(json.dumps(found))


if __name__ == "__main__":
    main()
