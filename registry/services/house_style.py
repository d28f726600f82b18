"""The look of what the registry prints: names from the register, coat of arms and colours from ``[labels]``."""

import os
from functools import lru_cache
from pathlib import Path

from labels.config_file import config_path
from labels.pdf import HouseStyle
from labels.settings import LabelSettings, label_settings

__all__ = ["house_style"]


def house_style(organisation: str) -> HouseStyle:
    """The house style of config.toml for labels of ``organisation``; raises ConfigFileError for a wrong setting."""
    look = _look(config_path(environment=os.environ))
    return HouseStyle(organisation, look.contact, look.ink, look.signal, look.coat_of_arms)


@lru_cache(maxsize=4)
def _look(path: Path | None) -> LabelSettings:
    return label_settings(path)
