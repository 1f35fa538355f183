"""Public holidays as tables: what a compiled policy knows of them, without any library."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True, slots=True)
class HolidayTable:
    """The public holidays of one country or subdivision over some years.

    Attributes:
        place: ISO 3166 codes such as ``KR`` or ``US-CA``.
        first_year: The first year it knows.
        last_year: The last year it knows.
        names: The holidays' names by local date.
    """

    place: str
    first_year: int
    last_year: int
    names: Mapping[date, str] = field(hash=False)

    def __call__(self, day: date) -> str | None:
        """Name the holiday of a local date, or answer None.

        Raises:
            ValueError: The date lies outside the years it knows: no holiday is not known there.
        """
        if not self.first_year <= day.year <= self.last_year:
            raise ValueError(
                f"the holidays of {self.place} are known from {self.first_year} to "
                f"{self.last_year}, not for {day.isoformat()}; compile the policy again"
            )
        return self.names.get(day)


@dataclass(frozen=True, slots=True)
class HolidayTables:
    """The tables of several places; a source of holidays.

    Attributes:
        tables: The tables by place.
    """

    tables: Mapping[str, HolidayTable] = field(hash=False)

    def __call__(self, country: str, subdivision: str | None) -> HolidayTable:
        """Find the holidays of a country or subdivision.

        Raises:
            ValueError: The policy was compiled without them.
        """
        place = f"{country}-{subdivision}" if subdivision else country
        table = self.tables.get(place)
        if table is None:
            known = ", ".join(sorted(self.tables)) or "none"
            raise ValueError(f"the policy was compiled without the holidays of {place} ({known})")
        return table
