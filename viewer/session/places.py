"""Where the window keeps things for the user: one place to ask, whatever later decides about it."""

from dataclasses import dataclass
from pathlib import Path

from platformdirs import user_config_path, user_pictures_path

from viewer.config.schema import Config
from viewer.core.errors import ConfigError
from viewer.core.paths import expanded


@dataclass(frozen=True, slots=True)
class Places:
    """Folders and files of one user.

    Attributes:
        taken: Folder for snapshots and exported videos; made when the first is saved.
        presets: File with the saved choices of taps; need not be there.
    """

    taken: Path
    presets: Path

    @classmethod
    def of(cls, config: Config) -> "Places":
        """The platform's places, or what the options say.

        Raises:
            ConfigError: If the folder begins with the home of a user who is not there.
        """
        taken = user_pictures_path() / "Featscope"
        if config.snapshots is not None:
            taken = expanded(config.snapshots, ConfigError).absolute()
        return cls(taken, user_config_path("featscope", appauthor=False) / "taps.yaml")
