"""The constants of the model of evidence in one place, to be kept with each answer that rests on them."""

from functools import cache

from registry.identification import bases, evidence, glyphs, likelihood, repeats, signature_background
from registry.identification.reader_model import ReaderModel
from registry.identification.tracer import tracer_constants

__all__ = ["model_constants"]


@cache
def model_constants() -> dict[str, float | list[float]]:
    """Names and values, as docs/identification.md names them."""
    plain = ReaderModel.plain()
    return {
        "prior": evidence.PRIOR,
        "certain": evidence.CERTAIN,
        "by_chance": evidence.BY_CHANCE,
        "astray": evidence.ASTRAY,
        "absent_in_mark": evidence.ABSENT_IN_MARK,
        "dna_substituted": likelihood.SUBSTITUTED,
        "dna_inserted": likelihood.INSERTED,
        "dna_deleted": likelihood.DELETED,
        "dna_error_floor": bases.ERROR_FLOOR,
        "dna_error_ceiling": bases.ERROR_CEILING,
        "dna_error_scales": likelihood.ERROR_SCALES.tolist(),
        "dna_scale_weights": likelihood.SCALE_WEIGHTS.tolist(),
        "dna_worst_mean_error": likelihood.WORST_MEAN_ERROR,
        "dna_believed_mean_error": bases.BELIEVED_MEAN_ERROR,
        "dna_mean_error_otherwise": bases.OTHERWISE,
        "dna_untold_agreement": likelihood.UNTOLD,
        "dna_repeat_copied": repeats.COPIED,
        "dna_repeat_changed": repeats.CHANGED,
        "dna_repeat_copying": repeats.COPYING,
        "dna_slip": float(likelihood.SLIP),
        "dna_slip_bases": float(likelihood.SLIP_BASES),
        "dna_ways": likelihood.WAYS,
        "dna_family_word": float(signature_background.WORD),
        "dna_family_frequent": signature_background.FREQUENT,
        "dna_family_fewest": float(signature_background.FEWEST),
        "dna_family_constant": signature_background.CONSTANT,
        "dna_imagined": signature_background.IMAGINED,
        "dna_imagined_constant": signature_background.IMAGINED_CONSTANT,
        "dna_error_without_quality": bases.ERROR_WITHOUT_QUALITY,
        "dot_error_without_quality": glyphs.ERROR_WITHOUT_QUALITY,
        "dot_lost": plain.lost,
        "dot_extra": plain.extra,
        "dot_swapped": plain.swapped,
        "dot_error_floor": plain.error_floor,
        "dot_error_ceiling": plain.error_ceiling,
        **tracer_constants(),
    }
