"""How good a clustering is against the truth, from counts of records per (cluster, entity), never from pairs."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np
import numpy.typing as npt
import recordlinkage as rl

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True)
class ClusterMeasures:
    """Pairwise and B-cubed precision, recall and F1 of clusters, each between 0 and 1."""

    precision: float
    recall: float
    f1: float
    b_cubed_precision: float
    b_cubed_recall: float
    b_cubed_f1: float

    def as_dict(self) -> dict[str, float]:
        """The measures by name, rounded to six decimals."""
        return {name: round(value, 6) for name, value in asdict(self).items()}


def _pairs(sizes: FloatArray) -> float:
    return float((sizes * (sizes - 1.0) / 2.0).sum())


def measure_clusters(cluster: IntArray, entity: IntArray, records: FloatArray) -> ClusterMeasures:
    """Measure a clustering.

    Pairwise: a pair of records in one cluster is a predicted link, a pair of one entity a true link (recordlinkage's measures on the
    confusion matrix). B-cubed (Bagga and Baldwin 1998): per record, the share of its cluster that is of its entity and the share of
    its entity that is in its cluster, averaged over the records.

    Args:
        cluster: cluster of each cell of the contingency table, shape (n,), numbered from 0.
        entity: entity of each cell, shape (n,), numbered from 0.
        records: records in each cell, shape (n,).

    Returns:
        The measures; without any true or predicted link, precision and recall are 1.
    """
    cluster_size = np.bincount(cluster, records).astype(np.float64)
    entity_size = np.bincount(entity, records).astype(np.float64)
    total = float(records.sum())
    true_positive = _pairs(records)
    false_positive = _pairs(cluster_size) - true_positive
    false_negative = _pairs(entity_size) - true_positive
    true_negative = total * (total - 1.0) / 2.0 - true_positive - false_positive - false_negative
    confusion = np.array([[true_positive, false_negative], [false_positive, true_negative]])
    precision = rl.precision(confusion) if true_positive + false_positive > 0 else 1.0
    recall = rl.recall(confusion) if true_positive + false_negative > 0 else 1.0
    b_precision = float((records * records / cluster_size[cluster]).sum() / total) if total else 1.0
    b_recall = float((records * records / entity_size[entity]).sum() / total) if total else 1.0
    return ClusterMeasures(
        precision=float(precision),
        recall=float(recall),
        f1=_harmonic(float(precision), float(recall)),
        b_cubed_precision=b_precision,
        b_cubed_recall=b_recall,
        b_cubed_f1=_harmonic(b_precision, b_recall),
    )


def _harmonic(precision: float, recall: float) -> float:
    return 2.0 * precision * recall / (precision + recall) if precision + recall > 0 else 0.0
