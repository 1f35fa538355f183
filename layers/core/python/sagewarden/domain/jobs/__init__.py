"""Jobs: training, processing, transform, tuning and AutoML jobs, and whether they waste money."""
