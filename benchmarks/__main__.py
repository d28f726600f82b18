"""``python -m benchmarks``: all benchmarks in turn, each in a process of its own; figures go to docs/benchmarks/.

``--quick`` runs the small versions. The nanopore benchmark needs files: name their folder with ``--reads``.
"""

import subprocess
import sys
from argparse import ArgumentParser
from pathlib import Path

OUT = Path(__file__).parents[1] / "docs" / "benchmarks"
LONG = ("identification_calibration", "identification_tail", "identification_scale")
"""Counts that `identification` takes into its own document; hours at full size."""
NAMES = (
    "frames",
    "station",
    "station_kills",
    "stolen_list",
    "station_screen",
    "fuzzing",
    *LONG,
    "identification",
    "reads_stream",
    "fused_evidence",
    "index_file",
    "labels",
    "label_scans",
)


def main() -> int:
    parser = ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="the small versions")
    parser.add_argument("--reads", type=Path, help="folder with nanopore-kits.csv, nanopore-reads.fastq and -truth.csv")
    options = parser.parse_args()
    runs: dict[str, list[str]] = {name: [] for name in NAMES}
    if not options.quick:
        runs["identification_scale"] = ["--chart", str(OUT / "identification_growth.svg")]
    if options.reads:
        runs["identification"] = ["--nanopore", str(options.reads)]
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
