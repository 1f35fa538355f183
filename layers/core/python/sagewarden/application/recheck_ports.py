"""What looking again needs beside what a first look does, as Protocols."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from sagewarden.application.ports import Listing
from sagewarden.domain.recheck import Recollection
from sagewarden.domain.resources import Endpoint


class Rechecks(Protocol):
    """Reads a part of a region's endpoints. Every method may be called from several threads."""

    def updated_since(self, region: str, modified_after: datetime | None) -> Listing[Endpoint]:
        """The endpoints that were created or updated after a moment, or all; without their tags."""
        ...

    def tagged(self, region: str, endpoints: Sequence[Endpoint]) -> Listing[Endpoint]:
        """The same endpoints with their tags; None where they could not be read."""
        ...

    def confirmed(self, region: str, endpoints: Sequence[Endpoint]) -> Listing[Endpoint]:
        """The same endpoints as they are now, without details; not those that are gone."""
        ...


class SurveyMemory(Protocol):
    """Remembers what was learned of a region. Whoever remembers last is remembered, as a whole."""

    def recall(self, account: str, region: str) -> Recollection | None:
        """What was remembered last; None when nothing was, or it cannot be understood.

        Raises:
            UnreadableError: It could not be read.
        """
        ...

    def remember(self, account: str, region: str, recollection: Recollection) -> None:
        """Remember in place of what was remembered before.

        Raises:
            ActionFailedError: It could not be written, and what was remembered before stays.
        """
        ...
