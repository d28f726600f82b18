"""Do the ZPL formats print what they should? They are drawn by a renderer and read by a decoder that are not ours.

The renderer is the npm package zpl-renderer-js (Zebrash by Ingrid, in WebAssembly; it needs no network)::

    npm install --prefix /tmp/zpl zpl-renderer-js
    python -m benchmarks.label_zpl --renderer /tmp/zpl
"""

import base64
import io
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

import zxingcpp
from PIL import Image

from benchmarks.report import Claim, argument_parser, publish
from labels import markcode
from labels.language import Language
from labels.pdf import LabelContent, words_in
from labels.printers.zpl import zpl_labels
from labels.stock import STOCKS

DOTS_PER_MM: Final = {203: 8, 300: 12}
BASE: Final = "https://dna.kommun.example"
SCRIPT: Final = """
const { ready } = require(process.argv[1]);
const jobs = JSON.parse(require("fs").readFileSync(0, "utf8"));
ready.then(async ({ api }) => {
  const made = [];
  for (const [zpl, width, height, dots] of jobs) made.push(await api.zplToBase64Async(zpl, width, height, dots));
  process.stdout.write(JSON.stringify(made));
  process.exit(0);
});
"""


def contents(count: int) -> list[LabelContent]:
    """Labels that are hard on a format: long names, characters that are commands in ZPL, other scripts."""
    names = ["Häcksax", "Åkgräsklippare Husqvarna Rider 316TsX AWD med snöblad", "^XA~JR_5E\\", "Café 🚲 שלום"]
    numbers = [markcode.issue() for _ in range(count)]
    return [
        LabelContent(
            url=markcode.url(BASE, number), number=markcode.grouped(number), name=names[place % len(names)],
            owner="Kvarnby kommun" if place % 2 else "",
        )
        for place, number in enumerate(numbers)
    ]  # fmt: skip


def rendered(renderer: Path, jobs: list[tuple[str, float, float, int]]) -> list[Image.Image]:
    package = renderer / "node_modules" / "zpl-renderer-js" / "dist" / "index.cjs.js"
    done = subprocess.run(
        ["node", "-e", SCRIPT, str(package)], input=json.dumps(jobs), capture_output=True, text=True, check=True,  # noqa: S607
        timeout=600,
    )  # fmt: skip
    return [Image.open(io.BytesIO(base64.b64decode(one))).convert("L") for one in json.loads(done.stdout)]


def claims_of(renderer: Path, count: int, pictures: Path | None) -> list[Claim]:
    claims, say = [], words_in(Language.SWEDISH)
    for stock in (stock for stock in STOCKS.values() if stock.roll):
        for dpi, dots in DOTS_PER_MM.items():
            labels = contents(count)
            formats = list(zpl_labels(labels, stock=stock, dpi=dpi, say=say))
            made = rendered(renderer, [(one, *stock.label, dots) for one in formats])
            good = 0
            for label, picture in zip(labels, made, strict=True):
                good += label.url in [code.text for code in zxingcpp.read_barcodes(picture)]
            if pictures:
                made[1].save(pictures / f"{stock.code}-{dpi}.png")
            size = sum(len(one.encode()) for one in formats) / len(formats)
            detail = (
                f"{good} of {count} codes read from {made[0].width} x {made[0].height} dots, {size:.0f} bytes a label"
            )
            claims.append(Claim(f"{stock.code}, {dpi} dpi", 100 * good / count, "%", "100", good == count, detail))
    return claims


def main() -> int:
    parser = argument_parser("label_zpl", __doc__)
    parser.add_argument("--renderer", type=Path, metavar="DIR", help="where npm installed zpl-renderer-js")
    parser.add_argument("--pictures", type=Path, metavar="DIR", help="keep a picture of each roll here")
    options = parser.parse_args()
    if options.renderer is None or shutil.which("node") is None:
        how = "npm install --prefix DIR zpl-renderer-js; --renderer DIR"
        claims = [Claim("ZPL rendered and decoded", "missing", "", "", holds=None, detail=how)]
    else:
        claims = claims_of(options.renderer, 4 if options.quick else 24, options.pictures)
    return publish("label_zpl", claims, options, packages=["zxing-cpp"])


if __name__ == "__main__":
    sys.exit(main())
