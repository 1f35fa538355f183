"""What AWS meters: usage types of SageMaker, such as ``USE1-Host:ml.g5.xlarge``.

Savings Plan rates and Cost Explorer's usage meet in the usage type itself; what it is made of is
for people.
"""

import re
from dataclasses import dataclass

_USAGE_TYPE = re.compile(r"(?:([A-Z]{2,3}[A-Z0-9]{0,2})-)?([A-Za-z]+(?::[A-Za-z]+)?)[:-](ml\..+)")

# Source: AWS Price List, attribute regionCode beside the prefix of usagetype; us-east-1 has usage
# types without a prefix, too.
_REGIONS = {
    None: "us-east-1",
    "AFS1": "af-south-1",
    "APE1": "ap-east-1",
    "APN1": "ap-northeast-1",
    "APN2": "ap-northeast-2",
    "APN3": "ap-northeast-3",
    "APS1": "ap-southeast-1",
    "APS2": "ap-southeast-2",
    "APS3": "ap-south-1",
    "APS4": "ap-southeast-3",
    "CAN1": "ca-central-1",
    "EU": "eu-west-1",
    "EUC1": "eu-central-1",
    "EUN1": "eu-north-1",
    "EUS1": "eu-south-1",
    "EUW1": "eu-west-1",
    "EUW2": "eu-west-2",
    "EUW3": "eu-west-3",
    "MES1": "me-south-1",
    "SAE1": "sa-east-1",
    "UGW1": "us-gov-west-1",
    "USE1": "us-east-1",
    "USE2": "us-east-2",
    "USW1": "us-west-1",
    "USW2": "us-west-2",
}
_COMPONENTS = {
    "AsyncInf": "Asynchronous inference",
    "Host": "Hosting",
    "Notebk": "Notebook",
    "Processing": "Processing",
    "Train": "Training",
    "Tsform": "Batch transform",
}


@dataclass(frozen=True, slots=True, order=True)
class Meter:
    """One usage type, and its parts where they can be told.

    Attributes:
        usage_type: As AWS bills it.
        component: What runs, for example ``Hosting``; AWS's own word where we have no better one.
        region: The AWS region; None where the prefix is not known.
        instance_type: For example ``ml.g5.xlarge``; None for what is not metered by instance.
    """

    usage_type: str
    component: str | None = None
    region: str | None = None
    instance_type: str | None = None

    @property
    def label(self) -> str:
        """Name it for people: ``Hosting ml.g5.xlarge us-east-1``, or else the usage type."""
        if self.component is None or self.instance_type is None:
            return self.usage_type
        place = self.region or self.usage_type.partition("-")[0]
        return f"{self.component} {self.instance_type} {place}"


def meter_of(usage_type: str) -> Meter:
    """Read a usage type; what has no instance type in it is kept whole."""
    match = _USAGE_TYPE.fullmatch(usage_type)
    if match is None:
        return Meter(usage_type)
    prefix, component, instance_type = match.groups()
    named = _COMPONENTS.get(component, component.replace(":", " "))
    return Meter(usage_type, named, _REGIONS.get(prefix), instance_type)
