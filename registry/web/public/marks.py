"""What a finder is told who writes the code of a mark where the number of a sticker belongs."""

from labels.errors import MarkCodeError, MisreadNumberError
from registry.request_scope import db
from registry.services import code_families
from registry.services.code_families import Doubt
from registry.web.words import translate

__all__ = ["told_of_marks"]


def told_of_marks(text: str, refusal: MarkCodeError) -> list[str]:
    """Whose kit code it looks like and whether it was misread; nothing for what is like no supplier's code.

    Only the shape and the check character are looked at: whether the code is registered is the police's to ask.
    """
    if isinstance(refusal, MisreadNumberError):
        return []
    likely = code_families.likely_family(db(), [text])
    if likely is None or likely.doubt is Doubt.SHAPE:
        return []
    if likely.doubt is Doubt.CHECK:
        said = translate(
            "It looks like the code of a mark from %(supplier)s, but its check character does not agree: at least one "
            "character is misread. Compare it again."
        )
    else:
        said = translate("It looks like the code of a mark from %(supplier)s. The police can ask whose it is.")
    return [said % {"supplier": likely.supplier}]
