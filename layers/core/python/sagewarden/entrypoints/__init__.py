"""What AWS Lambda calls: events in, use cases run, log lines and metrics out.

In Lambda, and only there, garbage is not looked for until the first invocation (`handlers`): nothing
is that a cold start loads, and to look takes a tenth of its time (`benchmarks/README.md`).
"""

import gc
import os

if "AWS_LAMBDA_RUNTIME_API" in os.environ:
    gc.disable()
