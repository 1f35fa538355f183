"""Amazon CloudWatch metrics, in a store indexed by series; alarms and dashboards stay moto's."""
