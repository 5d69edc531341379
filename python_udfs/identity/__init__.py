"""Record linkage: the model of match weights, the clustering and what they need, on arrays and aggregates."""
