"""``sagewarden savings-plans`` and ``cross-check`` against the emulated AWS."""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from sagewarden.adapters.clock import SystemClock
from sagewarden_cli.app import main
from sagewarden_cli.sandbox import Sandbox
from sagewarden_cli.sandbox.billing.desk import PAYMENTS, BillingDesk
from tests.support.browser import CHROMIUM, Browser
from tests.support.faults import refusing

pytestmark = pytest.mark.aws

HOST, GPU = "USE1-Host:ml.m5.xlarge", "USE1-Host:ml.g5.xlarge"
SERVERLESS = "USE1-ServerlessInf:Mem-2GB"
RATES = {
    (1, "No Upfront"): "0.90",
    (1, "Partial Upfront"): "0.87",
    (1, "All Upfront"): "0.85",
    (3, "No Upfront"): "0.66",
    (3, "Partial Upfront"): "0.62",
    (3, "All Upfront"): "0.60",
}

type Run = Callable[..., Result]


@pytest.fixture
def billing(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> BillingDesk:
    sandbox.reset()
    monkeypatch.setenv("COLUMNS", "220")
    return sandbox.billing()


@pytest.fixture
def run(billing: BillingDesk) -> Run:  # noqa: ARG001 - the AWS that it reaches
    runner = CliRunner()
    return lambda *arguments: runner.invoke(main, list(arguments))


def midnight() -> Any:
    return SystemClock().now().replace(hour=0, minute=0, second=0, microsecond=0)


def run_a_fortnight(billing: BillingDesk) -> None:
    """Two GPU endpoints day and night, two more by day, and some that no plan covers."""
    begins = midnight() - timedelta(days=14)
    day = [2] * 8 + [4] * 12 + [2] * 4
    billing.add_usage(GPU, begins, day * 14, "1.41")
    billing.add_usage(HOST, begins, [1] * 336, "0.23")
    billing.add_usage(SERVERLESS, begins, [1000] * 336, "0.00002", unit="GB-Second")
    for (years, payment), rate in RATES.items():
        billing.add_rate(GPU, rate, years=years, payment=payment)


def test_the_commitment_that_costs_least_is_said_with_its_arithmetic(
    billing: BillingDesk, run: Run
) -> None:
    billing.enable_hours()
    run_a_fortnight(billing)
    billing.advise("1.75", "700.00")

    result = run("savings-plans")

    assert result.exit_code == 0, result.output
    # Two more GPUs run half of the time: at 0.85 of 1.41 they are not worth it, at 0.60 they are.
    assert "1 year, All Upfront: commit $1.70/h, save $817.60 a month" in result.stdout
    assert "3 years, All Upfront: commit $2.40/h, save $1,335.90 a month" in result.stdout
    assert (
        "$4.23/h on demand - $2.40/h committed - $0.00/h left on demand = $1.83/h" in result.stdout
    )
    assert "No rate is known for USE1-Host:ml.m5.xlarge ($0.23/h)" in result.stdout
    assert "is not metered in hours" in result.stdout
    assert "$1.75/h" in result.stdout
    assert "none" in result.stdout
    assert "WARNING" not in result.stderr


def test_programs_get_the_same_with_the_curve(billing: BillingDesk, run: Run) -> None:
    billing.enable_hours()
    run_a_fortnight(billing)

    document = json.loads(run("savings-plans", "--output", "json").stdout)

    assert document["schema"] == 1
    assert document["window"]["granularity"] == "hour"
    assert [item["usage_type"] for item in document["usage"]] == [GPU, HOST]
    offerings = document["offerings"]
    assert [(item["years"], item["payment_option"]) for item in offerings] == [
        (years, payment) for years in (1, 3) for payment in PAYMENTS
    ]
    best = [item for item in offerings if item["is_best_of_its_term"]]
    assert [item["commitment_usd_per_hour"] for item in best] == [1.7, 2.4]
    assert best[1]["paid_at_once_usd"] == 2.4 * 26_280
    assert min(cost for _, cost in best[0]["curve"]) == best[0]["cost_usd_per_hour"]
    assert [fall["fall"] for fall in best[0]["falls"]] == [0.1, 0.25, 0.5]
    assert best[0]["aws_recommends"]["commitment_usd_per_hour"] == 0


def test_without_hours_the_days_are_taken_and_it_is_said(billing: BillingDesk, run: Run) -> None:
    run_a_fortnight(billing)

    result = run("savings-plans")

    assert result.exit_code == 0
    assert "28 days" in result.stdout
    assert "savings are overstated" in result.stdout
    assert "opt-in only feature" in result.stderr


def test_owned_plans_are_shown_and_not_counted_twice(billing: BillingDesk, run: Run) -> None:
    billing.enable_hours()
    begins = midnight() - timedelta(days=14)
    plan = billing.add_plan("1.00", begins)
    billing.add_usage(
        HOST,
        begins,
        [2] * 336,
        "0.23",
        record_type="SavingsPlanCoveredUsage",
        plan=plan,
        rate="0.15",
    )

    result = run("savings-plans")

    assert "Nothing ran on demand" in result.stdout
    assert "Owned plans cover $0.46/h" in result.stdout
    assert "Of the owned commitment 30.0 % was used" in result.stdout
    document = json.loads(run("savings-plans", "--output", "json").stdout)
    assert document["owned_plans"][0]["arn"] == plan
    assert document["owned_plans_utilisation"] == 0.3


def test_what_is_not_metered_yet_is_left_out_and_it_is_said(billing: BillingDesk, run: Run) -> None:
    billing.enable_hours()
    billing.add_usage(GPU, midnight() - timedelta(days=14), [2] * 320, "1.41")
    billing.add_rate(GPU, "0.90")

    result = run("savings-plans")

    assert "The last 16 h before midnight UTC are not metered yet" in result.stdout
    assert "$2.82/h on demand - $1.80/h committed" in result.stdout
    window = json.loads(run("savings-plans", "--output", "json").stdout)["window"]
    assert window["left_out_hours"] == 16


def test_usage_too_unsteady_for_its_discount_gets_no_commitment(
    billing: BillingDesk, run: Run
) -> None:
    billing.enable_hours()
    billing.add_usage(GPU, midnight() - timedelta(days=3), [4], "1.41")
    billing.add_rate(GPU, "0.90")

    result = run("savings-plans")

    assert "No commitment saves anything" in result.stdout


def test_usage_that_nothing_covers_is_said(billing: BillingDesk, run: Run) -> None:
    billing.enable_hours()
    billing.add_usage(GPU, midnight() - timedelta(days=3), [4], "1.41")

    result = run("savings-plans")

    assert "No Savings Plan rate is known for what ran" in result.stdout
    assert result.exit_code == 0


def test_an_empty_account_has_nothing_to_commit_to(billing: BillingDesk, run: Run) -> None:
    billing.enable_hours()

    result = run("savings-plans")

    assert (result.exit_code, "nothing to commit to" in result.stdout) == (0, True)


def test_a_page_without_a_folder_is_refused_before_anything_is_paid_for(run: Run) -> None:
    result = run("savings-plans", "--html", "/nowhere/page.html")

    assert (result.exit_code, "no folder /nowhere" in result.stderr) == (1, True)


def test_the_page_holds_the_curves_and_loads_nothing(
    billing: BillingDesk, run: Run, tmp_path: Path
) -> None:
    billing.enable_hours()
    run_a_fortnight(billing)
    page = tmp_path / "plans.html"

    result = run("savings-plans", "--html", str(page))

    text = page.read_text(encoding="utf-8")
    assert result.exit_code == 0
    assert text.count("<polyline") == 2
    assert "commit $2.40/h" in text
    assert "http" not in text.replace("http-equiv", "")


def test_the_page_of_an_empty_account_says_so(run: Run, tmp_path: Path) -> None:
    page = tmp_path / "plans.html"

    run("savings-plans", "--html", str(page))

    text = page.read_text(encoding="utf-8")
    assert "nothing to commit to" in text
    assert "Could not be read: SageMaker&#39;s hourly usage" in text


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here")
def test_a_browser_shows_the_page_without_a_complaint(
    billing: BillingDesk, run: Run, tmp_path: Path
) -> None:
    billing.enable_hours()
    run_a_fortnight(billing)
    page = tmp_path / "plans.html"
    run("savings-plans", "--html", str(page))

    with Browser(tmp_path / "profile") as browser:
        browser.open(page.as_uri())
        heights = browser.run("[...document.querySelectorAll('svg')].map(s => s.clientHeight)")
        # Texts of a chart must not run out of it.
        outside = browser.run(
            "[...document.querySelectorAll('svg text')].filter(t => t.getBoundingClientRect().right"
            " > t.ownerSVGElement.getBoundingClientRect().right + 2).map(t => t.textContent)"
        )

    assert browser.problems == []
    assert len(heights) == 2
    assert min(heights) > 200
    assert outside == []


POLICY = """
version: 1
rules:
  - name: idle
    resources: endpoint
    idle: {invocations: 0, for: 48h}
    action: delete
"""


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    path = tmp_path / "policy.yaml"
    path.write_text(POLICY, encoding="utf-8")
    return path


def arn_of(name: str) -> str:
    return f"arn:aws:sagemaker:us-east-1:123456789012:endpoint/{name}"


def serve(sandbox: Sandbox, name: str, invocations: float) -> None:
    now = SystemClock().now().replace(minute=0, second=0, microsecond=0)
    sandbox.sagemaker().add_endpoint(
        name, instance_type="ml.g5.xlarge", created_at=now - timedelta(days=30), tags={}
    )
    sandbox.metrics.load(
        None,
        None,
        "AWS/SageMaker",
        "Invocations",
        {"EndpointName": name, "VariantName": "AllTraffic"},
        [(now - timedelta(hours=back), invocations) for back in range(60)],
    )


class TestCrossCheck:
    @pytest.fixture
    def check(self, run: Run, policy: Path, tmp_path: Path) -> Run:
        places = ("--policy", str(policy), "--ledger", f"file:{tmp_path / 'ledger.json'}")
        return lambda *arguments: run("cross-check", *places, *arguments)

    def test_who_thinks_what_idle_is_shown(
        self, sandbox: Sandbox, billing: BillingDesk, check: Run
    ) -> None:
        for name, invocations in (("both", 0.0), ("ours", 0.0), ("theirs", 5.0)):
            serve(sandbox, name, invocations)
        billing.enroll_in_compute_optimizer("us-east-1")
        billing.enroll_in_hub()
        billing.find_idle(arn_of("both"), 1029.3)
        billing.recommend(arn_of("both"), "Delete", 1029.3)
        billing.find_idle(arn_of("theirs"), 1029.3)
        billing.recommend_plan("$1.50/hour for 1 year", 300)

        result = check()

        assert result.exit_code == 0, result.output
        assert "agree: 1, only AWS: 1, only we: 1" in result.stdout
        assert "Compute Optimizer: Idle, 14 days, saves $1,029.30 a month" in result.stdout
        assert "recommends a SageMaker Savings Plan for 123456789012: $1.50/hour" in result.stdout
        document = json.loads(check("--output", "json").stdout)
        assert [(item["agreement"], item["arn"]) for item in document["matches"]] == [
            ("agree", arn_of("both")),
            ("only AWS", arn_of("theirs")),
            ("only we", arn_of("ours")),
        ]
        advisors = [finding["advisor"] for finding in document["matches"][0]["aws"]]
        assert advisors == ["Compute Optimizer", "Cost Optimization Hub"]
        assert document["matches"][1]["ours"]["verdict"] == "COMPLIANT"
        assert document["savings_plans"][0]["saving_usd_per_month"] == 300

    def test_what_is_not_enabled_is_a_line_and_no_error(self, check: Run) -> None:
        result = check()

        assert result.exit_code == 0
        assert "Compute Optimizer in us-east-1 is not enabled" in result.stdout
        assert "Cost Optimization Hub is not enabled" in result.stdout
        assert "WARNING" not in result.stderr
        document = json.loads(check("--output", "json").stdout)
        assert document["not_enabled"] == [
            "Compute Optimizer in us-east-1",
            "Cost Optimization Hub",
        ]

    def test_an_advisor_that_refuses_is_named_and_the_other_is_heard(
        self, sandbox: Sandbox, billing: BillingDesk, check: Run
    ) -> None:
        billing.enroll_in_hub()
        billing.recommend(arn_of("gone"), "Delete", 5)

        refused = refusing(lambda call: call.service == "compute-optimizer")
        with sandbox.observers.watching(refused):
            result = check()

        assert result.exit_code == 0
        assert "WARNING: could not be read: Compute Optimizer in us-east-1" in result.stderr
        assert "Cost Optimization Hub: Delete" in result.stdout

    def test_an_endpoint_that_no_rule_covers_is_said(
        self, billing: BillingDesk, check: Run
    ) -> None:
        billing.enroll_in_compute_optimizer("us-east-1")
        billing.find_idle(arn_of("gone"), 1)

        assert "no rule covers it" in check().stdout

    def test_a_policy_without_such_a_rule_is_refused(self, run: Run, policy: Path) -> None:
        policy.write_text("version: 1\nrules: []\n", encoding="utf-8")

        result = run("cross-check", "--policy", str(policy))

        assert (result.exit_code, "no rule that looks for idle" in result.stderr) == (1, True)
