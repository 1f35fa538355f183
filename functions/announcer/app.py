"""The announcer: what is new in the audit trail goes onto the bus for integrations.

Event: records of the ledger's stream, an entry of the audit trail each.
Answer: the first record that was not announced; the stream hands over everything from there again.
What is announced, and how to subscribe to it, is in docs/events.md.
"""

from sagewarden.entrypoints.announcing import announce_handler

handler = announce_handler()
