"""AWS on one machine: moto's server, with the calls it lacks or distorts added as real backends.

Any boto3 client reaches it through ``AWS_ENDPOINT_URL``; inside one process::

    with Sandbox(now=datetime(2026, 11, 2, 9, tzinfo=UTC)) as sandbox:
        sandbox.endpoint_url  # "http://localhost:40123"; a free port unless one is asked for
        sandbox.environment(region="us-east-1")  # the AWS_* variables for another process
        sandbox.client("sagemaker", region="us-east-1", account=None)  # a boto3 client

        sandbox.clock.now()  # an aware datetime; frozen when ``now`` was given, else real time
        sandbox.clock.advance(timedelta(minutes=5))  # state machines move on, nobody waits
        sandbox.clock.set(datetime(2026, 11, 3, 9, tzinfo=UTC))  # forward only

        sandbox.transition_times.set("endpoint", "Creating", timedelta(0))
        sandbox.transition_times.set_all(timedelta(0))  # every state change is immediate
        sandbox.calls.count("sagemaker", "DescribeEndpoint")  # API calls received so far
        sandbox.calls.counts()  # {"sagemaker.DescribeEndpoint": 3, ...}
        sandbox.calls.clear()

        fleet = sandbox.sagemaker(account=None, region="us-east-1")  # in-process seeding, no HTTP
        fleet.add_notebook_instance("nb", instance_type="ml.g5.xlarge", status="InService",
                                    created_at=None, modified_at=None, tags={"Owner": "mina"})
        fleet.add_model("m", image="...")
        fleet.add_endpoint_config("c", variants=[{"VariantName": "v", "ModelName": "m", ...}])
        fleet.add_endpoint("e", config="c", status="InService", created_at=None, tags={})
        fleet.add_endpoint("e2", instance_type="ml.g5.xlarge")  # makes its config and model too
        fleet.add_inference_component("ic", endpoint="e", variant="AllTraffic", copies=1)
        fleet.force_status("endpoint", "e", "SystemUpdating")  # any status, no transition pending

        sandbox.metrics.load(account, region, "AWS/SageMaker", "Invocations",
                             {"EndpointName": "e", "VariantName": "AllTraffic"},
                             [(moment, 3.0), ...])  # account and region may be None
        sandbox.quotas.set("Maximum number of serverless endpoints", 10,
                           account=None, region="us-east-1")  # by name or code
        sandbox.reset(now=None)  # empties everything, moto's backends too

Over HTTP, for other processes: ``GET/POST /sagewarden/clock``, ``POST /sagewarden/reset``,
``GET/POST /sagewarden/transition-times``, ``POST /sagewarden/status``,
``POST /sagewarden/metrics``, ``GET/DELETE /sagewarden/calls``; see docs/sandbox.md.
``serve(host, port, now)`` blocks, for the command line.

Several may run in one process; what moto answers they share, as its backends are global to it.
"""

from sagewarden_cli.sandbox.sandbox import Sandbox, serve

__all__ = ["Sandbox", "serve"]
