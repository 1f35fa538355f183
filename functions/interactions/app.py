"""What Slack sends when somebody clicks, submits a form or types a command: verified, and queued.

Event: a request to the function's URL.
Answer: an HTTP response: 200 when Slack signed the request and it is queued, 401 when it did not.
How Slack is set up is in docs/slack.md.
"""

from sagewarden.entrypoints.interacting import interact_handler

handler = interact_handler()
