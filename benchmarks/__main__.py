"""``python -m benchmarks``: all benchmarks in turn, each in a process of its own; figures go to docs/benchmarks/.

``--quick`` runs the small versions. The nanopore benchmark needs files: name their folder with ``--reads``.
"""

import subprocess
import sys
from argparse import ArgumentParser
from pathlib import Path

NAMES = ("frames", "station", "station_kills", "identification", "labels", "label_scans")
OUT = Path(__file__).parents[1] / "docs" / "benchmarks"


def main() -> int:
    parser = ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="the small versions")
    parser.add_argument("--reads", type=Path, help="folder with nanopore-kits.csv, nanopore-reads.fastq and -truth.csv")
    options = parser.parse_args()
    runs = {name: [] for name in NAMES}
    if options.reads:
        files = {"kits": "nanopore-kits.csv", "reads": "nanopore-reads.fastq", "truth": "nanopore-reads-truth.csv"}
        runs["nanopore_reads"] = [
            part for name, file in files.items() for part in (f"--{name}", str(options.reads / file))
        ]
    failed = []
    for name, more in runs.items():
        size = ["--quick"] if options.quick else []
        command = [sys.executable, "-m", f"benchmarks.{name}", *size, "--json", str(OUT / f"{name}.json"), *more]
        if subprocess.run(command, check=False).returncode != 0:
            failed.append(name)
    if failed:
        print(f"did not end well: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
