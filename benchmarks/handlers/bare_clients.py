"""boto3 and the clients that a bot needs, made on import: no logger, no policy, no work."""

import os

import boto3

clients = [boto3.client(name) for name in os.environ["BENCHMARK_CLIENTS"].split(",")]


def handler(_event: object, _context: object) -> dict[str, str]:
    """Answer nothing."""
    return {}
