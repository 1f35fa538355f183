"""The notebook hours bot: notebook instances stop outside their hours and start again after them.

Event: SQS messages of the bot's queue, one per account and region.
Answer: the messages that failed, which SQS shows again and at last moves to the DLQ.
What it does is in docs/bots/notebook-hours.md.
"""

from sagewarden.entrypoints.sweeping import sweep_handler

handler = sweep_handler("notebook_hours")
