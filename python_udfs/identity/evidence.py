"""The evidence of pairs, comparison by comparison, so that groups of records can be judged by all that is known of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from python_udfs.identity.patterns import BITS_PER_COMPARISON, SAME_SOURCE_BIT

FloatArray = npt.NDArray[np.float32]
IntArray = npt.NDArray[np.int64]


# Stands for "nothing to compare" where the best of several values counts.
UNKNOWN = np.float32(-1e9)


@dataclass
class Evidence:
    """Evidence of n pairs (bits) in one array, shape (rows, n), laid out to be combined over many pairs.

    For a comparison of which a person has one value (name, birth date, ...) the mean over the pairs counts: three summed rows each,
    log2 m/u, log2 m/h and how many pairs had something to compare. For one of which a person has several (e-mail, phone) the best
    agreement counts: two rows each, log2 m/u and log2 m/h, of which the maximum is taken. Value frequencies are included. The
    prior is one more mean.
    """

    values: FloatArray
    summed: int
    """The first rows, which are added up: three blocks of equal height."""

    def weigh(self, combined: FloatArray) -> npt.NDArray[np.float64]:
        """The match weight (bits) of k groups of pairs from their combined evidence, shape (rows, k).

        A missing value is no evidence for or against. The total against strangers and that against household members give two log
        odds, of which the odds against both are taken.
        """
        height = self.summed // 3
        known = np.maximum(combined[2 * height : self.summed], 1.0)
        best = np.where(combined[self.summed :] > UNKNOWN / 2, combined[self.summed :], 0.0)
        half = len(best) // 2
        against = []
        for mean, most in ((combined[:height], best[:half]), (combined[height : 2 * height], best[half:])):
            against.append((mean / known).sum(axis=0, dtype=np.float64) + most.sum(axis=0, dtype=np.float64))
        return np.asarray(-np.logaddexp2(-against[0], -against[1]))


def pair_evidence(pairs: dict[str, npt.NDArray[np.generic]], weights: pd.DataFrame, levels: pd.DataFrame) -> Evidence:
    """Evidence of compared pairs.

    Args:
        pairs: arrays pattern and, where frequencies were adjusted, <name>_frequency_bits; given_name and family_name belong to the
            comparison 'name'.
        weights: the table of identity_match_weights.
        levels: the table of identity_comparison_levels.

    Returns:
        The evidence, in the order of the pairs.
    """
    names = levels.drop_duplicates("comparison_number").sort_values("comparison_number")
    several = np.append(names["has_several_values"].to_numpy(dtype=bool), False)
    comparisons = len(names)
    probability = weights[weights["comparison_number"] >= 0]
    against = {kind: np.zeros((comparisons, 32), dtype=np.float32) for kind in ("u", "h")}
    for kind, table in against.items():
        table[probability["comparison_number"], probability["level"]] = np.log2(probability["m"]) - np.log2(
            probability[kind]
        )
    prior = weights[weights["comparison_number"] < 0].set_index("label")["m"].astype(float)
    pattern = np.asarray(pairs["pattern"], dtype=np.int64)
    single = np.flatnonzero(~several)
    multiple = np.flatnonzero(several)
    summed = 3 * len(single)
    values = np.empty((summed + 2 * len(multiple), len(pattern)), dtype=np.float32)
    for number, (name, person) in enumerate(zip(names["comparison"], names["is_person"], strict=True)):
        level = (pattern >> (BITS_PER_COMPARISON * number)) & (2**BITS_PER_COMPARISON - 1)
        stranger = against["u"][number][level]
        household = against["h"][number][level]
        if name == "name":
            given, family = (
                np.asarray(pairs[f"{part}_name_frequency_bits"], dtype=np.float32) for part in ("given", "family")
            )
            stranger += given + family
            household += given
        elif f"{name}_frequency_bits" in pairs:
            adjustment = np.asarray(pairs[f"{name}_frequency_bits"], dtype=np.float32)
            stranger += adjustment
            if person:
                household += adjustment
        if several[number]:
            place = summed + int(np.searchsorted(multiple, number))
            values[place] = np.where(level > 0, stranger, UNKNOWN)
            values[place + len(multiple)] = np.where(level > 0, household, UNKNOWN)
        else:
            place = int(np.searchsorted(single, number))
            values[place], values[place + len(single)], values[place + 2 * len(single)] = stranger, household, level > 0
    same = ((pattern >> SAME_SOURCE_BIT) & 1).astype(bool)
    match = np.where(same, np.log2(prior["match in one source"]), np.log2(prior["match between sources"]))
    values[len(single) - 1] = match
    values[2 * len(single) - 1] = match - np.log2(prior["household"])
    values[summed - 1] = 1.0
    return Evidence(values, summed)
