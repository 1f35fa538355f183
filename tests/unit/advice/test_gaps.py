"""What cannot be said is said."""

import pytest

from sagewarden.adapters.instance_catalogue import instance_catalogue
from sagewarden.domain.advice.gaps import gaps
from sagewarden.domain.advice.workload import Workload
from tests.support.advice import a_serverless_workload, a_workload, each_hour
from tests.support.builders import a_variant

CALLED = each_hour(100)


@pytest.mark.parametrize(
    ("workload", "said"),
    [
        (a_workload(calls=CALLED), []),
        (a_serverless_workload(calls=CALLED), []),
        (a_workload(asynchronous=True), []),
        (a_workload("e", a_variant(hosts_components=True)), []),
        (a_workload(instance_type="ml.g5.xlarge", calls=CALLED, gpu=each_hour(9)), []),
        (a_workload("e", a_variant(instance_types=(), instance_count=0), calls=CALLED), []),
        (
            a_workload(calls=each_hour(0)),
            ["nobody calls it: that is for a rule for idle endpoints"],
        ),
        (a_workload(), ["no data is no evidence: Invocations of AllTraffic have gaps"]),
        (
            a_workload(instance_type="ml.g5.xlarge", calls=CALLED),
            ["no data is no evidence: GPUUtilization of AllTraffic has gaps"],
        ),
        (
            a_workload(instance_type="ml.new.xlarge", calls=CALLED),
            ["nothing is known of ml.new.xlarge"],
        ),
        (
            a_workload("e", a_variant(instance_types=("ml.g5.xlarge", "ml.g6.xlarge"))),
            [
                "no data is no evidence: Invocations of AllTraffic have gaps",
                "AllTraffic may run on 2 instance types",
            ],
        ),
        (
            a_workload("e", a_variant(instance_types=()), calls=CALLED),
            ["what AllTraffic runs on is not known"],
        ),
    ],
)
def test_every_gap_is_named_and_nothing_else(workload: Workload, said: list[str]) -> None:
    assert list(gaps(workload, instance_catalogue())) == said
