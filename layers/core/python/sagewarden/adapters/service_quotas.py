"""Read what Service Quotas allows for serverless endpoints."""

import threading

from sagewarden.adapters.errors import AWS_ERRORS
from sagewarden.adapters.sessions import Sessions
from sagewarden.domain.provisioned_concurrency.quotas import Quotas, documented_quotas


class ServiceQuotas:
    """The quota source on boto3; each region is read once.

    Quotas are found by their names: AWS publishes no list of their codes.
    """

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions
        self._known: dict[str, Quotas] = {}
        self._lock = threading.Lock()

    def of(self, region: str) -> Quotas:
        """What a region allows; the documented defaults, marked as assumed, when unreadable.

        Calls: the pages of ListServiceQuotas (100 a page), once per region.
        """
        with self._lock:
            if region not in self._known:
                self._known[region] = self._read(region)
            return self._known[region]

    def _read(self, region: str) -> Quotas:
        documented = documented_quotas(region)
        totals: list[int] = []
        singles: list[int] = [documented.per_endpoint]
        try:
            pages = (
                self._sessions.client("service-quotas", region)
                .get_paginator("list_service_quotas")
                .paginate(ServiceCode="sagemaker", PaginationConfig={"PageSize": 100})
            )
            for page in pages:
                for quota in page["Quotas"]:
                    name = quota["QuotaName"].lower()
                    if "serverless" in name and "concurrency" in name:
                        (totals if "total" in name else singles).append(int(quota["Value"]))
        except AWS_ERRORS:
            return documented
        if not totals:
            return documented
        return Quotas(region_total=min(totals), per_endpoint=min(singles))
