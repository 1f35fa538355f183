"""A month's bill, line by line, each with its arithmetic."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from sagewarden.adapters.paid_units import READS
from sagewarden_cli.pages.running_cost.assumptions import MONTH_DAYS, MONTH_HOURS
from sagewarden_cli.pages.running_cost.month import Month
from sagewarden_cli.pages.running_cost.prices import PriceList

_GB = 10**9
_POLLERS, _POLLS_A_MINUTE = 5, 3
"""Lambda polls a queue over five connections, each waiting 20 seconds for a message."""
_KEY_REUSE_SECONDS = 300
"""SNS and DynamoDB ask KMS again for a data key after so long, at most."""
OWN_LINES = 400
"""What Lambda logs of an invocation by itself, in bytes: START, END and REPORT."""
_LEDGER_MONTHS = 12


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a bill.

    Attributes:
        service: Who charges it.
        what: What for.
        how: How the amount is made.
        amount: How much, in units of the price.
        price: The price's name.
    """

    service: str
    what: str
    how: str
    amount: Decimal
    price: str

    def cost(self, prices: PriceList) -> Decimal:
        """What it costs."""
        return prices.prices[self.price].of(self.amount)


def bill(month: Month) -> tuple[Line, ...]:
    """Every line of a month."""
    return tuple(
        line
        for lines in (_lambda, _queues, _events, _metrics, _logs, _ledger, _notices)
        for line in lines(month)
    )


def total(month: Month, prices: PriceList) -> Decimal:
    """What a month costs."""
    return sum((line.cost(prices) for line in bill(month)), Decimal(0))


def _lambda(month: Month) -> Iterator[Line]:
    for runs in month.runs():
        seconds = Decimal(runs.milliseconds) / 1000
        gb = Decimal(month.facts.memory_mb[runs.function]) / 1024
        how = f"{runs.times:,} x {seconds:,} s x {gb} GB"
        yield Line("Lambda", runs.what, how, runs.times * seconds * gb, "lambda.duration")
    invocations = month.invocations()
    how = f"{month.messages():,} sweeps + {invocations - month.messages():,} wake-ups"
    yield Line("Lambda", "requests of functions", how, Decimal(invocations), "lambda.requests")


def _queues(month: Month) -> Iterator[Line]:
    messages = month.messages()
    sends = messages // month.targets * month.batches()
    how = f"{sends:,} sends + {messages:,} receives + {messages:,} deletes"
    amount = Decimal(sends + 2 * messages)
    yield Line("SQS", "messages", how, amount, "sqs.requests")
    minutes, queues = MONTH_HOURS * 60, month.facts.polled_queues
    how = f"{queues} queues x {_POLLERS} x {_POLLS_A_MINUTE} a minute x {minutes:,} min"
    polls = Decimal(queues * _POLLERS * _POLLS_A_MINUTE * minutes)
    yield Line("SQS", "polling of empty queues [U]", how, polls, "sqs.requests")


def _events(month: Month) -> Iterator[Line]:
    wake_ups = month.messages() // month.targets
    how = f"{wake_ups:,} wake-ups"
    yield Line("EventBridge", "schedules", how, Decimal(wake_ups), "scheduler.invocations")
    if forwarded := month.forwarded():
        others, daily = month.scenario.accounts - 1, month.scenario.events_a_day
        how = f"{others:,} others x {daily} a day x {float(MONTH_DAYS):.2f} days"
        what = "events sent to the hub, paid by the spokes"
        yield Line("EventBridge", what, how, Decimal(forwarded), "events.cross_account")


def _metrics(month: Month) -> Iterator[Line]:
    published = month.measurements.metrics
    how = " + ".join(f"{number} of {name}" for name, number in sorted(published.items()))
    amount = Decimal(sum(published.values()))
    yield Line("CloudWatch", "custom metrics", how, amount, "cloudwatch.metrics")
    alarms = month.facts.alarm_metrics
    how = f"{alarms} metrics that alarms watch"
    yield Line("CloudWatch", "alarms", how, Decimal(alarms), "cloudwatch.alarms")
    boards = month.facts.dashboards
    yield Line("CloudWatch", "dashboard", f"{boards}", Decimal(boards), "cloudwatch.dashboards")
    asked = month.total("metrics_requested")
    how = f"{asked:,} metrics asked for by sweeps"
    yield Line("CloudWatch", "GetMetricData", how, Decimal(asked), "cloudwatch.get_metric_data")
    pages = month.calls("cloudwatch.ListMetrics")
    how = f"{pages:,} pages"
    yield Line("CloudWatch", "ListMetrics", how, Decimal(pages), "cloudwatch.list_metrics")


def _logs(month: Month) -> Iterator[Line]:
    counted = {
        "metrics": month.total("metric_bytes"),
        "Lambda's own lines [U]": month.invocations() * OWN_LINES,
    }
    if month.scenario.log_verdicts:
        counted = {"verdicts and outcomes": month.total("log_bytes"), **counted}
    for what, size in counted.items():
        gb = Decimal(size) / _GB
        yield Line("CloudWatch Logs", f"written: {what}", f"{gb:,.3f} GB", gb, "logs.ingestion")
    gb = Decimal(sum(counted.values())) / _GB
    days = month.scenario.retention_days or month.facts.retention_days
    how = f"{gb:,.3f} GB x {days} / {float(MONTH_DAYS):.2f} days, uncompressed [U]"
    kept = gb * days * MONTH_DAYS.denominator / MONTH_DAYS.numerator
    yield Line("CloudWatch Logs", "kept", how, kept, "logs.storage")


def _ledger(month: Month) -> Iterator[Line]:
    reads = month.calls(*(f"dynamodb.{name}" for name in READS))
    how = f"{reads:,} reads of up to 4 KB"
    yield Line("DynamoDB", "reads", how, Decimal(reads), "dynamodb.reads")
    writes = month.total("write_units")
    how = f"{writes:,} units of up to 1 KB"
    yield Line("DynamoDB", "writes", how, Decimal(writes), "dynamodb.writes")
    kept = Decimal(month.total("written_bytes") * _LEDGER_MONTHS) / _GB
    how = f"all that a year writes: {kept:,.3f} GB"
    yield Line("DynamoDB", "storage and recovery", how, kept, "dynamodb.storage")


def _notices(month: Month) -> Iterator[Line]:
    notices = month.calls("sns.Publish")
    lists = month.calls("sns.ListSubscriptionsByTopic")
    how = f"{notices:,} notices + {lists:,} looks for subscribers"
    yield Line("SNS", "requests", how, Decimal(notices + lists), "sns.requests")
    how = f"{notices:,} notices x 1 subscriber"
    yield Line("SNS", "e-mails", how, Decimal(notices), "sns.email")
    keys = month.facts.keys
    yield Line("KMS", "key of the topic", f"{keys}", Decimal(keys), "kms.keys")
    renewals = MONTH_HOURS * 3600 // _KEY_REUSE_SECONDS
    functions = len(month.measurements.bots)
    requests = 3 * renewals * functions
    how = f"at most every 5 min, 2 by the topic + 1 by the ledger, {functions} functions [U]"
    yield Line("KMS", "requests", how, Decimal(requests), "kms.requests")
