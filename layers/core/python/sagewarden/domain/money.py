"""Money: price times time, from dated list prices; an unknown price stays unknown."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

HOURS_PER_MONTH = 730
"""Hours in a month as AWS's own calculators count them (8,760 / 12)."""


class PriceComponent(StrEnum):
    """What a price is for; the same instance type may differ by it.

    The values are the price list's own (its attribute ``component``) where it has one.
    """

    HOSTING = "Hosting"
    ASYNC_INFERENCE = "AsyncInf"
    NOTEBOOK = "Notebook"
    STUDIO_JUPYTER_LAB = "Studio-JupyterLab"
    STUDIO_CODE_EDITOR = "studio-codeeditor"
    STUDIO_NOTEBOOK = "Studio-Notebook"
    """KernelGateway apps, and JupyterServer apps on a type of their own."""
    STUDIO_RSTUDIO = "RStudio:RSession"
    STUDIO_RSTUDIO_SERVER = "RStudio:RServer"
    STUDIO_TENSORBOARD = "TensorBoard"
    STUDIO_CANVAS = "Canvas"
    """A Canvas session-hour; the name of its only price is ``Session``."""
    TRAINING = "Training"
    PROCESSING = "Processing"
    TRANSFORM = "BatchTransform"
    CLUSTER = "Cluster"
    """HyperPod nodes."""
    MLFLOW = "MLflow"
    """Tracking servers; the names are their sizes, for example ``Small``."""
    SERVERLESS = "Serverless"
    """On-demand serverless inference, usage types ``ServerlessInf:Mem-nGB``."""
    PROVISIONED_CONCURRENCY = "ServerlessProvisionedConcurrency"
    """Concurrency reserved, used or not: usage types ``ProvisionedConcurrency:Usage-nGB``."""
    PROVISIONED_INFERENCE = "ServerlessProvisionedConcurrency-Duration"
    """Inference on reserved concurrency: usage types ``ProvisionedConcurrency:Mem-nGB``."""
    STORAGE = "Storage"
    """ML storage volumes; priced by what they hang on (`PriceBook.gb_month_usd`)."""
    EC2 = "EC2"
    """On-demand Linux instances on shared hardware, without licensed software: nodes of EKS."""
    FILE_SYSTEM = "EFS"
    """File systems; priced by what is stored how (`PriceBook.file_gb_month_usd`)."""
    MODEL_UNIT = "Bedrock-ModelUnits"
    """Provisioned throughput of Bedrock; the names are those of `model_units.unit_name`."""


class FileStorage(StrEnum):
    """How EFS stores a file; the values are the price list's own (``storageClass``)."""

    STANDARD = "General Purpose"
    INFREQUENT = "Infrequent Access"
    INFREQUENT_ELASTIC = "Infrequent Access-ET"
    """Infrequent access in a file system whose throughput is elastic."""
    ARCHIVE = "Archive"


JOB_COMPONENTS: Mapping[str, PriceComponent] = {
    "training-job": PriceComponent.TRAINING,
    "hyper-parameter-tuning-job": PriceComponent.TRAINING,
    "warm-pool": PriceComponent.TRAINING,
    "processing-job": PriceComponent.PROCESSING,
    "transform-job": PriceComponent.TRANSFORM,
}
"""What the instances of each kind of job are billed as."""


@dataclass(frozen=True, slots=True)
class MonthlyCost:
    """An amount per month of 730 hours.

    Attributes:
        usd: US dollars per month, list price.
        basis: The arithmetic, for whoever must defend the figure.
        as_of: The day the price was read from AWS's price list.
        hourly_usd: US dollars for each hour that it runs, whatever part of the month that is; None
            where it is not known.
    """

    usd: Decimal
    basis: str
    as_of: date
    hourly_usd: Decimal | None = None


@dataclass(frozen=True, slots=True)
class PriceBook:
    """List prices, those of each component in each region from one day.

    Attributes:
        as_of: The day the prices of a (component, region) were read; every price has one.
        hourly_usd: US dollars per instance-hour by (component, region, instance type).
        gb_second_usd: US dollars per GB-second of serverless memory by (component, region). The two
            prices of provisioned concurrency, reserved and in use, are two components.
        gb_month_usd: US dollars per GB-month of ML storage by (component the volume hangs on,
            region), all as of the component `STORAGE`.
        file_gb_month_usd: US dollars per GB-month of files by (how they are stored, region), all
            as of the component `FILE_SYSTEM`.
    """

    as_of: Mapping[tuple[PriceComponent, str], date]
    hourly_usd: Mapping[tuple[PriceComponent, str, str], Decimal]
    gb_second_usd: Mapping[tuple[PriceComponent, str], Decimal]
    gb_month_usd: Mapping[tuple[PriceComponent, str], Decimal] = field(default_factory=dict)
    file_gb_month_usd: Mapping[tuple[FileStorage, str], Decimal] = field(default_factory=dict)

    def instances(
        self,
        component: PriceComponent | None,
        region: str,
        instance_type: str | None,
        count: int = 1,
        share: Decimal = Decimal(1),
    ) -> MonthlyCost | None:
        """What instances cost per month.

        Args:
            component: What they are used for; None when that is not known.
            region: The AWS region.
            instance_type: For example ``ml.m5.xlarge``; None when it is not known.
            count: How many.
            share: The part of the month that is counted, 0 to 1.

        Returns:
            The cost, or None when the price is not known.
        """
        if component is None or instance_type is None:
            return None
        price = self.hourly_usd.get((component, region, instance_type))
        if price is None:
            return None
        hours = HOURS_PER_MONTH * share
        return MonthlyCost(
            usd=price * count * hours,
            basis=f"{count} x {instance_type} at ${price}/h x {hours:.0f} h",
            as_of=self.as_of[component, region],
            hourly_usd=price * count,
        )

    def provisioned_concurrency(
        self, region: str, memory_mb: int, concurrency: int
    ) -> MonthlyCost | None:
        """What reserved provisioned concurrency costs per month, or None when not known."""
        reserved = PriceComponent.PROVISIONED_CONCURRENCY
        price = self.gb_second_usd.get((reserved, region))
        if price is None:
            return None
        gigabytes = Decimal(memory_mb) / 1024
        hourly = price * gigabytes * concurrency * 3600
        return MonthlyCost(
            usd=hourly * HOURS_PER_MONTH,
            basis=f"{concurrency} x {gigabytes} GB at ${_plain(price)}/GB-s x {HOURS_PER_MONTH} h",
            as_of=self.as_of[reserved, region],
            hourly_usd=hourly,
        )

    def inference(
        self, component: PriceComponent, region: str, memory_mb: int, seconds: Decimal
    ) -> MonthlyCost | None:
        """What serverless inference costs per month, or None when its price is not known.

        Args:
            component: `SERVERLESS`, or `PROVISIONED_INFERENCE` for what runs on reserved
                concurrency (whose reservation costs `provisioned_concurrency` beside it).
            region: The AWS region.
            memory_mb: The endpoint's memory.
            seconds: How long inference ran in the month, over all invocations.
        """
        price = self.gb_second_usd.get((component, region))
        if price is None:
            return None
        gigabytes = Decimal(memory_mb) / 1024
        return MonthlyCost(
            usd=price * gigabytes * seconds,
            basis=f"{gigabytes} GB at ${_plain(price)}/GB-s x {seconds:,.0f} s",
            as_of=self.as_of[component, region],
        )

    def storage(self, component: PriceComponent, region: str, gigabytes: int) -> MonthlyCost | None:
        """What an ML storage volume costs per month, or None when its price is not known.

        Args:
            component: What the volume hangs on, for example `NOTEBOOK`.
            region: The AWS region.
            gigabytes: Its size.
        """
        price = self.gb_month_usd.get((component, region))
        if price is None:
            return None
        return MonthlyCost(
            usd=price * gigabytes,
            basis=f"{gigabytes} GB at ${_plain(price)}/GB-month",
            as_of=self.as_of[PriceComponent.STORAGE, region],
            hourly_usd=price * gigabytes / HOURS_PER_MONTH,
        )

    def files(self, region: str, stored: Mapping[FileStorage, int]) -> MonthlyCost | None:
        """What files cost per month, or None when a price of any of them is not known.

        Args:
            region: The AWS region.
            stored: Bytes by how they are stored. EFS bills in gigabytes of 2^30 bytes (Amazon EFS
                user guide, "Understanding billing and usage reports").
        """
        return total([self._kept(region, *item) for item in stored.items() if item[1]])

    def _kept(self, region: str, storage: FileStorage, size: int) -> MonthlyCost | None:
        price = self.file_gb_month_usd.get((storage, region))
        if price is None:
            return None
        gigabytes = Decimal(size) / 2**30
        return MonthlyCost(
            usd=price * gigabytes,
            basis=f"{gigabytes:,.2f} GB ({storage}) at ${_plain(price)}/GB-month",
            as_of=self.as_of[PriceComponent.FILE_SYSTEM, region],
            hourly_usd=price * gigabytes / HOURS_PER_MONTH,
        )

    def oldest(self, component: PriceComponent) -> date | None:
        """The oldest day from which prices of a component are, or None without any."""
        return min(
            (day for (part, _), day in self.as_of.items() if part is component), default=None
        )


NO_PRICES = PriceBook(as_of={}, hourly_usd={}, gb_second_usd={})
"""A book without a price: every cost is unknown."""


def _plain(price: Decimal) -> str:
    return f"{price:f}"


def total(costs: list[MonthlyCost | None]) -> MonthlyCost | None:
    """Add up costs; one unknown part makes the sum unknown."""
    known = [cost for cost in costs if cost is not None]
    if not known or len(known) < len(costs):
        return None
    hourly = [cost.hourly_usd for cost in known if cost.hourly_usd is not None]
    return MonthlyCost(
        usd=sum((cost.usd for cost in known), Decimal(0)),
        basis=" + ".join(cost.basis for cost in known),
        as_of=min(cost.as_of for cost in known),
        hourly_usd=sum(hourly, Decimal(0)) if len(hourly) == len(known) else None,
    )
