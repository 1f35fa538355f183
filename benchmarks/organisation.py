"""Measure an organisation: a thousand accounts times four regions, dispatched and swept.

``python -m benchmarks.organisation`` builds organisations of two sizes in the sandbox, wakes the
dispatcher, lets one worker sweep what it asks for, and writes the table into README.md. Sandbox,
dispatcher and worker are processes of their own, so that each one's peak memory is its own.
"""

import argparse
import json
import multiprocessing
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sagewarden.adapters.ledger_dynamodb import create_table
from sagewarden.bootstrap import compile_policy_file
from sagewarden.bots import BOTS
from sagewarden_cli.pages.cloudformation import read_template
from sagewarden_cli.pages.marked_block import with_blocks
from sagewarden_cli.pages.running_cost.assumptions import MANY
from sagewarden_cli.pages.running_cost.bill import total
from sagewarden_cli.pages.running_cost.measurements import recorded
from sagewarden_cli.pages.running_cost.month import Month
from sagewarden_cli.pages.running_cost.prices import price_list
from sagewarden_cli.pages.running_cost.stack_facts import stack_facts
from sagewarden_cli.sandbox import Sandbox

ROOT = Path(__file__).parents[1]
PAGE = Path(__file__).with_name("README.md")
COMMAND = "python -m benchmarks.organisation"
SIZES = (100, 1000)
REGIONS = ("us-east-1", "eu-west-1", "ap-northeast-2", "ap-east-1")
"""The last one has to be enabled by each account; one account has not."""

MOST_SWEPT = 400
"""How many messages the worker sweeps: by then it has met a hundred accounts."""

_NOW = datetime(2026, 11, 18, 12, tzinfo=UTC)
_HUB = Sandbox.account_id
_POLICY = f"""\
version: 1
targets: {{organization: {{units: UNIT}}, regions: [{", ".join(REGIONS)}]}}
calendars:
  office: {{weekdays: mon-fri, from: "09:00", to: "18:00"}}
rules:
  - name: notebooks-off-hours
    resources: notebook-instance
    outside: office
"""


@dataclass(frozen=True, slots=True)
class Run:
    """What one process did, and what it took.

    Attributes:
        seconds: Wall time of its work, imports included.
        peak_mb: Its peak memory.
        count: How many messages it sent or handled.
        failed: Of those, how many have to be tried again.
        out_of_reach: Of those, how many found nobody who let them in.
        calls: The calls of AWS that it made.
    """

    seconds: float
    peak_mb: float
    count: int
    failed: int = 0
    out_of_reach: int = 0
    calls: int = 0


@dataclass(frozen=True, slots=True)
class Row:
    """An organisation of one size.

    Attributes:
        accounts: How many accounts it has; one is suspended, one has no role, and one has not
            enabled the last region.
        finding: A wake-up that asks AWS who is there.
        waking: One that knows.
        sweeping: One worker that handles the first messages of it.
    """

    accounts: int
    finding: Run
    waking: Run
    sweeping: Run


def rows(sizes: Sequence[int] = SIZES) -> list[Row]:
    """Measure organisations of some sizes."""
    return [_measured(size) for size in sizes]


def monthly_cost() -> str:
    """What the stack costs a month at list price, for `MANY`, as docs/cost-of-running.md says."""
    prices, (_, measurements) = price_list(), recorded()
    month = Month(MANY, stack_facts(read_template(ROOT / "template.yaml")), measurements)
    return (
        f"{MANY.name}: {month.messages():,} messages a month of all bots together, "
        f"${total(month, prices):,.0f} a month at the list prices of {prices.date} "
        f"({prices.region}): [what that is made of](../docs/cost-of-running.md)."
    )


def table(found: Sequence[Row], shared: tuple[float, float]) -> str:
    """The results as Markdown.

    Args:
        found: The organisations, the smallest first.
        shared: The memory of an account's clients in MB, shared and with a session of its own.
    """
    head = (
        "| accounts x regions | wake-up | messages | failed | out of reach | calls of AWS "
        "| wall time | peak memory |\n|---|---|--:|--:|--:|--:|--:|--:|\n"
    )
    lines = [
        f"| {row.accounts:,} x {len(REGIONS)} | {what} | {run.count:,} | {run.failed} "
        f"| {run.out_of_reach} | {run.calls:,} | {run.seconds:.1f} s | {run.peak_mb:.0f} MB |\n"
        for row in found
        for what, run in (
            ("dispatcher, asking AWS", row.finding),
            ("dispatcher, knowing", row.waking),
            ("one worker, sweeping", row.sweeping),
        )
    ]
    small, large = found[0], found[-1]
    each = [row.sweeping.seconds / row.sweeping.count for row in (small, large)]
    grown = (
        f"{large.accounts / small.accounts:.0f} x the accounts: "
        f"{large.waking.count / small.waking.count:.1f} x the messages, "
        f"{each[1] / each[0]:.1f} x the worker's time for each, "
        f"{large.sweeping.peak_mb / small.sweeping.peak_mb:.2f} x its memory, "
        f"{large.waking.peak_mb / small.waking.peak_mb:.2f} x the dispatcher's."
    )
    ours, own = shared
    saved = (
        f"The clients of one account more take {ours:.1f} MB; with a botocore session of its own "
        f"they would take {own:.1f} MB ({own / ours:.0f} x)."
    )
    return f"{head}{''.join(lines)}\n{grown}\n\n{saved}\n\n{monthly_cost()}\n"


def _measured(size: int) -> Row:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    with TemporaryDirectory() as folder:
        server = context.Process(target=_serve, args=(size, folder, theirs))
        server.start()
        try:
            environment: dict[str, str] = ours.recv()

            def calls() -> int:
                ours.send("calls")
                return int(ours.recv())

            calls()
            finding = _in_process("dispatch", environment, calls)
            sweeping = _in_process("sweep", environment, calls, MOST_SWEPT)
            waking = _in_process("dispatch", environment, calls)
        finally:
            ours.send("stop")
            server.join()
    return Row(size, finding, waking, sweeping)


def _in_process(
    work: str, environment: Mapping[str, str], calls: Callable[[], int], *arguments: int
) -> Run:
    found = {**_answer(work, environment, *arguments), "calls": calls()}
    print(f"{work}: {found}", flush=True)
    return Run(**found)


def _answer(work: str, environment: Mapping[str, str], *arguments: int) -> Any:  # noqa: ANN401 - JSON
    """What a process of its own says of its work: it imports nothing that the layer does not."""
    command = [sys.executable, "-m", "benchmarks.organisation_functions", work]
    done = subprocess.run(  # noqa: S603 - our own module
        [*command, *map(str, arguments)],
        env={**os.environ, **environment},
        cwd=ROOT,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    return json.loads(done.stdout.splitlines()[-1])


def _shared_memory() -> tuple[float, float]:
    """The memory of one more account's clients: as ours are made, and with their own session."""
    keys = {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"}
    ours, own = (float(_answer("clients", keys, own)) for own in (0, 1))
    return ours, own


def _serve(size: int, folder: str, commands: Connection) -> None:
    """Be AWS, with an organisation of a size and the stack of a hub that governs it."""
    with Sandbox(_NOW) as sandbox:
        built = sandbox.organization("999999999999")
        built.add_account(_HUB, name="hub")
        built.delegate(_HUB)
        units = [built.add_unit("ml")]
        units += [built.add_unit(f"team-{number}", units[0]) for number in range(20)]
        for number in range(size):
            account = f"{100_000_000_000 + number}"
            built.add_account(account, unit=units[number % len(units)], role=number != 1)
            if number != 2:  # noqa: PLR2004 - the one that has not enabled the region
                built.enable_region(account, REGIONS[-1])
            fleet = sandbox.sagemaker(account, REGIONS[number % len(REGIONS)])
            fleet.add_notebook_instance("nb", status="InService")
        built.set_state("100000000000", "SUSPENDED")
        commands.send(_stack(sandbox, Path(folder), units[0]))
        while commands.recv() == "calls":
            commands.send(sum(sandbox.calls.counts().values()))
            sandbox.calls.clear()


def _stack(sandbox: Sandbox, folder: Path, unit: str) -> dict[str, str]:
    """The stack's queues, topic and table, and what the template tells its functions."""
    file = folder / "governance.yaml"
    file.write_text(_POLICY.replace("UNIT", unit), encoding="utf-8")
    compiled = compile_policy_file(file, range(_NOW.year, _NOW.year + 1))
    file.with_suffix(".json").write_text(compiled, encoding="utf-8")
    sqs = sandbox.client("sqs")
    create_table(sandbox.client("dynamodb"), "ledger")
    queues = {bot.queue_variable: sqs.create_queue(QueueName=bot.name)["QueueUrl"] for bot in BOTS}
    return {
        **sandbox.environment(),
        **queues,
        "DEAD_LETTERS_QUEUE": sqs.create_queue(QueueName="dead-letters")["QueueUrl"],
        "NOTICES_TOPIC": sandbox.client("sns").create_topic(Name="notices")["TopicArn"],
        "POWERTOOLS_METRICS_NAMESPACE": "Sagewarden/benchmark",
        "LEDGER_TABLE": "ledger",
        "ARCHIVE_BUCKET": "archive",
        "NOTICE_TIMEZONE": "UTC",
        "SPOKE_ROLE": "sagewarden-spoke",
        "SPOKE_EXTERNAL_ID": "sagewarden",
        "POLICY_FILE": str(file),
    }


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--accounts", type=int, nargs="+", default=list(SIZES))
    sizes = parser.parse_args().accounts
    results = table(rows(sizes), _shared_memory())
    print(results)
    if tuple(sizes) == SIZES:
        dated = f"{datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} shared cores.\n\n{results}"
        page = with_blocks(PAGE.read_text(encoding="utf-8"), {"organisation": dated}, COMMAND)
        PAGE.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
