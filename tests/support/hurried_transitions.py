"""AWS in a hurry: what is brought back is there within a minute, so that it is looked at twice.

Who restores looks again every few seconds, at everything: a few minutes are hundreds of calls.
"""

from datetime import timedelta

from sagewarden_cli.sandbox import Sandbox

_COMING_BACK = (
    ("app", "Pending"),
    ("endpoint", "Creating"),
    ("endpoint", "Updating"),
    ("inference-component", "Creating"),
    ("inference-component", "Updating"),
    ("mlflow-tracking-server", "Starting"),
    ("nodegroup", "UPDATING"),
    ("notebook-instance", "Pending"),
    ("provisioned-model", "Creating"),
)


def hurry(sandbox: Sandbox) -> None:
    """Let everything come back within a minute."""
    for kind, status in _COMING_BACK:
        sandbox.transition_times.set(kind, status, timedelta(minutes=1))
