from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagewarden.adapters.sagemaker_paths import request_shapes
from sagewarden.domain.guardrails.call import Call, read_event
from sagewarden.domain.guardrails.event_fields import EventError
from sagewarden.domain.guardrails.identity import NOBODY
from tests.support.builders import ACCOUNT, REGION
from tests.support.events import a_call, a_notebook_call, a_record, an_event

ARN = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:notebook-instance/nb"


def read(event: object) -> Call:
    return read_event(event, request_shapes())


def a_state_change(thing: str, **detail: Any) -> Call:
    return read(an_event(detail, f"SageMaker {thing} State Change"))


class TestCalls:
    def test_a_call_tells_who_created_what(self) -> None:
        call = a_notebook_call(
            "ml.g5.xlarge", {"Owner": "kim"}, responseElements={"notebookInstanceArn": ARN}
        )

        assert (call.operation, call.account) == ("CreateNotebookInstance", ACCOUNT)
        assert call.time == datetime(2026, 11, 21, 2, 15, 30, tzinfo=UTC)
        assert call.ineffective is None
        subject = call.subject
        assert (subject.kind, subject.name, subject.arn) == ("notebook-instance", "nb", ARN)
        assert (subject.region, subject.tags) == (REGION, {"Owner": "kim"})
        assert subject.instance_types == ("ml.g5.xlarge",)

    def test_an_event_and_its_bare_record_tell_the_same(self) -> None:
        record = a_record(request={"notebookInstanceName": "nb"})

        assert read(an_event(record)) == read(record)

    def test_the_account_is_the_events_or_the_callers_where_no_recipient_is_told(self) -> None:
        record = a_record(recipientAccountId=None)

        assert read(an_event(record)).account == ACCOUNT
        assert read(record).account == ACCOUNT

    @pytest.mark.parametrize(
        ("tags", "told"),
        [
            ([{"key": "a", "value": "b"}], {"a": "b"}),
            ([{"Key": "a", "Value": ""}], {"a": ""}),
            ([{"key": "a"}], {"a": ""}),
            ({"a": "b"}, {"a": "b"}),
            ([], {}),
            (None, {}),
            ("***", None),
            (["a"], None),
            ([{"key": 7}], None),
            ({"a": 7}, None),
        ],
    )
    def test_tags_are_a_list_or_a_map_and_unknown_when_they_are_neither(
        self, tags: object, told: dict[str, str] | None
    ) -> None:
        call = a_call("CreateNotebookInstance", {"tags": tags})

        assert call.subject.tags == told

    @pytest.mark.parametrize("request_", [None, {"omitted": True, "originalSize": 200_000}])
    def test_nothing_is_known_of_a_request_that_is_not_told(self, request_: object) -> None:
        subject = a_call("CreateNotebookInstance", request_).subject

        assert (subject.name, subject.tags, subject.instance_types) == (None, None, None)
        assert subject.volumes_gb is None

    def test_an_update_does_not_tell_the_tags(self) -> None:
        call = a_call("UpdateNotebookInstance", {"notebookInstanceName": "nb", "tags": []})

        assert call.subject.tags is None
        assert call.ineffective is None

    def test_an_endpoints_instances_are_not_in_the_call_that_creates_it(self) -> None:
        subject = a_call("CreateEndpoint", {"endpointName": "ep"}).subject

        assert subject.typed
        assert subject.instance_types is None

    def test_a_serverless_config_names_no_type_and_an_app_without_one_has_its_spaces(self) -> None:
        config = a_call(
            "CreateEndpointConfig", {"productionVariants": [{"serverlessConfig": {}}]}
        ).subject
        app = a_call("CreateApp", {"appName": "a"}).subject

        assert config.instance_types == ()
        assert app.instance_types is None

    def test_a_model_has_no_instance_type_and_a_presigned_url_takes_no_tags(self) -> None:
        model = a_call("CreateModel", {"modelName": "m"}).subject
        url = a_call("CreatePresignedDomainUrl", {"domainId": "d"}).subject

        assert (model.typed, model.taggable) == (False, True)
        assert (url.typed, url.taggable) == (False, False)

    @pytest.mark.parametrize("operation", ["AddTags", "DeleteTags"])
    def test_tagging_names_the_resource_and_not_all_of_its_tags(self, operation: str) -> None:
        call = a_call(operation, {"resourceArn": ARN, "tags": [{"key": "a", "value": "b"}]})

        assert (call.subject.kind, call.subject.name) == ("notebook-instance", "nb")
        assert (call.subject.arn, call.subject.tags) == (ARN, None)
        assert call.ineffective is None

    def test_tagging_without_an_arn_names_nothing(self) -> None:
        subject = a_call("AddTags", {}).subject

        assert (subject.kind, subject.name, subject.typed) == ("unknown", None, True)

    @pytest.mark.parametrize(
        ("operation", "more", "why"),
        [
            ("CreateNotebookInstance", {"errorCode": "AccessDenied"}, "failed with AccessDenied"),
            ("CreateNotebookInstance", {"readOnly": True}, "changes nothing"),
            ("DescribeEndpoint", {}, "changes nothing"),
            ("StopNotebookInstance", {}, "changes nothing"),
            ("DeleteEndpoint", {}, "changes nothing"),
        ],
    )
    def test_what_failed_or_only_reads_enforces_nothing(
        self, operation: str, more: dict[str, Any], why: str
    ) -> None:
        call = a_call(operation, {}, **more)

        assert call.ineffective is not None
        assert why in call.ineffective

    def test_an_operation_that_no_table_knows_is_not_taken_for_harmless(self) -> None:
        call = a_call("CreateQuantumNotebook", {"instanceType": "ml.q1.large"})

        assert call.ineffective is None
        assert call.subject.tags is None
        assert call.subject.instance_types is None


class TestStateChanges:
    def test_a_notebook_tells_its_type_and_nobody(self) -> None:
        call = a_state_change(
            "Notebook Instance",
            NotebookInstanceName="nb",
            NotebookInstanceArn=ARN,
            NotebookInstanceStatus="InService",
            InstanceType="ml.p4d.24xlarge",
            Tags={"Owner": "kim"},
        )

        assert call.identity == NOBODY
        assert (call.subject.kind, call.subject.name) == ("notebook-instance", "nb")
        assert (call.subject.arn, call.subject.tags) == (ARN, {"Owner": "kim"})
        assert call.subject.instance_types == call.named_types == ("ml.p4d.24xlarge",)
        assert call.ineffective is None

    def test_what_it_leaves_out_is_not_known(self) -> None:
        subject = a_state_change("Endpoint", EndpointName="ep", EndpointStatus="IN_SERVICE").subject
        job = a_state_change("Training Job", TrainingJobName="t").subject

        assert (subject.tags, subject.instance_types) == (None, None)
        assert (job.tags, job.instance_types, job.volumes_gb) == (None, None, None)

    @pytest.mark.parametrize("status", ["Deleting", "Stopped", "COMPLETED", "Failed"])
    def test_what_has_ended_enforces_nothing(self, status: str) -> None:
        call = a_state_change("Training Job", TrainingJobStatus=status)

        assert call.ineffective == f"it is {status}"

    def test_a_tuning_jobs_types_are_found(self) -> None:
        call = a_state_change(
            "HyperParameter Tuning Job",
            TrainingJobDefinition={"ResourceConfig": {"InstanceType": "ml.p5.48xlarge"}},
        )

        assert call.subject.kind == "hyper-parameter-tuning-job"
        assert call.named_types == ("ml.p5.48xlarge",)


class TestWhatIsNoEvent:
    @pytest.mark.parametrize(
        ("event", "problem"),
        [
            ({}, "it is empty"),
            ([], "should be an object"),
            ("x", "should be an object"),
            ({"detail": 7}, "detail: 7 should be an object"),
            ({"a": 1}, "eventName: it is missing"),
            (an_event({}), "detail-type: 'AWS API Call via CloudTrail' should be"),
            (an_event({}, "Scheduled Event"), "'SageMaker ... State Change'"),
            ({"detail": {"a": 1}}, "detail-type: it is missing"),
            (a_record(eventSource="s3.amazonaws.com"), "should be sagemaker.amazonaws.com"),
            (a_record(eventTime="yesterday"), "eventTime: 'yesterday' should be a time"),
            (a_record(eventTime="2026-11-21T02:15:30"), "eventTime"),
            (a_record(awsRegion=None), "awsRegion: it is missing"),
            (an_event(a_record(awsRegion=7)), "detail.awsRegion: 7 should be text"),
            (a_record(request="x" * 99), "requestParameters: 'xxx"),
            (a_record(recipientAccountId=None, userIdentity={}), "userIdentity.accountId"),
        ],
    )
    def test_it_is_refused_at_its_place(self, event: object, problem: str) -> None:
        with pytest.raises(EventError) as refused:
            read(event)

        assert problem in str(refused.value)
        assert len(str(refused.value)) < 200

    @given(
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.text(max_size=5),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(
                    st.sampled_from([*a_record(), "detail", "type"]), inner, max_size=9
                )
            ),
        )
    )
    def test_any_json_is_read_or_refused(self, event: object) -> None:
        whole = {**a_record(), **event} if isinstance(event, dict) else event

        with suppress(EventError):
            assert read(whole).operation
