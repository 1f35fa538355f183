from datetime import timedelta
from typing import Any

import pytest

from sagewarden.domain.job_runs import Asked
from sagewarden.domain.jobs.asked import asked_of, machines_of

HOUR = timedelta(hours=1)
TRAINING = {
    "stoppingCondition": {"maxRuntimeInSeconds": 3600, "maxWaitTimeInSeconds": 7200},
    "enableManagedSpotTraining": True,
    "checkpointConfig": {"s3Uri": "s3://b/checkpoints"},
    "resourceConfig": {"instanceType": "ml.g5.xlarge", "instanceCount": 2},
}


def capitalised(value: Any) -> Any:
    """A request of CloudTrail's as the API and its descriptions spell it."""
    if isinstance(value, dict):
        return {key[:1].upper() + key[1:]: capitalised(item) for key, item in value.items()}
    return [capitalised(item) for item in value] if isinstance(value, list) else value


@pytest.mark.parametrize("request_", [TRAINING, capitalised(TRAINING)])
def test_a_training_job_is_read_from_calls_and_descriptions_alike(request_: object) -> None:
    assert asked_of("training-job", request_) == (
        Asked(max_runtime=HOUR, max_wait=2 * HOUR, spot=True, checkpoints=True, instances=2),
    )


def test_what_a_training_job_does_not_say_is_not_known() -> None:
    assert asked_of("training-job", {}) == (Asked(spot=False),)


@pytest.mark.parametrize(
    ("resources", "instances"),
    [
        ({"InstanceGroups": [{"InstanceCount": 2}, {"InstanceCount": 3}]}, 5),
        ({"InstancePreferences": [{"InstanceCount": 2}, {"InstanceCount": 4}]}, 4),
        ({"InstancePreferences": [{"InstanceType": "ml.g5.xlarge"}], "InstanceCount": 3}, 3),
        ({"InstanceCount": True}, None),
        ("not a structure", None),
    ],
)
def test_groups_of_instances_add_up_and_preferences_do_not(
    resources: object, instances: int | None
) -> None:
    [found] = asked_of("training-job", {"ResourceConfig": resources})

    assert found.instances == instances


def test_a_processing_job_runs_on_one_instance_unless_it_says_more() -> None:
    cluster = {"InstancePreferences": [{"InstanceType": "ml.m5.xlarge"}]}
    request = {
        "ProcessingResources": {"ClusterConfig": cluster},
        "StoppingCondition": {"MaxRuntimeInSeconds": 3600},
    }

    assert asked_of("processing-job", request) == (Asked(max_runtime=HOUR, instances=1),)
    assert asked_of("processing-job", {}) == (Asked(),)


def test_a_transform_job_has_no_longest_run_time() -> None:
    request = {"TransformResources": {"InstanceType": "ml.m5.xlarge", "InstanceCount": 4}}

    assert asked_of("transform-job", request) == (Asked(instances=4),)


def test_a_tuning_job_asks_for_what_its_definitions_ask_for_at_once() -> None:
    choice = {"InstanceConfigs": [{"InstanceCount": 1}, {"InstanceCount": 3}]}
    request = {
        "HyperParameterTuningJobConfig": {
            "ResourceLimits": {"MaxParallelTrainingJobs": 5, "MaxRuntimeInSeconds": 7200}
        },
        "TrainingJobDefinitions": [
            {**capitalised(TRAINING), "DefinitionName": "large"},
            {"DefinitionName": "small", "HyperParameterTuningResourceConfig": choice},
        ],
    }

    whole, large, small = asked_of("hyper-parameter-tuning-job", request)

    assert whole == Asked(max_runtime=2 * HOUR, instances=15)
    assert (large.part, large.spot, large.instances) == (True, True, 2)
    assert (small.part, small.spot, small.instances) == (True, False, 3)
    assert [whole.who, small.who] == ["it", "each training job of small"]


def test_a_tuning_job_of_one_definition_may_tell_nothing() -> None:
    whole, part = asked_of("hyper-parameter-tuning-job", {"TrainingJobDefinition": {}})

    assert (whole, part) == (Asked(), Asked(part=True, spot=False))
    assert part.who == "each of its training jobs"


@pytest.mark.parametrize(
    "config",
    [
        {"AutoMLJobConfig": {}},
        {"AutoMLProblemTypeConfig": {"TextGenerationJobConfig": {}}},
    ],
)
def test_an_auto_ml_job_of_either_version_says_how_long_it_may_take(
    config: dict[str, dict[str, Any]],
) -> None:
    limits = {"MaxAutoMLJobRuntimeInSeconds": 7200, "MaxRuntimePerTrainingJobInSeconds": 3600}
    [(name, inner)] = config.items()
    criteria = {"CompletionCriteria": limits}
    told = {name: dict.fromkeys(inner, criteria) or criteria}

    assert asked_of("auto-ml-job", told) == (
        Asked(max_runtime=2 * HOUR),
        Asked(part=True, max_runtime=HOUR),
    )


def test_what_is_no_job_asks_for_nothing_here() -> None:
    assert asked_of("endpoint", {"StoppingCondition": {"MaxRuntimeInSeconds": 1}}) == ()


@pytest.mark.parametrize(
    ("kind", "described", "machines"),
    [
        (
            "training-job",
            {"ResourceConfig": {"InstanceType": "ml.g5.xlarge", "InstanceCount": 2}},
            (("ml.g5.xlarge", 2),),
        ),
        (
            "training-job",
            {
                "ResourceConfig": {
                    "InstanceGroups": [
                        {"InstanceType": "ml.g5.xlarge", "InstanceCount": 1},
                        {"InstanceType": "ml.c5.xlarge", "InstanceCount": 2},
                    ]
                }
            },
            (("ml.g5.xlarge", 1), ("ml.c5.xlarge", 2)),
        ),
        (
            "training-job",
            {
                "ResourceConfig": {
                    "InstancePreferences": [{"InstanceType": "ml.g6.xlarge"}],
                    "SelectedInstanceType": "ml.g5.xlarge",
                    "InstanceCount": 2,
                }
            },
            (("ml.g5.xlarge", 2),),
        ),
        (
            "training-job",
            {"ResourceConfig": {"InstancePreferences": [{"InstanceType": "ml.g6.xlarge"}]}},
            None,
        ),
        (
            "processing-job",
            {"ProcessingResources": {"ClusterConfig": {"InstanceType": "ml.m5.xlarge"}}},
            (("ml.m5.xlarge", 1),),
        ),
        ("transform-job", {"TransformResources": {"InstanceType": "ml.m5.xlarge"}}, None),
        ("auto-ml-job", {}, None),
    ],
)
def test_the_instances_of_a_job_are_known_once_they_are_settled(
    kind: str, described: object, machines: tuple[tuple[str, int], ...] | None
) -> None:
    assert machines_of(kind, described) == machines
