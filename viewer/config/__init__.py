"""What a user can set, declared once: every option of the command line is a key of a preset and the other way round.

`Config` is a frozen pydantic model; each field's description is the option's help text. `load_config` merges the
defaults, a YAML preset and the command line, in that order of strength. This is the only package that knows pydantic
and YAML; what leaves it is plain values.
"""

from viewer.config.load import load_config
from viewer.config.schema import Config

__all__ = ["Config", "load_config"]
