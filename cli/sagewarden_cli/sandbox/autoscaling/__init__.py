"""Application Auto Scaling of SageMaker: targets, policies, scheduled actions, and time.

Everything is reached through plain boto3 (``application-autoscaling``), with
``ServiceNamespace="sagemaker"``; other namespaces are moto's. Dimensions and resources:

- ``sagemaker:variant:DesiredInstanceCount`` of ``endpoint/E/variant/V`` on instances
- ``sagemaker:variant:DesiredProvisionedConcurrency`` of ``endpoint/E/variant/V``, serverless; its
  ``ServerlessConfig`` must have a ``ProvisionedConcurrency`` already (AWS's prerequisite)
- ``sagemaker:inference-component:DesiredCopyCount`` of ``inference-component/C``

Operations: Register-, Deregister-, DescribeScalableTarget(s); Put-, DeleteScalingPolicy,
DescribeScalingPolicies; Put-, DeleteScheduledAction, DescribeScheduledActions;
DescribeScalingActivities; TagResource, UntagResource, ListTagsForResource.

What happens over time, in the sandbox's:

- Registering, updating, and a scheduled action that fires clamp the current capacity into the
  bounds at once: the endpoint is ``Updating``, later ``InService``. While it is not at rest the
  clamp fails: the bounds are set, and the scaling activity is ``Failed``. So does one that
  SageMaker refuses, such as a provisioned concurrency of 0, or above MaxConcurrency.
- A target tracking policy acts on what is in the metric store, minute by minute: 3 of 3 minutes
  above the target scale out, 15 of 15 below 90 % of it scale in. No data, no scaling.
- A step scaling policy acts on the alarms that somebody put on it (PutMetricAlarm, with the
  policy's ARN as an action), each minute that they are in ALARM; a describe names them. So does
  the policy that wakes an asynchronous endpoint (HasBacklogWithoutCapacity) or an inference
  component (NoCapacityInvocationFailures) that has nothing; a test publishes their metrics.
- A scalable target goes, with all that belongs to it, when its endpoint or component is deleted.
- A describe call with a ScalableDimension needs its ResourceId(s), as AWS documents; MaxResults
  is 1 to 50.
- Unknown target: ``ObjectNotFoundException``. Unknown endpoint, variant or component, a dimension
  that does not fit, Min above Max: ``ValidationException``.

``service-quotas`` stands beside it (``sandbox/service_quotas.py``), for ServiceCode ``sagemaker``:
GetServiceQuota, ListServiceQuotas, GetAWSDefaultServiceQuota, ListAWSDefaultServiceQuotas; find
quotas by their QuotaName. ``sandbox.quotas.set(name, value, account=None, region=...)``.
"""
