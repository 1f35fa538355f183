"""Cloud Custodian as its command line runs it, with one filter more.

Its ``sagewarden``-like question cannot be put to it as it comes: ``sagemaker-endpoint`` has no
``metrics`` filter. Its own, which dozens of its other resources have, is registered here for
endpoints, as whoever wanted to delete idle ones would have to.

Run by its own environment's Python, with the arguments of its own ``custodian``.
"""

import sys

from c7n.cli import main
from c7n.filters.metrics import MetricsFilter
from c7n.resources.sagemaker import SagemakerEndpoint

SagemakerEndpoint.resource_type.dimension = "EndpointName"
SagemakerEndpoint.filter_registry.register("metrics", MetricsFilter)

sys.exit(main())
