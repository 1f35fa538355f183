"""What the exit codes mean, the same for every command."""

from enum import IntEnum


class ExitCode(IntEnum):
    """Exit codes; 2 means the same as terraform's ``-detailed-exitcode``."""

    NOTHING_TO_DO = 0
    ERROR = 1
    """Something failed or was refused, wrong arguments included."""
    ACTIONS_PLANNED = 2
