"""``markdna identify``: which kit is this, and how sure is that? For codes, for reads, for one sample of many."""

import os
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import click

from labels.language import reader_language
from registry.commands.answers import Rows, json_line, print_card, write_svg
from registry.commands.context import say
from registry.commands.reads import STDIN, ReadsWish, Tally, answer_reads, first_distinct, opened_reads
from registry.commands.searched import Manifest, Register, Searched
from registry.errors import InvalidInput
from registry.identification.answer import MarkKind, Observation
from registry.identification.bases import SHORTEST_SIGNATURE
from registry.identification.engine import MOST_OBSERVATIONS
from registry.identification.fastq import lines_of, read_fastq
from registry.identification.summary import Summary, of_answer
from registry.language import words
from registry.services import explanations

NOTHING_IDENTIFIED = 3
"""Exit code when all was answered and no kit identified: 1 is a refusal, 2 a command that was typed wrong."""
INTERRUPTED = 130
"""Exit code after Ctrl-C, as of every program that a signal ends: 128 and its number."""
PIPE_CLOSED = 141
"""Exit code when whoever read the answers has gone, e.g. ``| head``."""

_BASES = re.compile(rf"[ACGTUN]{{{SHORTEST_SIGNATURE},}}", re.IGNORECASE)
_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command()
@click.argument("codes", metavar="[CODE]...", nargs=-1)
@click.option(
    "--fastq",
    type=click.Path(path_type=Path, dir_okay=False, allow_dash=True),
    help="File of reads, plain or gzip; - is standard input.",
)
@click.option("--stdin", "from_stdin", is_flag=True, help="The same as --fastq -.")
@click.option("--case", "case_number", default="", metavar="NUMBER", help="Open police case that the look-up is for.")
@click.option("--purpose", default="", help="Why the register is searched; stands in its log.")
@click.option("--kits", type=_FILE, help="Search this delivery manifest instead of the register.")
@click.option("--suppliers", type=_FILE, help="Suppliers of the manifest, for the primers around its signatures.")
@click.option("--together", is_flag=True, help="All that is given was read off one thing: one answer for all of it.")
@click.option("--exhaustive", is_flag=True, help="Compare with every mark: the proof that a mark is not registered.")
@click.option(
    "--reader", default="", metavar="KIND", help="Kind of reader of the dots, where the register has learnt its errors."
)
@click.option(
    "--processes",
    type=click.IntRange(1, 256),
    default=lambda: os.cpu_count() or 1,
    show_default="one a core",
    help="Processes that answer reads.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON document a reading, each on a line of its own.")
@click.option(
    "--picture/--no-picture",
    default=None,
    help="Show how reading and mark agree. Default: for codes and for --together.",
)
@click.option("--svg", type=_FILE, help="Write the picture of the one sample to this file, for a report.")
def identify(  # noqa: PLR0917 - one parameter an option
    codes: tuple[str, ...],
    fastq: Path | None,
    case_number: str,
    purpose: str,
    kits: Path | None,
    suppliers: Path | None,
    reader: str,
    processes: int,
    svg: Path | None,
    *,
    from_stdin: bool,
    together: bool,
    exhaustive: bool,
    as_json: bool,
    picture: bool | None,
) -> None:
    """Say which kit a mark comes from and how sure that is.

    CODE is a microdot's text with ? for what could not be read (put it in quotation marks), or the bases of a DNA
    read. Each is answered by itself, and so is each read of --fastq; with --together all are one sample. A look-up in
    the register needs --case or --purpose and is logged with it before it is answered; the answer names kits, never
    owners.

    Ends with 0 when a kit was identified, with 3 when none was, with 1 when something was refused.
    """
    file = STDIN if from_stdin else fastq
    _check(codes, file, fastq if from_stdin else None, svg, suppliers, kits, together=together)
    searched: Searched = Manifest(kits, suppliers) if kits else Register(case_number, purpose)
    shows_picture = (not file or together) if picture is None else picture
    try:
        if file and not together:
            wish = ReadsWish(file, processes, exhaustive, agreement=shows_picture)
            found = _answer_each_read(searched, wish, as_json=as_json)
        else:
            samples = _samples(codes, file, reader, together=together)
            found = _answer_samples(
                searched, samples, svg, exhaustive=exhaustive, as_json=as_json, picture=shows_picture
            )
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever read has gone. Python would complain when it closes standard output, so that is led elsewhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(PIPE_CLOSED)
    if not found:
        sys.exit(NOTHING_IDENTIFIED)


def _check(
    codes: Sequence[str],
    file: Path | None,
    second_file: Path | None,
    svg: Path | None,
    suppliers: Path | None,
    kits: Path | None,
    *,
    together: bool,
) -> None:
    """Refuse wishes that contradict each other."""
    if not codes and file is None:
        raise InvalidInput(field="CODE", value="nothing", allowed="a code, --fastq FILE or --stdin")
    if second_file is not None:
        raise InvalidInput(field="--stdin", value=f"--fastq {second_file}", allowed="one of them")
    if codes and file is not None and not together:
        raise InvalidInput(
            field="CODE", value=codes[0], allowed="codes and --fastq only with --together, as one sample"
        )
    if svg is not None and not together and (file is not None or len(codes) > 1):
        raise InvalidInput(field="--svg", value=str(svg), allowed="one code, or --together: a picture shows one sample")
    if suppliers is not None and kits is None:
        raise InvalidInput(field="--suppliers", value=str(suppliers), allowed="with --kits; the register has its own")


def _samples(
    codes: Sequence[str], file: Path | None, reader: str, *, together: bool
) -> list[tuple[str, list[Observation]]]:
    """What was read, by sample: the name it is shown under and its observations."""
    observed = [_observation(code, reader) for code in codes]
    if not together:
        return [(code, [one]) for code, one in zip(codes, observed, strict=True)]
    if file is not None:
        with opened_reads(file) as (raw, _size):
            records, count = first_distinct(read_fastq(lines_of(raw)), MOST_OBSERVATIONS - len(observed))
        if count > len(records):
            say("{looked} different reads of {count} are looked at.", looked=len(records), count=count)
        observed += [Observation(MarkKind.DNA, one.bases, one.quality) for one in records]
    shown = [*codes, *([file.name if file != STDIN else "stdin"] if file is not None else [])]
    return [(", ".join(shown), observed)]


def _observation(code: str, reader: str) -> Observation:
    """Bases when there is nothing but bases, and enough of them for a signature; else a dot's text."""
    kind = MarkKind.DNA if _BASES.fullmatch(code) else MarkKind.DOT
    return Observation(kind, code, reader=reader)


def _answer_samples(
    searched: Searched,
    samples: Sequence[tuple[str, Sequence[Observation]]],
    svg: Path | None,
    *,
    exhaustive: bool,
    as_json: bool,
    picture: bool,
) -> bool:
    """Answer samples one after another; whether any was identified."""
    found = False
    for name, observations in samples:
        answer, codes = searched.identify(observations, exhaustive=exhaustive)
        summary = of_answer(name, answer, agreements=picture)
        family = searched.family(observations, summary.verdict)
        tags = searched.tags(observations)
        if tags is not None and tags.hits and not summary.candidates:
            summary = summary._replace(verdict=tags.verdict.value)
        found |= summary.verdict == "identified"
        if as_json:
            evidence = {one.kit_id: explanations.evidence(one, answer, observations) for one in answer.candidates}
            line = json_line(
                summary, codes, observations=len(observations), family=family, evidence=evidence, tags=tags
            )
            click.echo(line)
        else:
            print_card(summary, answer, codes, observations, family, picture=picture, tags=tags)
        if svg is not None:
            if write_svg(svg, summary, answer, codes, observations):
                click.echo(words(reader_language()).gettext("The picture is in {file}.").format(file=svg), err=True)
            else:
                click.echo(words(reader_language()).gettext("No kit is near enough to be drawn."), err=True)
    return found


def _answer_each_read(searched: Searched, wish: ReadsWish, *, as_json: bool) -> bool:
    """Answer the reads of a file by themselves; whether any was identified."""
    rows = Rows()
    out = sys.stdout

    def write(summaries: list[Summary], codes: Mapping[int, str]) -> None:
        lines = (json_line(one, codes) if as_json else rows.row(one, codes) for one in summaries)
        out.write("".join(f"{line}\n" for line in lines))
        out.flush()

    tally = Tally()
    if not as_json:
        click.echo(rows.heading())
    try:
        answer_reads(searched, wish, write, tally)
    except BrokenPipeError:
        raise
    except BaseException:
        tally.tell()
        raise
    tally.tell()
    if tally.interrupted:
        sys.exit(INTERRUPTED)
    return tally.verdicts["identified"] > 0
