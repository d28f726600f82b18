"""Long counts: chunks go on after a break, kept indices belong to one register, tails and charts tell what is so."""

import json
import math
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from benchmarks import identification_workers as workers
from benchmarks.growth_chart import Line, Panel, growth_chart
from benchmarks.identification_calibration import reliability
from benchmarks.identification_earlier import earlier_claims
from benchmarks.identification_page import page
from benchmarks.identification_peer_folder import PeerFolder
from benchmarks.identification_promise import LIMITS as PROMISED
from benchmarks.identification_promise import Promise
from benchmarks.identification_register_file import build
from benchmarks.identification_tail import ACCEPTED, LIMITS, Survival, promise_claims
from benchmarks.identification_tail import count as count_tail
from benchmarks.identification_workers import counted, engine_digest
from registry.identification import kernels
from registry.identification.answer import Verdict
from registry.identification.engine import Engine
from registry.identification.evidence import BY_CHANCE, verdict_of, weigh
from registry.identification.index import load

pytestmark = pytest.mark.usefixtures("numba")

SETTINGS = {"kits": 5000, "seed": 7, "errors": "PLAIN", "fused": 1}


@pytest.fixture
def numba(skip_or_fail):
    if kernels.compiled() is None:
        skip_or_fail("numba is not installed", "pip install 'markdna[fast]'")


@pytest.fixture(scope="module")
def index_file(tmp_path_factory):
    file = tmp_path_factory.mktemp("register") / "marks.index"
    assert build(5000, file, 0).file_bytes == file.stat().st_size
    return file


@pytest.fixture
def in_this_process(monkeypatch):
    """Workers without processes; each chunk that is really counted is noted."""
    seen = []

    class Pool:
        def __init__(self, _processes, _context, start, arguments):
            start(*arguments)

        def __enter__(self):
            return self

        def __exit__(self, *_):
            pass

        def submit(self, run, task, number, size, settings):
            seen.append(number)
            future = workers.Future()
            future.set_result(run(task, number, size, settings))
            return future

    monkeypatch.setattr(workers, "ProcessPoolExecutor", Pool)
    return seen


def run(file, partial, cases=60, settings=SETTINGS):
    return sorted(
        counted(count_tail, file, cases, settings=settings, chunk=20, partial=partial), key=lambda one: one["number"]
    )


def without_time(chunks):
    return [{key: value for key, value in one.items() if key != "cpu_ms"} for one in chunks]


def test_a_count_goes_on_where_it_was_broken_off(index_file, in_this_process, tmp_path):
    whole = run(index_file, tmp_path / "whole.jsonl")
    partial = tmp_path / "partial.jsonl"
    lines = (tmp_path / "whole.jsonl").read_text().splitlines()
    partial.write_text("\n".join(lines[:2]) + "\n" + lines[2][:30])
    in_this_process.clear()
    assert without_time(run(index_file, partial)) == without_time(whole)
    assert len(in_this_process) == 2
    in_this_process.clear()
    assert without_time(run(index_file, partial)) == without_time(whole)
    assert in_this_process == []


@pytest.mark.parametrize("what", ["settings", "engine"])
def test_a_count_of_something_else_is_begun_anew(index_file, in_this_process, tmp_path, monkeypatch, what):
    partial = tmp_path / "partial.jsonl"
    run(index_file, partial)
    in_this_process.clear()
    if what == "engine":
        monkeypatch.setattr(workers, "engine_digest", lambda: "another")
    run(index_file, partial, settings={**SETTINGS, "seed": 8} if what == "settings" else SETTINGS)
    assert len(in_this_process) == 3


@pytest.mark.slow
def test_two_processes_count_what_one_does(index_file, tmp_path):
    apart = sorted(counted(count_tail, index_file, 40, settings=SETTINGS, chunk=20), key=lambda one: one["number"])
    engine = Engine(load(index_file))
    assert without_time(apart) == without_time(
        [{"number": number, "cases": 20, **count_tail(engine, number, 20, SETTINGS)} for number in (0, 1)]
    )


def test_an_index_of_a_peer_is_kept_for_its_register_and_version_only(tmp_path):
    builds = []

    def make(folder):
        builds.append(folder)
        (folder / "index").write_text("built")

    assert not PeerFolder(tmp_path, "one").built("peer", "1.0", make).kept
    assert PeerFolder(tmp_path, "one").built("peer", "1.0", make).kept
    assert not PeerFolder(tmp_path, "other").built("peer", "1.0", make).kept
    assert not PeerFolder(tmp_path, "one").built("peer", "1.1", make).kept
    assert len(builds) == 3


def test_an_index_whose_build_was_broken_off_is_built_anew(tmp_path):
    def breaks(folder):
        (folder / "half").write_text("half")
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        PeerFolder(tmp_path, "one").built("peer", "1.0", breaks)
    built = PeerFolder(tmp_path, "one").built("peer", "1.0", lambda folder: (folder / "index").write_text("whole"))
    assert not built.kept
    assert sorted(file.name for file in built.folder.iterdir()) == ["built.json", "index"]


def survival(fall, reads=10**6, start=0.1):
    """A tail that falls by ``fall`` decades a decade of V, ``start`` of the reads at V = 10^-6."""
    reached = [round(reads * min(1.0, start * 10 ** (-fall * (limit + 6)))) for limit in LIMITS]
    return Survival(reads, reached, identified=0, best=-1.0, milliseconds=1.0)


def test_the_fall_of_a_tail_is_read_off_it_and_carried_on():
    tail = survival(1.5)
    assert tail.fall == pytest.approx(1.5, abs=0.2)
    assert tail.expected_accepts == pytest.approx(0.1 * 10 ** (-1.5 * 9), rel=2)
    assert survival(1.5, reads=100).expected_accepts is None


def test_a_tail_over_the_bound_is_told():
    honest = {claim.claim: claim.holds for claim in survival(1.0).claims(5000)}
    assert honest["limits at which the tail breaks the bound 1/V"]
    reached = survival(1.0).reached.copy()
    reached[(LIMITS >= 2) & (LIMITS <= 3)] = 20_000
    broken = Survival(10**6, reached, identified=0, best=3.0, milliseconds=1.0)
    claims = {claim.claim: claim for claim in broken.claims(5000)}
    assert claims["limits at which the tail breaks the bound 1/V"].holds is False
    assert claims["best log10 V of unregistered reads"].holds is False


@pytest.mark.parametrize(("counted", "keeps"), [(30, True), (39, True), (80, False)])
def test_more_reads_than_v_promises_are_told(counted, keeps):
    """Twenty are promised at V = 1, give or take two and chance."""
    told = Promise(10**5, np.full(len(PROMISED), 2e-5), np.full(len(PROMISED), 2e-6))
    tail = Survival(10**6, np.where(LIMITS <= 0, counted, 0), identified=0, best=0.2, milliseconds=1.0)
    _, beyond = promise_claims(told, tail)
    assert (beyond.value == 0, beyond.holds) == (keeps, keeps)


def test_a_promise_is_judged_with_its_standard_error():
    tail = Survival(10**6, [0] * len(LIMITS), identified=0, best=-1.0, milliseconds=1.0)
    for error, holds in ((1e-7, True), (4e-7, False)):
        told = Promise(10**5, np.full(len(PROMISED), 5e-7), np.full(len(PROMISED), error))
        assert promise_claims(told, tail)[0].holds is holds


def test_too_few_reads_prove_no_rare_thing():
    assert all(claim.holds is not True for claim in survival(1.5, reads=1000).claims(5000)[:3])
    taken = Survival(1000, [0] * len(LIMITS), identified=1, best=2.5, milliseconds=1.0)
    assert taken.claims(5000)[0].holds is False


def test_the_tail_is_carried_on_to_the_v_at_which_a_kit_without_rivals_is_identified():
    assert 10**-ACCEPTED == BY_CHANCE
    for log_ratio, verdict in ((6.99, Verdict.AMBIGUOUS), (7.01, Verdict.IDENTIFIED)):
        (weighed,) = weigh({1: log_ratio * math.log(10)}, 10**4)
        assert (weighed.log10_ratio >= ACCEPTED) is (verdict is Verdict.IDENTIFIED)
        assert verdict_of([weighed], 10**4, lambda: 30.0, conflict=False) is verdict


def test_reliability_tells_bold_posteriors_from_honest_ones():
    dice = np.random.default_rng(1)
    said = dice.uniform(0.5, 0.9, 50_000)

    def chunks(chance):
        yield {"posteriors": list(zip(said, dice.random(len(said)) < chance, strict=True))}

    def middle(chance):
        return next(one for one in reliability("x", chunks(chance), 50_000, "") if "0.5 to 0.9" in one.claim)

    assert middle(said).holds
    assert middle(said - 0.05).holds is False


def test_earlier_counts_are_judged_only_for_the_engine_they_were_made_with(tmp_path):
    file = tmp_path / "identification_tail.json"
    (told,) = earlier_claims("identification_tail", file)
    assert told.value == "not run"
    claim = {"claim": "x", "value": 1.0, "unit": "", "reach": "≤ 2", "holds": True, "detail": "d"}
    for digest, holds in ((engine_digest(), True), ("another", None)):
        file.write_text(json.dumps({"versions": {"engine": digest}, "claims": [claim]}))
        (taken,) = earlier_claims("identification_tail", file)
        assert (taken.value, taken.holds) == (1.0, holds)


def test_a_growth_chart_is_valid_svg_with_a_label_for_every_line():
    lines = [Line("p50 <fast>", [(1e5, 0.3), (1e6, 0.4)]), Line("p99", [(1e5, 1.0), (1e6, 1.01)])]
    root = ET.fromstring(growth_chart("Growth", [Panel("Time, ms", "kits", lines)]))  # noqa: S314  # Our own text.
    texts = {element.text: float(element.get("y")) for element in root.iter("{http://www.w3.org/2000/svg}text")}
    assert {"Time, ms", "kits", "p50 <fast>", "p99", "10⁵", "10⁶"} <= set(texts)
    assert abs(texts["p50 <fast>"] - texts["p99"]) >= 15
    assert all(math.isfinite(y) for y in texts.values())
    assert "prefers-color-scheme: dark" in growth_chart("Growth", [Panel("Time, ms", "kits", lines)])


@pytest.mark.parametrize(
    ("claim", "heading"),
    [
        ("recall at 6% error", "Signatures"),
        ("wrong answers at posterior ≥ 0.99", "Signatures"),
        ("vsearch --usearch_global --id 0.7 at 6% error", "Peers on signatures"),
        ("index of bwa mem -k 10", "Peers on signatures"),
        ("code, 1 wrong: p99", "Codes"),
        ("code index built", "Codes"),
        ("codes: wrong answers at posterior ≥ 0.99", "Codes"),
        ("rapidfuzz extractOne, code, 1 wrong", "Peers on codes"),
        ("times faster than SQLite FTS5 trigram, codes", "Peers on codes"),
        ("index of PostgreSQL pg_trgm", "Peers on codes"),
        ("10^8 kits: p50 at 6% error", "Growth"),
        ("calibration of codes, posterior 0.1 to 0.5", "Certainty"),
        ("fall of the tail a decade of V", "Unregistered reads"),
        ("nanopore reads, unregistered, with primers: best log10 V", "Reads of another's making"),
        ("mixed register, free: p99 at 6% error", "Registers of mixed lengths"),
    ],
)
def test_the_page_puts_each_claim_under_its_heading(claim, heading):
    row = {"claim": claim, "value": 1.0, "unit": "ms", "reach": "≤ 2", "holds": False, "detail": "a|b"}
    text = page({"claims": [row], "machine": {}, "versions": {"engine": "x"}})
    sections = {part.partition("\n")[0]: part for part in text.split("\n## ")[1:]}
    assert f"| {claim} | 1 ms | ≤ 2 | **no** | a\\|b |" in sections[heading]
    assert "Not reached:" in text


def test_a_build_waits_for_another_run_of_the_same_peer(tmp_path):
    first, second = PeerFolder(tmp_path, "one"), PeerFolder(tmp_path, "one")
    begun, go_on = threading.Event(), threading.Event()
    builds = []

    def slow(folder):
        begun.set()
        assert go_on.wait(10)
        builds.append("slow")
        (folder / "index").write_text("slow")

    with ThreadPoolExecutor(2) as pool:
        made = pool.submit(first.built, "peer", "1.0", slow)
        assert begun.wait(10)
        waiting = pool.submit(second.built, "peer", "1.0", lambda _: builds.append("again"))
        go_on.set()
        assert [made.result(10).kept, waiting.result(10).kept] == [False, True]
    assert builds == ["slow"]


@pytest.fixture
def engine_of(tmp_path, monkeypatch):
    """Two modules that stand for the engine's; the text of one of them is given."""
    monkeypatch.setattr(workers.identification, "__file__", str(tmp_path / "__init__.py"))

    def digests(module: str, text: str) -> tuple[str, str]:
        (tmp_path / module).write_text(text, encoding="utf-8")
        return engine_digest(), engine_digest("signatures")

    digests("codes.py", "FEWEST = 3\n")
    digests("signatures.py", '"""Reads."""\nCLOSELY = 24\n')
    return digests


def test_a_comment_leaves_an_engine_what_it_is(engine_of):
    before = engine_of("signatures.py", '"""Reads."""\nCLOSELY = 24\n')
    assert engine_of("signatures.py", 'CLOSELY = 24  # Enough.\n"""Signatures that are scored."""\n') == before
    assert engine_of("signatures.py", '"""Reads."""\nCLOSELY = 25\n') != before


def test_figures_of_reads_outlive_a_change_to_codes_alone(engine_of):
    whole, of_reads = engine_of("codes.py", "FEWEST = 3\n")
    changed = engine_of("codes.py", "FEWEST = 4\n")
    assert (changed[0] != whole, changed[1]) == (True, of_reads)


def test_modules_of_codes_alone_exist():
    folder = Path(workers.identification.__file__).parent
    assert [name for name in workers.OF_CODES_ALONE if not (folder / name).exists()] == []
