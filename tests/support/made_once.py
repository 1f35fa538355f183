"""What takes long to make is made once for all processes of a test run."""

import fcntl
import pickle
from collections.abc import Callable
from typing import cast

import pytest


def made_once[Made](
    name: str, make: Callable[[], Made], folders: pytest.TempPathFactory, worker: str
) -> Made:
    """Return what whichever process comes first makes; the others wait for it, and read it.

    Args:
        name: What it is called; unlike anything else that is made so.
        make: Makes it; what it returns can be pickled.
        folders: pytest's ``tmp_path_factory``.
        worker: pytest-xdist's ``worker_id``.
    """
    if worker == "master":
        return make()
    shared = folders.getbasetemp().parent / f"{name}.pickle"
    with shared.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not shared.exists():
            shared.write_bytes(pickle.dumps(make()))
        return cast("Made", pickle.loads(shared.read_bytes()))  # noqa: S301 - a process of ours wrote it
