"""The look of what the registry prints: names from the register, coat of arms and colours from ``[labels]``."""

import os
from functools import lru_cache
from pathlib import Path

from labels.coat_of_arms import CoatOfArms
from labels.config_file import config_path
from labels.pdf import HouseStyle
from labels.settings import LabelSettings, label_settings

__all__ = ["house_style"]


def house_style(organisation: str) -> HouseStyle:
    """The house style of config.toml for labels of ``organisation``.

    Raises ConfigFileError for a wrong setting and ArtworkError for a coat of arms that cannot be drawn.
    """
    look = _look(config_path(environment=os.environ))
    arms = CoatOfArms.of_file(look.coat_of_arms) if look.coat_of_arms else None
    return HouseStyle(organisation, look.contact, look.ink, look.signal, arms)


@lru_cache(maxsize=4)
def _look(path: Path | None) -> LabelSettings:
    return label_settings(path)
