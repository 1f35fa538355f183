"""What AWS Lambda calls: events in, use cases run, log lines and metrics out.

In Lambda, and only there, garbage is not looked for until the first invocation (`handlers`): of what
a cold start loads nothing is, and to look takes a tenth of its time (`benchmarks/README.md`).
"""

import gc
import os

if "AWS_LAMBDA_RUNTIME_API" in os.environ:
    gc.disable()
