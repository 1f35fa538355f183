"""The backends in service: what the sandbox emulates itself instead of leaving it to moto.

A new area is one module with one ``Backend`` subclass, and one entry here.
"""

from sagewarden_cli.sandbox.autoscaling.activities import ScalingActivities
from sagewarden_cli.sandbox.autoscaling.policies import ScalingPolicies
from sagewarden_cli.sandbox.autoscaling.scheduled_actions import ScheduledActions
from sagewarden_cli.sandbox.autoscaling.targets import ScalableTargets
from sagewarden_cli.sandbox.backend import Backend
from sagewarden_cli.sandbox.bedrock.provisioned_models import ProvisionedModels
from sagewarden_cli.sandbox.billing.compute_optimizer import ComputeOptimizer
from sagewarden_cli.sandbox.billing.cost_explorer import CostExplorer
from sagewarden_cli.sandbox.billing.optimization_hub import OptimizationHub
from sagewarden_cli.sandbox.billing.savings_plans import SavingsPlans
from sagewarden_cli.sandbox.cloudwatch.listing import MetricListing
from sagewarden_cli.sandbox.cloudwatch.metric_data import MetricData
from sagewarden_cli.sandbox.cloudwatch.publishing import MetricPublishing
from sagewarden_cli.sandbox.cloudwatch.statistics import MetricStatistics
from sagewarden_cli.sandbox.deployed.stacks import DeployedFunctions, DeployedStacks
from sagewarden_cli.sandbox.eks.clusters import Clusters
from sagewarden_cli.sandbox.eks.node_groups import NodeGroups
from sagewarden_cli.sandbox.eks.scaling_groups import ScalingGroups
from sagewarden_cli.sandbox.organization.account_regions import AccountRegions
from sagewarden_cli.sandbox.organization.entry import Entry
from sagewarden_cli.sandbox.organization.organizations import Organizations
from sagewarden_cli.sandbox.pricing import PriceListQueries
from sagewarden_cli.sandbox.sagemaker.apps import Apps
from sagewarden_cli.sandbox.sagemaker.auto_ml_jobs import AutoMLJobs
from sagewarden_cli.sandbox.sagemaker.clusters import HyperPodClusters
from sagewarden_cli.sandbox.sagemaker.domains import Domains
from sagewarden_cli.sandbox.sagemaker.endpoint_configs import EndpointConfigs
from sagewarden_cli.sandbox.sagemaker.endpoints import Endpoints
from sagewarden_cli.sandbox.sagemaker.file_systems import FileSystems
from sagewarden_cli.sandbox.sagemaker.inference_components import InferenceComponents
from sagewarden_cli.sandbox.sagemaker.models import Models
from sagewarden_cli.sandbox.sagemaker.monitoring_schedules import MonitoringSchedules
from sagewarden_cli.sandbox.sagemaker.notebook_instances import NotebookInstances
from sagewarden_cli.sandbox.sagemaker.notebook_lifecycle_configs import NotebookLifecycleConfigs
from sagewarden_cli.sandbox.sagemaker.processing_jobs import ProcessingJobs
from sagewarden_cli.sandbox.sagemaker.recommendations_jobs import RecommendationsJobs
from sagewarden_cli.sandbox.sagemaker.search import Search
from sagewarden_cli.sandbox.sagemaker.spaces import Spaces
from sagewarden_cli.sandbox.sagemaker.studio_lifecycle_configs import StudioLifecycleConfigs
from sagewarden_cli.sandbox.sagemaker.tags import Tags
from sagewarden_cli.sandbox.sagemaker.tracking_servers import TrackingServers
from sagewarden_cli.sandbox.sagemaker.training_jobs import TrainingJobs
from sagewarden_cli.sandbox.sagemaker.transform_jobs import TransformJobs
from sagewarden_cli.sandbox.sagemaker.tuning_jobs import TuningJobs
from sagewarden_cli.sandbox.sagemaker.user_profiles import UserProfiles
from sagewarden_cli.sandbox.service_quotas import ServiceQuotas
from sagewarden_cli.sandbox.tagging import ResourceTagging

BACKENDS: tuple[type[Backend], ...] = (
    NotebookInstances,
    Models,
    EndpointConfigs,
    Endpoints,
    InferenceComponents,
    TrainingJobs,
    ProcessingJobs,
    TransformJobs,
    TuningJobs,
    AutoMLJobs,
    TrackingServers,
    MonitoringSchedules,
    RecommendationsJobs,
    HyperPodClusters,
    Domains,
    UserProfiles,
    Spaces,
    Apps,
    StudioLifecycleConfigs,
    NotebookLifecycleConfigs,
    Tags,
    Search,
    ResourceTagging,
    MetricPublishing,
    MetricData,
    MetricStatistics,
    MetricListing,
    ScalableTargets,
    ScalingPolicies,
    ScheduledActions,
    ScalingActivities,
    ServiceQuotas,
    CostExplorer,
    SavingsPlans,
    ComputeOptimizer,
    OptimizationHub,
    PriceListQueries,
    Clusters,
    NodeGroups,
    ScalingGroups,
    ProvisionedModels,
    FileSystems,
    DeployedStacks,
    DeployedFunctions,
    Organizations,
    AccountRegions,
    Entry,
)
