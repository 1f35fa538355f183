"""The report page: complete in itself, honest about money, and deaf to hostile texts."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from html.parser import HTMLParser
from zoneinfo import ZoneInfo

import pytest

from sagewarden_cli.demo.report.charts import heat_map, savings_chart
from sagewarden_cli.demo.report.data import (
    ActionRow,
    Bill,
    Promise,
    ReportData,
    RestItem,
    RestRow,
    TeamSavings,
    Thing,
    UntouchedRow,
    WarningRow,
)
from sagewarden_cli.demo.report.page import cents, evidence, moment, render, usd

SEOUL = ZoneInfo("Asia/Seoul")
START = datetime(2026, 11, 15, 15, tzinfo=UTC)
HOSTILE = "<script>alert('x')</script>\"><img src=x onerror=alert(1)>{{ 7*7 }}"


def a_thing(name: str = "churn", kind: str = "endpoint", team: str | None = "risk") -> Thing:
    return Thing(kind, name, "us-east-1", team, "mina@example.com")


def an_action(
    thing: Thing, kind: str = "delete", saved: str | None = "12.5", reason: str = "0 invocations"
) -> ActionRow:
    return ActionRow(
        thing=thing,
        at=START + timedelta(days=1),
        kind=kind,
        outcome="APPLIED",
        reason=reason,
        evidence=[("window_start", "2026-11-14T15:00:00+00:00")],
        saved_usd=None if saved is None else Decimal(saved),
        saved_hours=144.0,
        monthly_usd=None if saved is None else Decimal(saved) * 5,
        warned_at=START,
        undo=f"aws sagemaker create-endpoint --endpoint-name {thing.name}",
        manifest_kept=True,
    )


def a_report(
    actions: Sequence[ActionRow] = (),
    untouched: Sequence[UntouchedRow] = (),
    unpriced: Sequence[str] = (),
) -> ReportData:
    return ReportData(
        title="One week",
        begins=START,
        ends=START + timedelta(days=7),
        zone=SEOUL,
        is_simulated=True,
        notebooks=3,
        endpoints=4,
        regions=("us-east-1",),
        bill=Bill(
            spent_usd=Decimal("100.40"),
            otherwise_usd=Decimal("150.60"),
            saved_usd=Decimal("50.20"),
            monthly_usd=Decimal(220),
            unpriced=unpriced,
            unpriced_saved_hours=12.0,
            prices_as_of=[("endpoints", date(2026, 5, 20))],
        ),
        moments=[START + timedelta(days=1), START + timedelta(days=7)],
        teams=[TeamSavings("risk", [Decimal(10), Decimal("50.20")])],
        hours_before=[[2.0] * 24] * 7,
        hours_after=[[1.0] * 24] * 7,
        hours_note="What is left is exempt.",
        actions=actions,
        untouched=untouched,
        warnings=[
            WarningRow(a_thing(), START, START + timedelta(days=1), "0 invocations", "then delete")
        ],
        promises=[Promise(3, "protected", "carried a tag")],
        incomplete=[],
        method=["Price times time."],
    )


class Reader(HTMLParser):
    """Collects elements, the attributes that could load something, and visible text."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text: list[str] = []
        self._within = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        self._within = tag

    def handle_endtag(self, _tag: str, /) -> None:
        self._within = ""

    def handle_data(self, data: str) -> None:
        if self._within not in {"script", "style"}:
            self.text.append(data)


def read(page: str) -> Reader:
    reader = Reader()
    reader.feed(page)
    return reader


def test_hostile_texts_are_shown_and_never_run() -> None:
    thing = Thing("endpoint", HOSTILE, HOSTILE, HOSTILE, HOSTILE)
    notebook = Thing("notebook-instance", HOSTILE, HOSTILE, None, HOSTILE)
    data = replace(
        a_report(
            [an_action(thing, reason=HOSTILE), an_action(notebook, "stop", reason=HOSTILE)],
            [UntouchedRow(thing, "UNKNOWN", HOSTILE, [HOSTILE])],
            [HOSTILE],
        ),
        teams=[TeamSavings(HOSTILE, [Decimal(1), Decimal(2)])],
        incomplete=[(HOSTILE, HOSTILE)],
    )

    reader = read(render(data))

    assert reader.tags.count("script") == 1
    assert "img" not in reader.tags
    assert not any(name.startswith("on") for name, _ in reader.attributes)
    assert any(HOSTILE in text for text in reader.text)
    assert not any("49" in text for text in reader.text)


def test_the_page_loads_nothing() -> None:
    page = render(a_report([an_action(a_thing())]))

    reader = read(page)

    loading = {"src", "href", "srcset", "action", "data", "poster", "xlink:href"}
    assert not [value for name, value in reader.attributes if name in loading]
    assert "http:" not in page
    assert "https:" not in page
    assert "url(" not in page
    assert "@import" not in page
    assert "default-src 'none'" in page


def test_spent_saved_and_projected_are_separate_figures_that_add_up() -> None:
    text = " ".join(read(render(a_report())).text)

    assert "One week cost $100 instead of $151." in text
    assert "$51" in text
    assert "$220" in text
    assert "20 May 2026 (endpoints)" in text


def test_an_unknown_price_is_named_and_is_no_zero() -> None:
    page = render(a_report([an_action(a_thing(), saved=None)], unpriced=["churn (us-east-1)"]))

    text = " ".join(read(page).text)

    assert "price unknown" in text
    assert "1 resource ran at a price that is not known" in text
    assert "churn (us-east-1)" in text


def test_what_was_left_alone_is_grouped_by_verdict() -> None:
    rows = [
        UntouchedRow(a_thing("quiet"), "UNKNOWN", "no data is not zero"),
        UntouchedRow(a_thing("busy"), "COMPLIANT", "in use", ["TOO_NEW: created yesterday"]),
    ]

    text = " ".join(read(render(a_report(untouched=rows))).text)

    assert text.index("Not certain, so not touched (1)") < text.index("In order (1)")
    assert "earlier: TOO_NEW: created yesterday" in text


def a_row(saved: str | None = "12", unpriced: int = 0, told: Sequence[RestItem] = ()) -> RestRow:
    return RestRow(
        title="Studio apps",
        found=2,
        monthly_usd=Decimal(900),
        unpriced=unpriced,
        saving_usd=Decimal(300),
        saving_unknown=unpriced,
        saved_usd=None if saved is None else Decimal(saved),
        acted=[RestItem(a_thing("lab", "studio-app"), "stop 5 times", "it runs after hours")],
        told=told,
        left=[RestItem(a_thing("busy", "studio-app"), "COMPLIANT", "it was used")],
    )


def test_every_kind_beside_has_a_row_with_what_was_done_and_why_the_rest_was_not() -> None:
    text = " ".join(read(render(replace(a_report(), rest=[a_row()]))).text)

    assert "Everything else that bills by the hour" in text
    assert "3 notebook instances, 4 endpoints and 2 other resources" in text
    assert "$900" in text
    assert "$300" in text
    assert "stop 5 times" in text
    assert "it was used" in text
    assert "of unknown price" not in text


def test_what_is_not_metered_or_priced_or_only_told_of_says_so() -> None:
    told = [RestItem(a_thing("pretrain", "cluster"), "VIOLATION", "scale it down")]
    row = a_row(saved=None, unpriced=1, told=told)

    text = " ".join(read(render(replace(a_report(), rest=[row]))).text)

    assert "not metered" in text
    assert "1 of unknown price" in text
    assert "1 owner told" in text
    assert "scale it down" in text


def test_without_other_kinds_advice_or_plans_their_sections_are_left_out() -> None:
    text = " ".join(read(render(a_report())).text)

    for title in ("Everything else", "What would do the same for less", "Savings Plans"):
        assert title not in text
    assert "3 notebook instances, 4 endpoints in us-east-1" in text


def test_actions_on_other_kinds_and_their_warnings_have_places_of_their_own() -> None:
    app = a_thing("lab", "studio-app")
    warning = WarningRow(app, START, START + timedelta(hours=1), "it runs after hours", "then stop")
    data = replace(a_report([an_action(app, "stop")]), warnings=[warning])

    text = " ".join(read(render(data)).text)

    assert text.index("What was done") < text.index("Everything else") < text.index("0 invocations")
    assert "Everything else (1)" in text


def test_actions_on_one_notebook_are_gathered_in_one_row() -> None:
    notebook = a_thing("lab", "notebook-instance")
    actions = [an_action(notebook, "stop", "3"), an_action(notebook, "start", "-1")]

    text = " ".join(read(render(a_report(actions))).text)

    assert "2 actions" in text
    assert "$2.00" in text


def test_charts_and_tables_can_be_read_without_seeing_them() -> None:
    page = render(a_report([an_action(a_thing())]))

    reader = read(page)

    assert reader.tags.count("svg") == 3
    assert page.count('role="img"') == 4
    assert 'lang="en"' in page
    assert reader.tags.count("h1") == 1


def test_an_empty_week_has_a_page_too() -> None:
    data = replace(a_report(), teams=[], moments=[], hours_before=[[0.0] * 24] * 7, warnings=[])

    page = render(data)

    assert "None." in page


@pytest.mark.parametrize(
    ("amount", "whole", "exact"),
    [
        (Decimal("1234.567"), "$1,235", "$1,234.57"),
        (Decimal("-0.32"), "$0", "\u2212$0.32"),
        (Decimal(-2), "\u2212$2", "\u2212$2.00"),
        (None, "price unknown", "price unknown"),
    ],
)
def test_money_is_written_with_its_sign_and_its_cents(
    amount: Decimal | None, whole: str, exact: str
) -> None:
    assert usd(amount) == whole
    assert cents(amount) == exact


def test_moments_are_shown_by_the_reports_own_clock() -> None:
    assert moment(START, SEOUL) == "Mon 16 Nov 00:00"
    assert evidence("2026-11-15T15:00:00+00:00", SEOUL) == "Mon 16 Nov 00:00"
    assert evidence("AllTraffic", SEOUL) == "AllTraffic"


def test_the_savings_of_teams_are_stacked_largest_first() -> None:
    moments = [START + timedelta(days=3), START + timedelta(days=7)]
    teams = [
        TeamSavings("small", [Decimal(1), Decimal(10)]),
        TeamSavings("large", [Decimal(5), Decimal(70)]),
    ]

    chart = savings_chart(teams, moments, START, SEOUL)

    assert [layer.team for layer in chart.layers] == ["large", "small"]
    assert [tick.label for tick in chart.dollars] == ["$0", "$20", "$40", "$60", "$80"]
    assert [tick.label for tick in chart.days] == ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
    assert len({layer.colour for layer in chart.layers}) == 2


def test_heat_maps_share_one_scale() -> None:
    full = heat_map([[8.0] * 24] * 7, 8.0)
    half = heat_map([[4.0] * 24] * 7, 8.0)

    assert len(full.cells) == 168
    assert full.cells[0].colour != half.cells[0].colour
    assert full.total == 2 * half.total
    assert half.cells[25].label == "Tue 01:00, 4 running"
