"""The guardrails bot: what is created is judged at once, and what exists every quarter of an hour.

Event: SQS messages of the bot's queue: one per account and region, and SageMaker's events.
Answer: the messages that failed, which SQS shows again and at last moves to the DLQ.
What it does is in docs/bots/guardrails.md.
"""

from sagewarden.entrypoints.guarding import guard_handler

handler = guard_handler("guardrails")
