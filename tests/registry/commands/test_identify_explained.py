"""What ``markdna identify`` says beside the candidates: codes that were misread, and what each observation adds."""

import json
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
KITS = ROOT / "tests/registry/data/kits.csv"
SUPPLIERS = ROOT / "tests/registry/data/suppliers.csv"
MANIFEST = ("--kits", str(KITS), "--suppliers", str(SUPPLIERS))
SIGNATURE = "AGACAATTACATAACATACACGTCAGCACGAAACTTGTTGGCCCAGTGTGAATCGCTTAAGGGT"


def answers(answer):
    return [json.loads(line) for line in answer.stdout.splitlines()]


@pytest.fixture
def with_checks(tmp_path):
    """The manifest, with suppliers of whom one declares a check for a family."""
    suppliers = tmp_path / "suppliers.csv"
    header, *rows = SUPPLIERS.read_text(encoding="utf-8").splitlines()
    rows = [f"{row};" for row in rows] + ["Kontrollmärkt AB;[0-9]{11};;;;010-000 04 00;a@kontroll.example;luhn"]
    suppliers.write_text("\n".join((f"{header};code_check", *rows, "")), encoding="utf-8")
    return "--kits", str(KITS), "--suppliers", str(suppliers)


def test_a_code_that_fails_its_check_is_told_to_be_misread(identify, with_checks, monkeypatch):
    wrong, right = "79927398714", "79927398713"
    told = identify(wrong, right, "ENX?O9494", *with_checks, "--json")
    misread, unknown, damaged = answers(told)
    family = {"supplier": "Kontrollmärkt AB", "check": "luhn"}
    assert misread["family"] == {**family, "doubt": "check", "misread": True}
    assert unknown["family"] == {**family, "doubt": "none", "misread": False}
    assert (damaged["verdict"], damaged["family"]) == ("identified", None)
    assert "at least one character is misread" in " ".join(identify(wrong, *with_checks).stdout.split())
    assert "misread" not in identify(right, *with_checks).stdout
    monkeypatch.setenv("MARKDNA_LANGUAGE", "sv")
    assert "minst ett tecken är felläst" in " ".join(identify(wrong, *with_checks).stdout.split())


def test_together_says_what_each_observation_adds_and_how_it_counts(identify, monkeypatch):
    sample = ("ENX?O9494", SIGNATURE, SIGNATURE[:20] + "A" + SIGNATURE[21:], "--together", *MANIFEST)
    (answer,) = answers(identify(*sample, "--json"))
    evidence = answer["candidates"][0]["evidence"]
    assert [(line["kind"], line["counted"]) for line in evidence["lines"]] == [
        ("dot", "independent"),
        ("dna", "same_mark"),
        ("dna", "same_mark"),
    ]
    less = evidence["log10_shared_by_reads"] + evidence["log10_shared_by_tracer"]
    less += evidence["log10_searched"] + evidence["log10_other_kits"]
    total = sum(line["log10_ratio"] for line in evidence["lines"]) - less
    assert total == pytest.approx(answer["candidates"][0]["log10_likelihood_ratio"], abs=1e-3)
    card = identify(*sample, "--no-picture").stdout
    for said in ("What it rests on", "DNA read × 2", "counts whole", "log₁₀ V"):
        assert said in card
    monkeypatch.setenv("MARKDNA_LANGUAGE", "sv")
    assert "Vad det vilar på" in identify(*sample, "--no-picture").stdout
