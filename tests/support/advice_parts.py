"""What was found of each account, kept in memory."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date

from sagewarden.application.advise_all import Asked
from sagewarden.application.ports import UnreadableError
from sagewarden.domain.advice.report import Report


@dataclass
class MemoryParts:
    """The parts port in memory."""

    weeks: dict[date, Asked] = field(default_factory=dict[date, Asked])
    reports: dict[date, dict[str, Report]] = field(default_factory=dict[date, dict[str, Report]])

    def asked(self, monday: date) -> Asked | None:
        return self.weeks.get(monday)

    def ask(self, asked: Asked) -> None:
        self.weeks[asked.monday] = asked

    def kept(self, monday: date) -> Collection[str]:
        return frozenset(self.reports.get(monday, {}))

    def keep(self, monday: date, account: str, report: Report) -> None:
        self.reports.setdefault(monday, {})[account] = report

    def read(self, monday: date, account: str) -> Report:
        try:
            return self.reports[monday][account]
        except KeyError as error:
            raise UnreadableError(account, "nothing was kept") from error
