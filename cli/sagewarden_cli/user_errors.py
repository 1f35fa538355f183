"""What a user is told when something they can mend goes wrong: one message, no traceback."""

import errno

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    NoCredentialsError,
    PartialCredentialsError,
)
from botocore.parsers import ResponseParserError

from sagewarden.adapters.errors import why
from sagewarden.adapters.price_file import DamagedPricesError
from sagewarden.application.ports import ActionFailedError, UnreadableError
from sagewarden.domain.schedules.reading import InvalidScheduleError
from sagewarden.policy import PolicyError
from sagewarden_cli.local_ledger import LedgerInUseError
from sagewarden_cli.located_values import UnreadableFileError
from sagewarden_cli.options import BadOptionError, NoRegionError

NO_CREDENTIALS = (
    "no AWS credentials: give --profile, set AWS_PROFILE, or run aws sso login; "
    "to try things out without an account, run sagewarden sandbox"
)

_OURS = (
    ActionFailedError,
    BadOptionError,
    DamagedPricesError,
    InvalidScheduleError,
    LedgerInUseError,
    NoRegionError,
    PolicyError,
    UnreadableError,
    UnreadableFileError,
)


def explained(error: Exception) -> str | None:
    """Explain an error that a user can mend; None for one that is a fault of this program."""
    if isinstance(error, _OURS):
        return str(error)
    if isinstance(error, NoCredentialsError | PartialCredentialsError):
        return NO_CREDENTIALS
    if isinstance(error, ClientError):
        return f"AWS refused {error.operation_name}: {why(error)}"
    if isinstance(error, BotoCoreError):
        return why(error)
    if isinstance(error, ResponseParserError):
        return "the answer is none of AWS's: check AWS_ENDPOINT_URL, and any proxy in between"
    if isinstance(error, OSError) and error.filename is not None and error.errno != errno.EPIPE:
        return f"{error.filename}: {error.strerror}"
    return None
