"""The identification engine against its claims: recall, time, bytes, certainty, and its peers.

``--kits`` sets the size of the registers, also for the peers (10^7 for the figures of the documentation). Times are CPU
milliseconds of one thread, the best of three interleaved rounds; ratios to peers are of the same moment. Indices of the
peers take up to half an hour each to build at 10^7: ``--peer-folder`` keeps them for the next run.

The counts that take hours run for themselves and are taken in from their files (``--earlier``, by default those in
docs/benchmarks): identification_tail, identification_calibration, identification_scale. ``--tail`` and ``--calibrate``
count here instead.
"""

import sys
import tempfile
from argparse import Namespace
from pathlib import Path

from benchmarks.identification_aligners import program_versions
from benchmarks.identification_calibration import calibration_claims, calibration_options
from benchmarks.identification_code_claims import code_claims
from benchmarks.identification_code_peer_claims import code_peer_claims
from benchmarks.identification_earlier import earlier_claims
from benchmarks.identification_mixed_claims import mixed_claims
from benchmarks.identification_nanopore import nanopore_claims
from benchmarks.identification_postgres import server_version
from benchmarks.identification_rough_reads import rough_claims
from benchmarks.identification_signature_claims import signature_claims
from benchmarks.identification_signature_peers import signature_peer_claims
from benchmarks.identification_tail import tail_claims, tail_options
from benchmarks.identification_workers import engine_digest, partial_option
from benchmarks.report import Claim, argument_parser, publish

PACKAGES = ["markdna", "numpy", "numba", "edlib", "rapidfuzz", "psycopg"]
EARLIER = Path(__file__).parents[1] / "docs" / "benchmarks"


def main() -> int:
    options = parsed()
    claims: list[Claim] = []
    with tempfile.TemporaryDirectory(prefix="markdna-") as folder:
        signatures = signature_claims(Path(folder), options, claims)
        if options.tail:
            claims += tail_claims(signatures.file, options)
        else:
            claims += earlier_claims("identification_tail", options.earlier / "identification_tail.json")
        claims += rough_claims(signatures, options)
        claims += mixed_claims(options)
        claims += nanopore_claims(options.nanopore)
        if options.peers:
            claims += signature_peer_claims(signatures, options)
        else:
            claims.append(Claim("peers", "not run", "", "", None, "--no-peers"))
        del signatures
    codes = code_claims(options, claims)
    if options.peers:
        claims += code_peer_claims(codes, options)
    del codes
    if options.calibrate:
        claims += calibration_claims(options)
    else:
        claims += earlier_claims("identification_calibration", options.earlier / "identification_calibration.json")
    claims += earlier_claims("identification_scale", options.earlier / "identification_scale.json")
    versions = {**program_versions(), "postgresql": server_version(), "engine": engine_digest()}
    return publish("identification", claims, options, PACKAGES, versions)


def parsed() -> Namespace:
    parser = argument_parser("identification", __doc__)
    parser.add_argument("--kits", type=int, default=10_000_000)
    parser.add_argument("--reads", type=int, default=2000, help="readings of each error rate and class of damage")
    parser.add_argument("--no-peers", dest="peers", action="store_false", help="the engine alone")
    parser.add_argument("--peer-folder", type=Path, help="where the peers' indices are kept from run to run")
    parser.add_argument("--peer-reads", type=int, default=2000, help="reads of each error rate for each peer")
    parser.add_argument("--exhaustive-reads", type=int, default=4, help="reads for peers that compare every signature")
    parser.add_argument("--nanopore", type=Path, metavar="DIR", help="folder of nanopore-kits.csv, -reads.fastq, …")
    parser.add_argument("--earlier", type=Path, default=EARLIER, metavar="DIR", help="files of the long counts")
    parser.add_argument("--calibrate", action="store_true", help="count the calibration here")
    tail_options(parser)
    calibration_options(parser)
    partial_option(parser)
    options = parser.parse_args()
    if options.quick:
        options.kits, options.reads, options.readings = min(options.kits, 20_000), 100, 200
        options.peer_reads, options.tail, options.calibrate = 100, 200, True
    return options


if __name__ == "__main__":
    sys.exit(main())
