"""What holds for every test."""

import gc
import os
import signal

from hypothesis import HealthCheck, settings

# No test goes by the list prices that a developer has refreshed, or writes over them.
os.environ["SAGEWARDEN_CACHE_DIR"] = f"{os.devnull}/no-cache"

# A shell starts background jobs deaf to Ctrl-C, and so whatever tests start and then interrupt.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# How long an example takes says how busy the machine is, not whether the code is right.
settings.register_profile("sagewarden", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("sagewarden")


def pytest_xdist_auto_num_workers() -> int:
    """One more than there are processors: some tests wait for processes of their own."""
    return (os.cpu_count() or 1) + 1


def pytest_collection_finish() -> None:
    """Look for garbage less often, and no more among all that was imported and collected."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
