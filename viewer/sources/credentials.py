"""What of an address may be shown. Apart from the sources, so that whoever only names one loads no video library."""

import re
from urllib.parse import urlsplit

_SECRET_VALUE = re.compile(r"([?&;#][^=&;#]*(?:pass|pwd|token|secret|key|auth)[^=&;#]*=)[^&;#]*", re.IGNORECASE)
_AUTHORITY_END = re.compile("[/?#]")


def without_credentials(address: str) -> str:
    """An address without user and password, and without the values of parameters that look like secrets.

    Args:
        address: Whatever names a source. A path or camera, which has no `://`, comes back as it is; an address that
            no library can read loses everything up to its last `@`.
    """
    scheme, mark, rest = address.partition("://")
    if not mark:
        return address
    end = len(_AUTHORITY_END.split(rest, maxsplit=1)[0]) if is_readable(address) else len(rest)
    shown = rest[:end].rpartition("@")[2] + rest[end:]
    return scheme + mark + _SECRET_VALUE.sub(r"\1***", shown)


def is_readable(address: str) -> bool:
    """Whether host and port of a URL can be told; a `/` in a password, not escaped, is one thing that spoils them."""
    try:
        parts = urlsplit(address)
        _ = parts.hostname, parts.port
    except ValueError:
        return False
    return True
