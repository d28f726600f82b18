"""The inner loops compiled by numba; plain numpy does the same in distance.py, seeds.py, nearest.py and lattice.py.

Nothing imports this package unless numba is installed and the register is large; ``kernels.compiled()`` decides.
Lanes are loops over small arrays that the compiler turns into vector instructions.
"""

# mypy: ignore-errors
from registry.identification.compiled.bits import unpack
from registry.identification.compiled.blocks import near_codes
from registry.identification.compiled.codes import best_path, code_sums, profile_sums, score_codes
from registry.identification.compiled.laying import lay
from registry.identification.compiled.neighbours import nearest_rows
from registry.identification.compiled.reads import (
    distances_of_one_word,
    distances_of_words,
    nearest_of_all,
    nearest_of_rows,
)
from registry.identification.compiled.repeats import repeat_gain
from registry.identification.compiled.seeds import count_seeds, place_seeds, screen_seeds

__all__ = [
    "best_path",
    "code_sums",
    "count_seeds",
    "distances_of_one_word",
    "distances_of_words",
    "lay",
    "near_codes",
    "nearest_of_all",
    "nearest_of_rows",
    "nearest_rows",
    "place_seeds",
    "profile_sums",
    "repeat_gain",
    "score_codes",
    "screen_seeds",
    "unpack",
]
