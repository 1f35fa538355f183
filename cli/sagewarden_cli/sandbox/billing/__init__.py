"""AWS's billing services: Cost Explorer, Savings Plans, Compute Optimizer, Cost Optimization Hub.

What was used is told, not derived: `BillingDesk` plays the part of AWS's metering. Cost Explorer,
Savings Plans and the hub are global, so an account's bill lies in us-east-1.
"""
