"""What is fuzzed: every place where bytes from outside become something, each as a function of bytes.

A target raises for what must not happen: an exception that nobody documents, a piece of a line read otherwise than the
whole, more bytes held than a frame may have. ``benchmarks.fuzzing`` feeds them; a test feeds them their seeds.
"""

from benchmarks.fuzz_targets import files, lines, register
from benchmarks.fuzz_targets.target import Target

__all__ = ["CONTROL", "TARGETS", "Target"]

CONTROL = lines.CONTROL
"""Name of the target with a planted fault, which fuzzing must find."""
TARGETS: dict[str, Target] = {**lines.TARGETS, **files.TARGETS, **register.TARGETS}
