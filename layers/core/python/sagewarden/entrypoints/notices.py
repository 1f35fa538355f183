"""What comes on the queue of notices: parcels for owners, and each week a digest and advice."""

from typing import TYPE_CHECKING

from sagewarden.adapters.notice_records import NoticeFormatError, read_parcel
from sagewarden.domain.notices import Parcel
from sagewarden.entrypoints.messages import MessageError

if TYPE_CHECKING:
    from sagewarden.application.messaging import Told
    from sagewarden.domain.digest import Digest
    from sagewarden.domain.weekly_advice import WeeklyAdvice


def read_notice(content: object) -> "Parcel | Told":
    """Read what a message of the queue holds.

    Raises:
        MessageError: It is none of them of this version.
    """
    if isinstance(content, dict) and "digest" in content:
        return _digest(content)
    if isinstance(content, dict) and "advice" in content:
        return _advice(content)
    try:
        return read_parcel(content)
    except NoticeFormatError as error:
        raise MessageError(f"body: {error}") from error


def _digest(content: dict[str, object]) -> "Digest":
    from sagewarden.adapters.digest_records import (  # noqa: PLC0415 - once a week
        DigestFormatError,
        read_envelope,
    )

    try:
        return read_envelope(content)
    except DigestFormatError as error:
        raise MessageError(f"body: {error}") from error


def _advice(content: dict[str, object]) -> "WeeklyAdvice":
    from sagewarden.adapters.advice_records import (  # noqa: PLC0415 - once a week
        AdviceFormatError,
        read_envelope,
    )

    try:
        return read_envelope(content)
    except AdviceFormatError as error:
        raise MessageError(f"body: {error}") from error
