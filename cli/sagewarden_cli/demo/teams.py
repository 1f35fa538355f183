"""The demo's six teams, in three time zones."""

from zoneinfo import ZoneInfo

from sagewarden_cli.demo.organisation import SEOUL, VIRGINIA, Team

_KST = ZoneInfo("Asia/Seoul")
_EASTERN = ZoneInfo("America/New_York")
_BERLIN = ZoneInfo("Europe/Berlin")

SEARCH = Team(
    "search-ranking", _KST, "seoul-office", "CC-1104", ("minji", "jiho", "seoyeon"), VIRGINIA
)
VISION = Team("vision", _KST, "seoul-office", "CC-1127", ("haneul", "dowon", "sora"), SEOUL)
FRAUD = Team(
    "fraud-risk", _EASTERN, "new-york-office", "CC-2210", ("maria", "andre", "priya"), VIRGINIA
)
LANGUAGE = Team(
    "language", _EASTERN, "new-york-office", "CC-2245", ("ethan", "grace", "omar"), VIRGINIA
)
PERSONAL = Team(
    "personalisation", _BERLIN, "berlin-office", "CC-3302", ("lena", "jonas", "aylin"), VIRGINIA
)
FORECAST = Team(
    "forecasting", _BERLIN, "berlin-office", "CC-3318", ("katrin", "felix", "milan"), VIRGINIA
)

TEAMS = (SEARCH, VISION, FRAUD, LANGUAGE, PERSONAL, FORECAST)


def tags_of(team: Team, owner: str, stage: str) -> dict[str, str]:
    """The tags that a resource of a team carries when nobody forgot any."""
    return {
        "Owner": f"{owner}@example.com",
        "Team": team.name,
        "CostCenter": team.cost_centre,
        "Stage": stage,
    }
