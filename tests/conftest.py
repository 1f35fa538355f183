"""What holds for every test."""

import os

from hypothesis import settings

# No test goes by the list prices that a developer has refreshed, or writes over them.
os.environ["SAGEWARDEN_CACHE_DIR"] = f"{os.devnull}/no-cache"

# How long an example takes says how busy the machine is, not whether the code is right.
settings.register_profile("sagewarden", deadline=None)
settings.load_profile("sagewarden")
