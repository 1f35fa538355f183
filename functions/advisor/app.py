"""The advisor: once a week each team, and ops, hear what would do the same work for less.

Event: ``{"version": 1}``, from EventBridge Scheduler.
Answer: how many letters were sent; none where ops have this week's already.
It raises when the ledger could not be read, or a letter could not be sent: Lambda tries twice
more, then its dead-letter queue. What could not be read of an account is told to ops.
"""

from sagewarden.entrypoints.advising import advise_handler

handler = advise_handler()
