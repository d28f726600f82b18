"""Readings for the identification benchmark: invented marks, damaged as readers damage them."""

import random
from collections.abc import Callable
from enum import StrEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from registry.identification.answer import MarkKind, Observation, PrimerPair
from registry.identification.bases import encode
from registry.identification.glyphs import GLYPHS, LOOKALIKES

__all__ = [
    "CODE_LETTERS",
    "DAMAGES",
    "PRIMERS",
    "STRANGER",
    "Case",
    "Errors",
    "between_primers",
    "cut",
    "damaged",
    "random_bases",
    "sequenced",
]

CODE_LETTERS = "0123456789ABCDEFGHIJKMNOPQRSTVWX"
"""32 characters that keep O/0, I/1 and B/8, as etched dots do."""
PRIMERS = PrimerPair("GTCATGCTAGGACTTCACGA", "CAGTTGACCTAGCATGTCGT")
STRANGER = -1
"""The kit of a reading that comes from no registered one."""


class Case(NamedTuple):
    """One reading of one thing, and where it comes from."""

    kit: int
    observations: tuple[Observation, ...]


class Errors(StrEnum):
    """How a sequencer errs: 40 % substitutions, 30 % insertions, 30 % deletions unless said otherwise."""

    PLAIN = "independent errors"
    HOMOPOLYMER = "deletions three times as frequent in runs of three and more"
    CONFIDENT = "qualities 5 too high"
    FLAT = "every quality 10"
    NO_QUALITY = "no qualities"


def random_bases(length: int, dice: np.random.Generator) -> NDArray[np.uint8]:
    """A molecule that no register holds."""
    return dice.integers(0, 4, length, dtype=np.uint8)


def between_primers(codes: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The molecule with the supplier's primers on both sides."""
    return np.concatenate([encode(PRIMERS.forward), codes, encode(PRIMERS.reverse)])


def cut(codes: NDArray[np.uint8], lost: int, dice: np.random.Generator) -> NDArray[np.uint8]:
    """The molecule without ``lost`` bases at one of its ends."""
    return codes[lost:] if dice.random() < 0.5 else codes[: len(codes) - lost]


def sequenced(
    codes: NDArray[np.uint8], rate: float, dice: np.random.Generator, errors: Errors = Errors.PLAIN
) -> Observation:
    """A read of a signature (bases 0 to 3), either strand; error rates of bases are Gamma(0.7) distributed.

    The Phred quality is drawn from the true rate of the base.
    """
    chances = np.clip(rate * dice.gamma(0.7, 1 / 0.7, len(codes)), 1e-4, 0.6)
    signs = np.clip(np.round(-10 * np.log10(chances)) + (5 if errors is Errors.CONFIDENT else 0), 1, 40)
    if errors is Errors.FLAT:
        signs[:] = 10
    rolls = dice.random(len(codes))
    bases: list[int] = []
    quality: list[int] = []
    whole = codes.tolist()
    for place, (base, chance, sign, roll) in enumerate(
        zip(whole, chances.tolist(), signs.astype(int).tolist(), rolls.tolist(), strict=True)
    ):
        lost = 0.3 * chance
        if errors is Errors.HOMOPOLYMER and place >= 2 and whole[place - 1] == base == whole[place - 2]:
            lost *= 3
        if roll < lost:
            continue
        if roll < lost + 0.3 * chance:
            bases.append(int(dice.integers(4)))
            quality.append(33 + sign)
        wrong = roll >= 1 - 0.4 * chance
        bases.append((base + int(dice.integers(1, 4))) % 4 if wrong else base)
        quality.append(33 + sign)
    if dice.random() < 0.5:
        bases, quality = [3 - base for base in reversed(bases)], quality[::-1]
    text = "".join("ACGT"[base] for base in bases)
    return Observation(MarkKind.DNA, text, "" if errors is Errors.NO_QUALITY else bytes(quality).decode("ascii"))


def _replace(code: str, places: list[int], letters: Callable[[str], str]) -> str:
    changed = list(code)
    for place in places:
        changed[place] = letters(code[place])
    return "".join(changed)


def _other(dice: random.Random) -> Callable[[str], str]:
    return lambda letter: dice.choice([other for other in CODE_LETTERS if other != letter])


def _blank(_letter: str) -> str:
    return "?"


def _wrong_and_unreadable(code: str, dice: random.Random) -> str:
    first, second = dice.sample(range(len(code)), 2)
    return _replace(_replace(code, [first], _other(dice)), [second], _blank)


def _lost(code: str, dice: random.Random) -> str:
    place = dice.randrange(len(code))
    return code[:place] + code[place + 1 :]


def _added(code: str, dice: random.Random) -> str:
    place = dice.randrange(len(code) + 1)
    return code[:place] + dice.choice(CODE_LETTERS) + code[place:]


def _swapped(code: str, dice: random.Random) -> str:
    place = dice.choice([place for place in range(len(code) - 1) if code[place] != code[place + 1]] or [0])
    return code[:place] + code[place + 1] + code[place] + code[place + 2 :]


def _lookalikes(code: str, dice: random.Random) -> str:
    places = [place for place, letter in enumerate(code) if letter in LOOKALIKES][:2]
    return _replace(code, places, lambda letter: dice.choice(LOOKALIKES[letter]))


Damage = Callable[[str, random.Random], str]

DAMAGES: dict[str, Damage] = {
    "whole": lambda code, _: code,
    "1 unreadable": lambda code, dice: _replace(code, dice.sample(range(len(code)), 1), _blank),
    "2 unreadable": lambda code, dice: _replace(code, dice.sample(range(len(code)), 2), _blank),
    "3 unreadable": lambda code, dice: _replace(code, dice.sample(range(len(code)), 3), _blank),
    "1 wrong": lambda code, dice: _replace(code, dice.sample(range(len(code)), 1), _other(dice)),
    "2 wrong": lambda code, dice: _replace(code, dice.sample(range(len(code)), 2), _other(dice)),
    "1 wrong, 1 unreadable": _wrong_and_unreadable,
    "1 lost": _lost,
    "1 added": _added,
    "2 swapped": _swapped,
    "2 look-alikes": _lookalikes,
}
"""Every class of damage to a dot's text."""


def damaged(code: str, dice: random.Random) -> str:
    """A text as a reader with the plain model's rates makes it of a code: for calibration."""
    seen: list[str] = []
    for letter in code:
        if dice.random() < 0.01:
            continue
        if dice.random() < 0.01:
            seen.append(dice.choice(GLYPHS))
        roll = dice.random()
        alike = LOOKALIKES.get(letter, "")
        if roll < 0.25:
            seen.append("?")
        elif roll < 0.25 + 0.75 * 0.05:
            seen.append(dice.choice(alike) if alike and dice.random() < 0.5 else dice.choice(GLYPHS))
        elif alike and dice.random() < 0.01:
            seen.append(dice.choice(alike))
        else:
            seen.append(letter)
    return "".join(seen)
