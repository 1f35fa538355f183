"""What speaking with Slack cannot do without: its client, AWS clients, a logger and metrics."""

import os
from typing import Any

import boto3
from aws_lambda_powertools import Logger, Metrics
from slack_sdk import WebClient

clients = [boto3.client(name) for name in os.environ["BENCHMARK_CLIENTS"].split(",")]
slack = WebClient("xoxb-benchmark")
logger = Logger(service="bare")
metrics = Metrics(service="bare")


@logger.inject_lambda_context(clear_state=True)
@metrics.log_metrics
def handler(_event: dict[str, Any], _context: object) -> dict[str, str]:
    """Answer nothing."""
    return {}
