import re
from pathlib import Path

from sagewarden_cli.case_result import Outcome
from sagewarden_cli.schedule_cases import check_file

PAGE = Path(__file__).parents[3] / "docs" / "schedules.md"


def test_the_cases_on_the_schedules_page_pass(tmp_path: Path) -> None:
    block = re.search(r"```yaml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert block is not None
    path = tmp_path / "cases.yaml"
    path.write_text(block[1], encoding="utf-8")

    tally = check_file(path, None)

    assert [result.outcome for result in tally.results] == [Outcome.PASSED] * 3
