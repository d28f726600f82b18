"""A person who prints one sticker does not wait for libraries that this sticker does not need."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import labels

SLOW = {"babel", "numpy", "pydantic", "sqlalchemy", "flask", "urllib.request", "PIL.ImageCms", "zxingcpp"}

PROGRAM = """
import io, json, sys
from labels.designs import design_named
from labels.pdf import LabelContent, write_sheets
from labels.stock import stock_named

label = LabelContent(url="HTTPS://DNA.KOMMUN.EXAMPLE/S/4K7Q2M9XW3PZD7N", number="4K7Q-2M9X-W3PZ-D7N")
options = json.loads(sys.argv[1])
count = options.pop("count")
stock, design = stock_named("L7160"), design_named("warning-sticker")
write_sheets(io.BytesIO(), [label] * count, stock=stock, design=design, **options)
print(json.dumps(sorted(sys.modules)))
"""


COMMAND = """
import json, sys
from registry.cli import markdna

markdna.main(["labels", "sheet", "4K7Q-2M9X-W3PZ-D7N", "--out", sys.argv[1]], standalone_mode=False)
print(json.dumps(sorted(sys.modules)))
"""


def modules_after(**options):
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, json.dumps(options)],
        capture_output=True, text=True, check=True, timeout=60, cwd=Path(labels.__file__).parent.parent,
    )  # fmt: skip
    return set(json.loads(done.stdout))


def test_one_label_loads_none_of_the_slow_libraries():
    loaded = modules_after(count=1)
    assert "reportlab.pdfgen.canvas" in loaded
    assert loaded & SLOW == set()


@pytest.mark.parametrize(
    ("options", "needed"), [({"count": 1, "archive": True}, "PIL.ImageCms"), ({"count": 40}, "numpy")]
)
def test_what_needs_one_of_them_loads_it(options, needed):
    assert needed in modules_after(**options)


def test_the_command_loads_in_addition_only_what_reads_its_options_and_settings(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", COMMAND, str(tmp_path / "one.pdf")],
        capture_output=True, text=True, check=True, timeout=60, cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(Path(labels.__file__).parent.parent)},
    )  # fmt: skip
    loaded = set(json.loads(done.stdout.splitlines()[-1]))
    assert {"click", "pydantic"} <= loaded
    assert loaded & ((SLOW - {"pydantic"}) | {"rich", "scanner", "registry.commands", "labels.printers"}) == set()
