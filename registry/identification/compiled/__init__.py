"""The inner loops compiled by numba; plain numpy does the same in distance.py, seeds.py and codes.py.

Nothing imports this package unless numba is installed and the register is large; ``kernels.compiled()`` decides.
Lanes are loops over small arrays that the compiler turns into vector instructions.
"""

# mypy: ignore-errors
from registry.identification.compiled.codes import best_path, path_sums, score_codes
from registry.identification.compiled.neighbours import nearest_rows
from registry.identification.compiled.reads import (
    count_seeds,
    distances_of_one_word,
    distances_of_words,
    gather_seeds,
    lay,
    place_seeds,
)

__all__ = [
    "best_path",
    "count_seeds",
    "distances_of_one_word",
    "distances_of_words",
    "gather_seeds",
    "lay",
    "nearest_rows",
    "path_sums",
    "place_seeds",
    "score_codes",
]
