"""What a user can set, declared once: every option of the command line is a key of a preset and the other way round.

`Config` is a frozen pydantic model; each field's description is the option's help text. `load_config` merges the
defaults, a YAML preset and the command line, in that order of strength. `Settings` are what the user keeps from one
run to the next; options among them take the place of the schema's defaults. This is the only package that knows
pydantic and YAML; what leaves it is plain values.
"""

from viewer.config.load import load_config
from viewer.config.schema import Config
from viewer.config.settings import Settings

__all__ = ["Config", "Settings", "load_config"]
