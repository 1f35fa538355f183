"""The reporter: once a week each team, and ops, hear what was done, what it saves and what waits.

Event: ``{"version": 1}``, from EventBridge Scheduler.
Answer: how many digests were sent; none where all readers have theirs.
It raises when the ledger could not be read, or a digest could not be sent: Lambda tries twice
more, then its dead-letter queue.
"""

from sagewarden.entrypoints.digesting import report_handler

handler = report_handler()
