"""The search for one read, from fast to exhaustive, ending as soon as a kit stands out."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from operator import attrgetter

from registry.identification.bases import Read
from registry.identification.likelihood import SignatureHit, expected_log_ratio
from registry.identification.primers import Region
from registry.identification.signatures import Effort, SignatureIndex

__all__ = ["ReadSearch", "search_read"]

Ratios = Mapping[int, float]

_TIER_NAMES = {
    Effort.SEEDS_IN_PLACE: "signatures: seeds in place",
    Effort.LONG_SEEDS: "signatures: long seeds",
    Effort.SHORT_SEEDS: "signatures: short seeds",
    Effort.EVERYTHING: "signatures: every one",
}


@dataclass(frozen=True, eq=False)
class ReadSearch:
    """What a read's search found: the best hit of each kit, the places looked at, and the tiers that were run.

    The hits ``found`` are compared with a signature of even bases where families of signatures have parts in common;
    ``hits`` are compared with a random one of the register.
    """

    index: SignatureIndex
    found: dict[int, SignatureHit]
    regions: list[Region]
    tiers: list[str]
    _told: dict[tuple[int, float], float] = field(default_factory=dict, init=False)
    """What best hits told, by kit and log ratio: a search asks it after each tier and of each kit it compares."""

    @property
    def commonness(self) -> float:
        """How much likelier such a read is of a random mark of the register, as the best hit tells; ln."""
        if not self.index.has_families or not self.found:
            return 0.0
        best = max(self.found.values(), key=lambda hit: hit.log_ratio)
        key = best.kit_id, best.log_ratio
        if key not in self._told:
            self._told[key] = self.index.commonness(best)
        return self._told[key]

    @property
    def hits(self) -> dict[int, SignatureHit]:
        """The best hit of each kit."""
        common = self.commonness
        return {kit: hit.among_common(common) for kit, hit in self.found.items()} if common else self.found

    def ratios(self) -> dict[int, float]:
        """The log ratio of each kit."""
        common = self.commonness
        return {kit: hit.log_ratio - common for kit, hit in self.found.items()}

    def information(self) -> float:
        """The log ratio this read is expected to reach with its own signature."""
        longest = self.index.lengths.stop
        # The other strand of the whole read tells as much.
        distinct = [region for region in self.regions if region.oriented or not region.reverse]
        return max((expected_log_ratio(region, longest) for region in distinct), default=0.0) - self.commonness

    def compare(self, kit_id: int) -> SignatureHit | None:
        """One kit against the places looked at; None when it has no signature."""
        hits = [hit for region in self.regions if (hit := self.index.score_kit(kit_id, region)) is not None]
        best = max(hits, key=lambda hit: hit.log_ratio, default=None)
        return best.among_common(self.commonness) if best else None


def search_read(
    index: SignatureIndex, read: Read, settled: Callable[[Ratios], bool], *, exhaustive: bool = False
) -> ReadSearch:
    """Search until ``settled`` says of the log ratios so far that a kit stands out, or nothing is left to try.

    ``exhaustive`` adds the comparison with every signature, the proof that a kit is not registered.
    """
    search = ReadSearch(index, {}, [], [])
    finished: set[int] = set()
    groups: list[list[Region]] = []
    further = _groups(index, read)
    for effort in Effort:
        if effort is Effort.EVERYTHING and not exhaustive:
            break
        for number, group in enumerate(_known_and(further, groups)):
            # Where primers were found, the whole read is a second thought that does not merit every effort.
            if number and group[0].doubt and effort is Effort.SHORT_SEEDS:
                continue
            for region in group:
                if id(region) not in finished and _search_region(search, region, effort):
                    finished.add(id(region))
            if settled(search.ratios()):
                return search
    return search


def _groups(index: SignatureIndex, read: Read) -> Iterator[list[Region]]:
    """The places between primers together, then each strand of the whole read for itself."""
    for oriented, places in groupby(index.regions(read), key=attrgetter("oriented")):
        if oriented:
            yield list(places)
        else:
            yield from ([region] for region in places)


def _known_and(further: Iterator[list[Region]], known: list[list[Region]]) -> Iterator[list[Region]]:
    """The groups that are known, then further ones, known from now on."""
    yield from tuple(known)
    for group in further:
        known.append(group)
        yield group


def _search_region(search: ReadSearch, region: Region, effort: Effort) -> bool:
    """One tier over one place; whether every signature that could fit it has been compared."""
    if not any(region is known for known in search.regions):
        search.regions.append(region)
    found = search.index.search(region, effort)
    tier = _TIER_NAMES[Effort.EVERYTHING if found.complete else effort]
    if tier not in search.tiers:
        search.tiers.append(tier)
    for hit in found.hits:
        known = search.found.get(hit.kit_id)
        if known is None or hit.log_ratio > known.log_ratio:
            search.found[hit.kit_id] = hit
    return found.complete
