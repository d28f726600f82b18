"""What ``markdna identify`` searches: the register, with every look-up in its log, or a delivery manifest by itself."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Protocol

from registry.commands.context import current_settings, opened_database
from registry.commands.imports import opened_source, refusals_listed
from registry.commands.progress import shown_progress
from registry.database import Database
from registry.identification.answer import Answer, MarkKind, Observation, PrimerPair
from registry.identification.engine import Engine
from registry.identification.index import Fingerprint, save
from registry.services import code_families, index_file, kit_files, lookups, marks
from registry.services.actor import OPERATOR
from registry.services.code_families import Family, LikelyFamily
from registry.services.lookups import Ground
from registry.services.search_engine import search_engine_of
from registry.services.search_snapshot import MOST_HELD
from registry.services.tag_search import TagsFound

__all__ = ["Manifest", "Register", "Searched"]

_OWN_INDEX = "marks.index"
Codes = Mapping[int, str]
"""Kit codes by the numbers that answers name."""


class Searched(Protocol):
    """Marks that can be searched."""

    def identify(self, observations: Sequence[Observation], *, exhaustive: bool) -> tuple[Answer, Codes]:
        """The answer for one thing, and the codes of its candidates."""

    def family(self, observations: Sequence[Observation], verdict: str) -> LikelyFamily | None:
        """Whose code was read, where that is to be told beside the verdict; it tells nothing of what is registered."""

    def tags(self, observations: Sequence[Observation]) -> TagsFound | None:
        """The registered numbers of tags and vehicles that the texts may be; None when none has such a shape."""

    def index(self, folder: Path) -> tuple[Path, tuple[PrimerPair, ...]]:
        """The marks as an index file, in ``folder`` if need be, for worker processes, and the suppliers' primers."""

    def codes(self, source: str, names: Sequence[str], verdicts: Sequence[str], kit_ids: Iterable[int]) -> Codes:
        """The codes of the kits that the named reads of ``source`` were found to fit."""


class Register:
    """The register's database; nothing is answered before it is logged with its ground."""

    def __init__(self, case_number: str, purpose: str) -> None:
        self._database: Database = opened_database()
        with self._database.transaction(reads_only=True) as session:
            self._ground: Ground = lookups.ground_of(session, case_number, purpose)

    def identify(self, observations: Sequence[Observation], *, exhaustive: bool) -> tuple[Answer, Codes]:
        """Search, log, answer, in one transaction."""
        with self._database.transaction() as session:
            return lookups.identify(session, OPERATOR, self._ground, observations, exhaustive=exhaustive)

    def family(self, observations: Sequence[Observation], verdict: str) -> LikelyFamily | None:
        """By the families of its suppliers."""
        with self._database.transaction(reads_only=True) as session:
            return _told(observations, code_families.families(session), verdict)

    def tags(self, observations: Sequence[Observation]) -> TagsFound | None:
        """Search, log, answer, in one transaction."""
        with self._database.transaction() as session:
            return lookups.tags(session, OPERATOR, self._ground, observations)

    def index(self, folder: Path) -> tuple[Path, tuple[PrimerPair, ...]]:
        """The index of this machine, brought up to date first; one in ``folder`` where there is none to be had.

        A small register keeps none, and of a large one another process may be building it.
        """
        found = self._mapped()
        if found is None and self._is_large():
            settings = current_settings()
            index_file.build(self._database, settings.index_file)
            found = self._mapped()
        if found is not None:
            return found
        file = folder / _OWN_INDEX
        index_file.build(self._database, file)
        with self._database.transaction(reads_only=True) as session:
            return file, tuple(marks.primers(session))

    def _mapped(self) -> tuple[Path, tuple[PrimerPair, ...]] | None:
        with self._database.transaction(reads_only=True) as session:
            return search_engine_of(session).mapped(session)

    def _is_large(self) -> bool:
        with self._database.transaction(reads_only=True) as session:
            return marks.greatest_kit(session) > MOST_HELD

    def codes(self, source: str, names: Sequence[str], verdicts: Sequence[str], kit_ids: Iterable[int]) -> Codes:
        """Log these reads, then give the codes."""
        with self._database.transaction() as session:
            return lookups.codes_of_reads(
                session, OPERATOR, self._ground, source=source, names=names, verdicts=verdicts, kit_ids=kit_ids
            )


class Manifest:
    """A delivery manifest, without any register."""

    def __init__(self, kits: Path, suppliers: Path | None) -> None:
        source = opened_source(kits)
        with refusals_listed():
            self._primers = tuple(kit_files.primers_in(opened_source(suppliers))) if suppliers else ()
            self._families = kit_files.families_in(opened_source(suppliers)) if suppliers else ()
            with shown_progress(source.name) as progress:
                self._marks = kit_files.marks_in(source, progress)

    @cached_property
    def _engine(self) -> Engine:
        return Engine.build(self._marks, self._primers)

    def identify(self, observations: Sequence[Observation], *, exhaustive: bool) -> tuple[Answer, Codes]:
        """Search the manifest."""
        answer = self._engine.identify(observations, exhaustive=exhaustive)
        return answer, self._codes_of(one.kit_id for one in answer.candidates)

    def family(self, observations: Sequence[Observation], verdict: str) -> LikelyFamily | None:
        """By the families of the suppliers' file; None without one."""
        return _told(observations, self._families, verdict)

    def tags(self, _observations: Sequence[Observation]) -> TagsFound | None:
        """None: a manifest is a list of kits."""
        return None

    def index(self, folder: Path) -> tuple[Path, tuple[PrimerPair, ...]]:
        """All its marks."""
        file = folder / _OWN_INDEX
        save(file, self._engine.base, Fingerprint(len(self._marks), 0))
        return file, self._primers

    def codes(self, _source: str, _names: Sequence[str], _verdicts: Sequence[str], kit_ids: Iterable[int]) -> Codes:
        """The codes as they stand in the file."""
        return self._codes_of(kit_ids)

    def _codes_of(self, kit_ids: Iterable[int]) -> Codes:
        # Marks of a manifest are numbered from 1, row by row.
        return {kit_id: self._marks[kit_id - 1].code for kit_id in kit_ids}


def _told(observations: Sequence[Observation], families: Sequence[Family], verdict: str) -> LikelyFamily | None:
    likely = code_families.likely_of([one.text for one in observations if one.kind is MarkKind.DOT], families)
    return likely if likely is not None and likely.told_with(verdict) else None
