"""Ten million codes of nine characters, damaged in every way that dots are: recall against its cap, time and bytes.

The part of ``benchmarks.identification`` that is about codes, for itself: it takes two minutes instead of half an hour.
"""

import sys

from benchmarks.identification_code_claims import code_claims
from benchmarks.identification_workers import engine_digest
from benchmarks.report import Claim, argument_parser, publish


def main() -> int:
    parser = argument_parser("identification_codes", __doc__)
    parser.add_argument("--kits", type=int, default=10_000_000)
    parser.add_argument("--reads", type=int, default=2000, help="readings of each class of damage")
    options = parser.parse_args()
    if options.quick:
        options.kits, options.reads = min(options.kits, 20_000), 100
    claims: list[Claim] = []
    code_claims(options, claims)
    versions = {"engine": engine_digest()}
    return publish("identification_codes", claims, options, ["markdna", "numpy", "numba"], versions)


if __name__ == "__main__":
    sys.exit(main())
