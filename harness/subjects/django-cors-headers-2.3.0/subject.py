"""django-cors-headers 2.3.0 under the program of the current release (`current.py`), as a subject.

What differs: the names of the settings, and what Python and Django have dropped since 2018.
"""

import collections
import collections.abc
import importlib
import re
import sys

collections.Sequence = collections.abc.Sequence
# Django had a copy of `six`.
for part in ("", ".moves", ".moves.urllib", ".moves.urllib.parse"):
    sys.modules[f"django.utils.six{part}"] = importlib.import_module(f"six{part}")

import current  # noqa: E402: it imports the package, which needs the above

NAMES = {
    "CORS_ALLOW_ALL_ORIGINS": "CORS_ORIGIN_ALLOW_ALL",
    "CORS_ALLOWED_ORIGIN_REGEXES": "CORS_ORIGIN_REGEX_WHITELIST",
}


def origins(wanted):
    """`CORS_ORIGIN_WHITELIST` held hosts without their schemes, so that an origin is a regular expression."""
    settings = OF_TODAY(wanted)
    listed = settings.pop("CORS_ALLOWED_ORIGINS", [])
    settings = {NAMES[name]: value for name, value in settings.items()}
    if listed:
        settings["CORS_ORIGIN_REGEX_WHITELIST"] += [f"^{re.escape(origin)}$" for origin in listed]
    return settings


OF_TODAY = current.origins
current.NAME = "django-cors-headers-2.3.0"
current.origins = origins

if __name__ == "__main__":
    current.main()
