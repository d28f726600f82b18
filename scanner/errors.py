"""What the station refuses, each with words that say what, where and what is allowed.

ScannerError                 root of everything the station refuses
├── PortError                the serial port cannot be used
│   ├── PortMissingError     there is no such port
│   ├── PortBusyError        another program holds it
│   ├── PortForbiddenError   this user may not open it
│   ├── PortVanishedError    it was there and is gone
│   └── PortUnusableError    it is there, but is not a serial port or refuses the settings
├── NonsenseError            bytes arrive, but nothing in them makes sense
├── UnknownDriverError       no driver has that name
├── ReaderFaultError         the reader itself says that it cannot read
├── JournalError             the journal on disk cannot be used
│   ├── JournalInUseError    another station writes it
│   └── JournalUnwritableError  the disk is full or the folder may not be written
├── RegistryError            the registry cannot be asked
│   ├── RegistryAddressError the address is none, or would send the token in clear
│   ├── TokenMissingError    the station has no token
│   ├── NotEnrolledError     the station does not know yet to whom it seals what it reads
│   ├── EnrolmentRefusedError the registry does not take this machine for a station
│   ├── BadEnrolmentError    the file that makes this machine a station is damaged
│   ├── BadListError         what should be a list of stolen marks is none, or was changed
│   ├── ListFaultError       asking or fetching the list of stolen marks failed in a way nobody foresaw
│   └── ForeignKeyError      the registry has another key than the one that readings are sealed to
├── TerminalMissingError     the full-screen view is not installed
├── BadPhotoError            a file that should go with a finding is no photo
├── BadProfileError          a reader profile is wrong
├── BadReadsFileError        a file of readings for the virtual reader is wrong
└── BadTrafficError          the damage or link asked of the virtual reader is not possible
"""

from labels.errors import ExplainedError

__all__ = [
    "BadEnrolmentError",
    "BadListError",
    "BadPhotoError",
    "BadProfileError",
    "BadReadsFileError",
    "BadTrafficError",
    "EnrolmentRefusedError",
    "ForeignKeyError",
    "JournalError",
    "JournalInUseError",
    "JournalUnwritableError",
    "ListFaultError",
    "NonsenseError",
    "NotEnrolledError",
    "PortBusyError",
    "PortError",
    "PortForbiddenError",
    "PortMissingError",
    "PortUnusableError",
    "PortVanishedError",
    "ReaderFaultError",
    "RegistryAddressError",
    "RegistryError",
    "ScannerError",
    "TerminalMissingError",
    "TokenMissingError",
    "UnknownDriverError",
]


class ScannerError(ExplainedError):
    """Root of what the station refuses."""


class PortError(ScannerError):
    """The serial port cannot be used."""


class PortMissingError(PortError):
    """There is no such port, e.g. ``/dev/ttyUSB0`` before the reader is plugged in."""

    template = "{port}: there is no such port. Plug the reader in, or choose one that 'markdna readers list' shows."


class PortBusyError(PortError):
    """Another program holds the port, e.g. a second station or a terminal program."""

    template = "{port}: another program is using this port. Close it, or choose another port."


class PortForbiddenError(PortError):
    """The user may not open the port, e.g. because they are not in the group dialout."""

    template = "{port}: you may not open this port. On Linux, ask to be put in the group that owns it (often dialout)."


class PortVanishedError(PortError):
    """The port was there and is gone, e.g. the cable was pulled in the middle of a reading."""

    template = "{port}: the reader is gone. Check the cable; the station goes on when it is back."


class PortUnusableError(PortError):
    """It is there, but it is no serial port or refuses the settings, e.g. a baud rate it does not know."""

    template = "{port}: this cannot be used as a serial port ({problem})."


class NonsenseError(ScannerError):
    """Bytes arrive, but nothing in them makes sense, e.g. at 9600 bit/s from a reader set to 115 200."""

    template = (
        "{count} bytes arrived at {baud_rate} bit/s and none of them makes sense: "
        "probably the wrong speed or driver. Try 'markdna readers detect --port {port}'."
    )


class UnknownDriverError(ScannerError):
    """No driver has that name, e.g. ``--driver mdrr``."""

    template = "{driver}: there is no such driver. Allowed: {allowed}."


class ReaderFaultError(ScannerError):
    """The reader itself says that it cannot read, e.g. its lamp gives no light."""

    template = "The reader reports a fault: {code} ({text})."


class JournalError(ScannerError):
    """The journal on disk cannot be used."""


class JournalInUseError(JournalError):
    """Another station writes the journal, e.g. a second terminal window."""

    template = (
        "{folder}: another station (process {process}) is using this journal. "
        "Close it, or give --journal another folder."
    )


class JournalUnwritableError(JournalError):
    """The disk is full or the folder may not be written; the reading is not acknowledged."""

    template = (
        "{file}: the journal cannot be written ({problem}). The reading is NOT stored; scan again when this is mended."
    )


class RegistryError(ScannerError):
    """The registry cannot be asked."""


class RegistryAddressError(RegistryError):
    """The address is none, or would send the station's token in clear, e.g. ``http://register.example``."""

    template = "{address}: not an address of a registry. Allowed: https://…, or http:// on this machine only."


class TokenMissingError(RegistryError):
    """The station has no token, or the file that should hold it cannot be read."""

    template = (
        "The station has no token ({problem}). "
        "Enrol it with 'markdna station enrol', or set MARKDNA_STATION_TOKEN or MARKDNA_STATION_TOKEN_FILE."
    )


class NotEnrolledError(RegistryError):
    """The station has no key to seal to, e.g. it was never connected to its registry."""

    template = (
        "This station cannot keep readings yet: it does not know its registry's key ({problem}). "
        "Connect it once, or enrol it with 'markdna station enrol'."
    )


class EnrolmentRefusedError(RegistryError):
    """The registry does not take this machine for a station, e.g. the code was used before."""

    template = "{registry} did not enrol this station: {problem}"


class BadEnrolmentError(RegistryError):
    """The file that makes this machine a station is damaged or cannot be read."""

    template = "{file}: the station's enrolment cannot be read ({problem}). Enrol the station again."


class ForeignKeyError(RegistryError):
    """The registry has another key than readings here are sealed to, e.g. it was set up anew."""

    template = (
        "{registry} has another key than the one that readings here are sealed to, and could not open them. "
        "Nothing is sent; ask the administrator."
    )


class BadListError(RegistryError):
    """What should be a list of stolen marks is none: it was changed on its way, or was made for another question."""

    template = "The list of stolen marks from the registry cannot be used ({problem}). The list before it is kept."


class ListFaultError(RegistryError):
    """The list of stolen marks could not be fetched or asked, for a reason that nobody foresaw."""

    template = (
        "The list of stolen marks fails ({problem}) and is tried again. Readings are kept and delivered as always."
    )


class TerminalMissingError(ScannerError):
    """The full-screen view was asked for and its library is not installed."""

    template = "The full-screen view needs {module}. Install it with: pip install 'markdna[terminal]'"


class BadProfileError(ScannerError):
    """A reader profile is wrong, e.g. a checksum of a kind that is not known."""

    template = "{file}: {key}: {problem} is not allowed. Allowed: {allowed}."


class BadPhotoError(ScannerError):
    """A file that should go with a finding is no photo, e.g. a PDF, or a path that was mistyped."""

    template = "{file}: {problem}. Allowed: a photo as JPEG, PNG or WebP."


class BadReadsFileError(ScannerError):
    """A file of readings for the virtual reader is wrong, e.g. a FASTQ record without its quality line."""

    template = "{file}, {place}: {problem}. Allowed: {allowed}."


class BadTrafficError(ScannerError):
    """What was asked of the virtual reader is not possible, e.g. ``--link`` to a file that is no link."""

    template = "{what}: {problem}. Allowed: {allowed}."
