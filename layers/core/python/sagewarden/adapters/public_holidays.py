"""Public holidays by country and subdivision, from the `holidays` library."""

from collections.abc import Callable
from datetime import date, timedelta
from functools import cache

from sagewarden.domain.schedules.holiday_tables import HolidayTable


@cache
def public_holidays(country: str, subdivision: str | None = None) -> Callable[[date], str | None]:
    """Find the public holidays of a country.

    Args:
        country: ISO 3166-1 alpha-2 code, for example ``KR``.
        subdivision: ISO 3166-2 code without the country, for example ``CA`` of ``US-CA``.

    Returns:
        A function that names the holiday of a local date, or answers None.

    Raises:
        ValueError: The library knows no such country or subdivision.
    """
    import holidays  # noqa: PLC0415 - costs some 60 ms at cold start; most policies need it not

    try:
        known = holidays.country_holidays(country, subdiv=subdivision)
    except NotImplementedError as error:
        place = f"{country}-{subdivision}" if subdivision else country
        raise ValueError(f"no public holidays are known for {place}") from error

    def named(day: date) -> str | None:
        name = known.get(day)
        return None if name is None else str(name)

    return named


def holiday_table(country: str, subdivision: str | None, years: range) -> HolidayTable:
    """The public holidays of a place over some years, as a table.

    Raises:
        ValueError: The library knows no such country or subdivision.
    """
    named = public_holidays(country, subdivision)
    first, last = date(years.start, 1, 1), date(years.stop - 1, 12, 31)
    days = (first + timedelta(offset) for offset in range((last - first).days + 1))
    return HolidayTable(
        place=f"{country}-{subdivision}" if subdivision else country,
        first_year=first.year,
        last_year=last.year,
        names={day: name for day in days if (name := named(day)) is not None},
    )
