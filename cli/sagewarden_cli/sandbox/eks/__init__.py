"""Amazon EKS: clusters, managed node groups, and the Auto Scaling groups that stand behind them."""
