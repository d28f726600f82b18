"""The colours of the design language reach their contrast, and stand nowhere but in tokens.css."""

import re
from pathlib import Path

import pytest

from registry.web.contrast import PAIRS, contrast_ratio, measure, read_colours

WEB = Path(__file__).parents[3] / "registry" / "web"
DOCUMENT = WEB.parents[1] / "docs" / "design.md"


def test_every_pair_of_colours_reaches_its_contrast_in_both_themes() -> None:
    failing = [one for one in measure(read_colours()) if not one.holds]
    assert failing == []
    assert len(PAIRS) > 40


def test_contrast_agrees_with_the_figures_of_wcag() -> None:
    assert contrast_ratio("#000000", "#ffffff") == pytest.approx(21)
    assert contrast_ratio("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)


def test_a_colour_that_is_too_pale_is_found() -> None:
    colours = read_colours()
    colours["ink-soft"]["light"] = "#9aa5a8"
    assert "ink-soft" in {one.pair.foreground for one in measure(colours) if not one.holds}


def test_the_written_design_names_every_colour_as_it_is() -> None:
    written = DOCUMENT.read_text(encoding="utf-8")
    rows = set(re.findall(r"^\| `--([a-z-]+)` \| `(#[0-9a-f]{6})` \| `(#[0-9a-f]{6})` \|", written, re.MULTILINE))
    assert rows == {(name, themes["light"], themes["dark"]) for name, themes in read_colours().items()}


def test_the_written_contrast_figures_are_the_measured_ones() -> None:
    measured = {(one.pair.foreground, one.pair.background): one for one in measure(read_colours())}
    row = re.compile(r"^\| `--([a-z-]+)` .*\| ([0-9.]+) / ([0-9.]+) (on|under) ([a-z-]+) \|", re.MULTILINE)
    written = row.findall(DOCUMENT.read_text(encoding="utf-8"))
    assert len(written) > 20
    for name, light, dark, side, other in written:
        one = measured[name, other] if side == "on" else measured[other, name]
        assert (light, dark) == (f"{one.light:.2f}", f"{one.dark:.2f}")


def test_every_colour_written_outside_tokens_is_a_token() -> None:
    stray = {}
    for sheet in (WEB / "static" / "css").glob("*.css"):
        if sheet.name in {"tokens.css", "print.css"}:
            continue  # Paper is black on white and needs no themes.
        found = re.findall(r"#[0-9a-fA-F]{3,8}\b", sheet.read_text(encoding="utf-8"))
        if found:
            stray[sheet.name] = found
    assert stray == {}


def test_every_custom_property_in_use_is_defined() -> None:
    sheets = [sheet.read_text(encoding="utf-8") for sheet in (WEB / "static" / "css").glob("*.css")]
    defined = {name for text in sheets for name in re.findall(r"(--[a-z0-9-]+):", text)}
    used = {name for text in sheets for name in re.findall(r"var\((--[a-z0-9-]+)", text)}
    assert used - defined == set()
