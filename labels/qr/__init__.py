"""QR codes: which size and error level, whether they would scan, and how they are drawn.

The matrices are those of the ``qrcode`` library with a fixed mask; ``QrSeries`` makes many of them fast.
"""

from labels.qr.codes import (
    DOT,
    QUIET_ZONE,
    SMALLEST_MODULE,
    Kind,
    QrCode,
    encode,
    kind_for_dots,
    kind_for_width,
    measure,
    module_width,
    smallest_kind,
    sturdiest_kind,
    whole_dots,
)
from labels.qr.drawing import path
from labels.qr.series import QrSeries

__all__ = [
    "DOT",
    "QUIET_ZONE",
    "SMALLEST_MODULE",
    "Kind",
    "QrCode",
    "QrSeries",
    "encode",
    "kind_for_dots",
    "kind_for_width",
    "measure",
    "module_width",
    "path",
    "smallest_kind",
    "sturdiest_kind",
    "whole_dots",
]
