"""What the registry refuses, in words a person can act on.

    RegistryError               root
    ├── InvalidInput            a value is not allowed: which field, what was given, what is allowed
    │   ├── RefusedFile         a file to import has rows that are not allowed; nothing was taken
    │   │   └── AskedForOthers  … and has asked for numbers of tags that are others', which is kept
    │   ├── TooLong             a text has more characters than its field takes
    │   ├── NoSuchPlace         a sheet of stickers does not have that place
    │   ├── UnprintableLabel    what was chosen cannot be printed as a label, for a reason of the label part
    │   ├── PhotoTooLarge       a photo has more pixels than are decoded here
    │   ├── NotAPhoto           a file is no photo of a kind that is taken, or is damaged
    │   └── NotATagNumber       a text is no number of a tag or a vehicle
    ├── NotFound                no such thing for this reader (also when it is somebody else's)
    │   └── CodeRefused         an enrolment code of a station is unknown, used or too old
    ├── Expired                 a link or file was kept for a while and is gone now
    ├── NotPermitted            the actor's roles do not allow the act
    │   └── OwnDataWithheld     an officer asks for an owner who may be the officer
    ├── Conflict                the thing is in another state than the act needs
    │   ├── AlreadyActivated    the kit has an owner already
    │   ├── KitRecalled         the kit or its batch was recalled by the supplier
    │   ├── TagTaken            the number of a tag or a vehicle stands for another item
    │   ├── ReportedStolen      the item is reported stolen and must stay as it is
    │   ├── HasSticker          the item has a sticker that counts already
    │   ├── StickerSpent        the number of a blank sticker was cancelled, or is on an item already
    │   ├── DatabaseMissing     a command needs a database and none was made yet
    │   ├── DatabaseOutdated    the database is at an older revision than the program
    │   ├── DatabaseNewer       … or at a newer one, which the program does not know
    │   ├── IdempotencyConflict the same key came with another content
    │   └── BrokenChain         a station's message does not follow the one before it
    ├── TooManyAttempts         slowed down; carries the seconds to wait
    ├── WrongPin                kit code and PIN do not belong together (never said which is wrong)
    ├── SignInRefused           unknown e-mail address or wrong password (never said which)
    │   └── PasswordRefused     the current password of somebody who is signed in is wrong
    ├── Unavailable             something the registry relies on does not answer; nothing was done
    └── KeyFault                a key is missing, too short, or does not open what was sealed with another

The engine adds its own: identification.index.IndexFileError (an index file cannot be used),
identification.fastq.DamagedFastqError (a record is not four lines that fit), identification.batch.WorkerLostError (a
process that answers reads was ended by the system) and identification.reader_model.ReaderModelError (what was stored of
a reader is no model). services.search_snapshot.IndexDisagrees (the index names marks that the database does not have)
is met by searching without the file.

None of them knows of HTTP; each surface (pages, API, command) turns them into its own form in one place.
"""

from collections.abc import Callable
from typing import ClassVar

from labels.errors import ExplainedError

__all__ = [
    "AlreadyActivated",
    "AskedForOthers",
    "BrokenChain",
    "CodeRefused",
    "Conflict",
    "DatabaseMissing",
    "DatabaseNewer",
    "DatabaseOutdated",
    "Expired",
    "HasSticker",
    "IdempotencyConflict",
    "InvalidInput",
    "KeyFault",
    "KitRecalled",
    "NoSuchPlace",
    "NotAPhoto",
    "NotATagNumber",
    "NotFound",
    "NotPermitted",
    "OwnDataWithheld",
    "PasswordRefused",
    "PhotoTooLarge",
    "RefusedFile",
    "RegistryError",
    "ReportedStolen",
    "SignInRefused",
    "StickerSpent",
    "TagTaken",
    "TooLong",
    "TooManyAttempts",
    "Unavailable",
    "UnprintableLabel",
    "WrongPin",
]


class RegistryError(ExplainedError):
    """Root of what the registry refuses.

    ``keeps_changes`` is True for a refusal whose trace must survive it (a wrong try is counted and logged): the
    surface commits before it shows the refusal. All others roll back, so that nothing is left half done.
    """

    keeps_changes: ClassVar[bool] = False


class InvalidInput(RegistryError):
    """A value is not allowed, e.g. a case number with a space; subclasses may bring their own template.

    ``values`` holds ``field``, ``value`` and ``allowed``.
    """

    template = "{field}: {value} is not allowed. Allowed: {allowed}."


class RefusedFile(InvalidInput):
    """A file to import has bad rows; ``rows`` lists them and nothing was written."""

    template = "{file}: {count} bad rows, nothing was imported."


class AskedForOthers(RefusedFile):
    """A file was refused, and it has asked for numbers of tags that are others', which is counted and logged."""

    keeps_changes = True


class TooLong(InvalidInput):
    """A text has too many characters, e.g. a description of three pages."""

    template = "There are {count} characters. Allowed: at most {longest}."


class NoSuchPlace(InvalidInput):
    """A sheet of stickers is to start at a place it does not have, e.g. place 30 of a sheet of 21."""

    template = "The sheet has no place {start}. Allowed: 1 to {places}."


class UnprintableLabel(InvalidInput):
    """What was chosen cannot be printed, e.g. a number of emoji, or a code that is too large; ``refusal`` says why."""

    template = "{refusal}"

    def __init__(self, field: str, refusal: ExplainedError) -> None:
        self.refusal = refusal
        super().__init__(field=field, value="", allowed="", refusal=refusal)

    def explain(self, translate: Callable[[str], str]) -> str:
        """The label part's own words."""
        return self.refusal.explain(translate)


class PhotoTooLarge(InvalidInput):
    """A photo has too many pixels and was not decoded, e.g. a small file that unpacks to gigabytes."""

    template = "The photo has {width} by {height} pixels. Allowed: at most {megapixels} megapixels."


class NotAPhoto(InvalidInput):
    """A file is not a photo that can be read, e.g. a PDF, or a JPEG that was cut short on its way."""

    template = "The file cannot be read as a photo. Allowed: JPEG, PNG or WebP, undamaged."


class NotATagNumber(InvalidInput):
    """A text is no number of a tag or a vehicle, e.g. 16 digits, or a VIN whose check digit does not agree."""

    template = "This is no number of a tag or a vehicle: {reason}."


class NotFound(RegistryError):
    """There is no such thing, or it is not the reader's, e.g. another resident's item."""

    template = "There is no {what} {which} here."


class Expired(RegistryError):
    """What was kept for a while is gone, e.g. a PDF of labels two hours after it was ordered."""

    template = "This link has ended. Print the labels once more; they keep their numbers."


class CodeRefused(NotFound):
    """A machine wants to become a station with a code that is unknown, used or too old; the try is counted."""

    template = "The code does not hold: it is unknown, was used, or is older than {hours} hours."
    keeps_changes = True


class NotPermitted(RegistryError):
    """The actor's roles do not allow the act, e.g. a resident opens a case."""

    template = "Your account may not do this: {act}."


class OwnDataWithheld(NotPermitted):
    """An officer asks for an owner who is, or may be, the officer, e.g. of the same name; that they asked is logged."""

    template = "This may be your own data. Let a colleague make this look-up. That you asked has been logged."
    keeps_changes = True


class Conflict(RegistryError):
    """The thing is not in the state the act needs, e.g. a handed-over item is handed over again."""

    template = "{what} cannot be changed now: {reason}."


class AlreadyActivated(Conflict):
    """The kit has an owner, e.g. two people send the same code and PIN at the same moment."""

    template = "This kit is already registered. If it is yours and you did not do it, contact the register."


class KitRecalled(Conflict):
    """Code and PIN are right but the kit was recalled, e.g. a batch whose PINs leaked at the printer."""

    template = "This kit was recalled by its supplier and cannot be registered. Ask where you got it for a new one."


class TagTaken(Conflict):
    """The number stands for another item, e.g. the seller of a car still has it on the list; the try is counted."""

    template = (
        "This number is registered for another thing. If you have bought it, ask the seller to take it off their list; "
        "otherwise contact the register."
    )
    keeps_changes = True


class ReportedStolen(Conflict):
    """The item is reported stolen, e.g. its owner wants to remove it or report it a second time."""

    template = "The item is reported stolen. Withdraw the report first."


class HasSticker(Conflict):
    """The item has a sticker that counts, e.g. two people of a household link one to it at the same moment."""

    template = "This thing has a sticker already. Replace that one first if it is lost or damaged."


class StickerSpent(Conflict):
    """The number can be linked no more, e.g. its sheet was cancelled as lost, or another took it a moment ago."""

    template = "This number was cancelled, or is on a thing already. Take another sticker."


class DatabaseMissing(Conflict):
    """There is no database yet, e.g. the first command in an empty folder; ``file`` is where it was looked for."""

    template = "There is no database at {file}. Make one first: markdna db create"


class DatabaseOutdated(Conflict):
    """The database is at an older revision than the program needs, e.g. after the program was updated."""

    template = "The database is at revision {found}, and this program needs {needed}. Run: markdna db upgrade"


class DatabaseNewer(Conflict):
    """The database is at a revision that the program does not know, e.g. after a step back to an older program."""

    template = (
        "The database is at revision {found}, which this program does not know; it needs {needed}. "
        "Use the program that brought the database there, or a newer one."
    )


class IdempotencyConflict(Conflict):
    """A key that was used before comes with another content, e.g. a station reuses a reading's key."""

    template = "The key {key} was already used for something else."


class BrokenChain(Conflict):
    """A station's message does not follow the one before it, e.g. after its disk was put back to an older day."""

    template = "The message {key} does not follow the one that came before it."


class TooManyAttempts(RegistryError):
    """The act is slowed down, e.g. the sixth wrong PIN; ``seconds`` says how long to wait."""

    template = "Too many attempts. Try again in {seconds} seconds."


class WrongPin(RegistryError):
    """The kit code is unknown or the PIN is not its own; it never says which."""

    template = "The kit code and the PIN do not belong together. Both stand on the card in the box."
    keeps_changes = True


class SignInRefused(RegistryError):
    """The e-mail address is unknown or the password is wrong; it never says which."""

    keeps_changes = True

    template = "The e-mail address or the password is wrong."


class PasswordRefused(SignInRefused):
    """The current password is wrong, e.g. somebody at an unlocked telephone tries to change it."""

    template = "The current password is wrong."


class Unavailable(RegistryError):
    """Something the registry relies on does not answer, e.g. the database is locked; nothing was done."""

    template = "{what} does not answer right now. Nothing was changed; try again in a moment."


class KeyFault(RegistryError):
    """A key is missing, malformed or not the one the data was sealed with."""

    template = "The register's key cannot be used: {problem}. Allowed: {allowed}."
