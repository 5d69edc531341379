"""The model of match weights: how probable each comparison level is for one person, for two strangers, and inside one household.

Two records are compared by several comparisons; each gives a level (0 = nothing to compare). The model is a mixture of three classes
of record pairs, with the levels independent inside a class (Fellegi and Sunter 1969, with a third class for dependence):

- match: both records are of one person; level probabilities `m`;
- stranger: two people with nothing in common; level probabilities `u`, known from random pairs and from value frequencies, less the
  matches and households among them;
- household: two people who share a contact or a place; what such people share by living together is learned, what identifies a
  person (given name, birth date, gender) is as different as among strangers, but for twins and namesakes, whose shares are learned.

`m` and `h` are estimated by expectation-maximization (Winkler 1988, as recordlinkage's ECM implements it) on counted patterns instead of
pairs, with `u` given. Blocking selects pairs that agree, so a comparison learns only from pairs found by a rule that does not use it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from recordlinkage.algorithms.nb_sklearn import ECM
from scipy.sparse import csr_matrix

from python_udfs.identity import usual
from python_udfs.identity.patterns import SAME_SOURCE_BIT, decode_patterns

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

FAMILY_LEVELS = 5  # a name level is 5 * (given name level) + (family name level); see macros/identity/comparisons.sql
SWAPPED_LEVELS = (30, 31)
# From this level on given names are the same in some spelling; below it, from FAMILY_LEVELS on, they are two names.
SAME_GIVEN_NAME = 3 * FAMILY_LEVELS
# From this family name level on family names are the same in some spelling.
SAME_FAMILY_NAME = 2
OTHER_GIVEN_NAME = 1
# The level of equal values, and those of values that a slip makes of them.
SLIPS: dict[str, tuple[int, tuple[int, ...]]] = {"name": (29, (17, 19, 27)), "birth_date": (6, (5,))}
# Up to these levels birth dates and genders are not the same in some spelling.
OTHER_BIRTH_DATE, OTHER_GENDER = 4, 1

STRANGER, MATCH, HOUSEHOLD = 0, 1, 2
# Random pairs that every level counts for beyond those drawn.
UNDRAWN = 0.3
# At least this share of the agreements that are seen among all pairs is chance.
STRANGER_FLOOR = 0.02
# At most this share of the agreements on a contact point is chance: few mailboxes are given to two strangers.
CONTACT_CEILING = 0.2
CONTACTS = ("email", "phone")
# Strangers with both names alike are at most so many times as frequent as independent names would make them.
NAMES_TOGETHER = 16.0
# A share of pairs has settled when a step moves it by less than this part of it.
SETTLED = 1e-3


@dataclass(frozen=True)
class Comparison:
    """One comparison: its name, its highest level, and whether it is evidence about the person even inside a household."""

    name: str
    levels: int
    is_person: bool


@dataclass(frozen=True)
class Rule:
    """One blocking rule: its bit in the rule mask, the comparisons it uses, and whether its pairs may train the model."""

    number: int
    comparisons: frozenset[str]
    trains: bool


@dataclass
class Weights:
    """Estimated probabilities: three lists of arrays, one array per comparison, indexed by level (entry 0 is unused and 1)."""

    m: list[FloatArray]
    u: list[FloatArray]
    h: list[FloatArray]
    prior_match_same_source: float
    prior_match_other_source: float
    prior_household: float
    matches_per_record: float


class PatternECM(ECM):  # type: ignore[misc]  # recordlinkage ships no types
    """recordlinkage's ECM kernel for counted multi-level patterns, with classes whose level probabilities are held.

    The expectation step (`predict_proba`) is the inherited one. What differs: rows come with counts, a comparison has any number of
    levels, level 0 carries no information, and only the classes that are not held are re-estimated.
    """

    def __init__(self, levels: list[int], max_iter: int = 300, atol: float = 1e-6) -> None:
        super().__init__(max_iter=max_iter, atol=atol, binarize=None)
        self.levels = levels
        self.offsets = np.concatenate([[0], np.cumsum(levels)]).astype(np.int64)

    def _transform_data(self, X: IntArray) -> csr_matrix:
        """One-hot encode levels, shape (n, comparisons), leaving level 0 out: shape (n, sum of levels)."""
        row, column = np.nonzero(X)
        feature = self.offsets[column] + X[row, column] - 1
        return csr_matrix((np.ones(len(row)), (row, feature)), shape=(len(X), int(self.offsets[-1])))

    def split(self, flat: FloatArray) -> list[FloatArray]:
        """Cut a flat feature vector into one array per comparison, with an unused entry for level 0."""
        return [np.concatenate([[1.0], flat[a:b]]) for a, b in zip(self.offsets[:-1], self.offsets[1:], strict=True)]

    def join(self, parts: list[FloatArray]) -> FloatArray:
        """The inverse of `split`."""
        return np.concatenate([part[1:] for part in parts])

    def normalize(self, counts: FloatArray, prior: FloatArray | None = None, mass: float = 0.0) -> FloatArray:
        """Turn expected counts per feature into probabilities per comparison, to which `prior` adds as much as `mass` observations."""
        probabilities = np.empty_like(counts)
        for a, b in zip(self.offsets[:-1], self.offsets[1:], strict=True):
            observed = counts[a:b] if prior is None else counts[a:b] + mass * prior[a:b]
            probabilities[a:b] = observed / max(float(observed.sum()), 1e-300)
        return probabilities

    def fit_counts(
        self,
        X: IntArray,
        counts: FloatArray,
        kinds: IntArray,
        totals: FloatArray,
        teaches: tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]],
        probabilities: FloatArray,
        usual_match: FloatArray,
        constrain: Callable[[FloatArray, FloatArray], FloatArray],
        certain: npt.NDArray[np.bool_] | None = None,
        correct: Callable[[FloatArray, FloatArray], FloatArray] = lambda seen, _: seen,
        by_chance: Callable[[FloatArray], FloatArray] = lambda strangers: strangers,
        two_people: npt.NDArray[np.bool_] | None = None,
        most: FloatArray | None = None,
        order: Callable[[FloatArray], FloatArray] = lambda matches: matches,
    ) -> PatternECM:
        """Estimate the match and the household class, given how all pairs compare.

        The shares of the classes are shares of *all* pairs, seen or not: strangers are so many that their number is known without
        looking, and what agrees more often than they explain must be matches or households. A comparison learns only from pairs that
        some rule found without using it. How all pairs compare is known too, and strangers are what remains of it without the
        matches and households: for an e-mail address nearly every agreement is a match, and counting it as chance would spoil it.

        Args:
            X: levels, shape (n, comparisons).
            counts: pairs per row, shape (n,).
            kinds: 1 for pairs within one source, 0 for pairs between sources, shape (n,).
            totals: all pairs of each kind, shape (2,).
            teaches: which comparisons a row may teach the match and the household class, two of shape (n, comparisons).
            probabilities: how all pairs compare, and start values of m and h, shape (3, sum of levels).
            usual_match: usual level probabilities of matches, shape (sum of levels,); they count for usual.MATCHES pairs.
            constrain: maps the expected feature counts of the household class, and u, to its probabilities.
            certain: rows that tell members of a household apart by more than their names, shape (n,).
            correct: maps the expected feature counts of the match class, in all rows and in the certain ones, to those it learns from.
            by_chance: maps what remains for strangers to what chance makes it at least.
            two_people: rows that are no matches, whatever else agrees, shape (n,).
            most: how much of what all pairs show may be chance at most, per feature, shape (sum of levels,); may be infinite.
            order: maps the probabilities of the match class to those in which no slip is more frequent than none.

        Returns:
            self; `share_` (kinds, classes) and `probabilities_` hold the estimates, `expected_` the expected pairs per class.
        """
        self.classes_ = np.arange(3)
        encoded = self._transform_data(X)
        visible = [self._transform_data(np.where(teach, X, 0)) for teach in teaches]
        usual_share = np.array([0.0, usual.SHARE_MATCHES, usual.SHARE_HOUSEHOLDS])
        share = np.array([[1.0 - 2e-6, 1e-6, 1e-6]] * 2)
        probs = probabilities.copy()
        lowest = STRANGER_FLOOR * probabilities[STRANGER]
        highest = np.inf if most is None else most * probabilities[STRANGER]
        for _ in range(self.max_iter):
            self.feature_log_prob_ = np.log(np.maximum(probs, 1e-300))
            joint = encoded @ self.feature_log_prob_.T + np.log(np.maximum(share, 1e-300))[kinds]
            if two_people is not None:
                joint[two_people, MATCH] = -np.inf
            joint -= joint.max(axis=1, keepdims=True)
            posterior = np.exp(joint)
            posterior *= (counts / posterior.sum(axis=1))[:, None]
            expected = np.stack([posterior[kinds == kind].sum(axis=0) for kind in (0, 1)])
            new_share = np.minimum((expected + usual_share) / (totals + usual.SHARE_PAIRS)[:, None], 0.49)
            new_share[:, STRANGER] = 1.0 - new_share[:, 1:].sum(axis=1)
            new_probs = probs.copy()
            seen = visible[0].T @ posterior[:, MATCH]
            if certain is not None:
                seen = correct(seen, visible[0][certain].T @ posterior[certain, MATCH])
            new_probs[MATCH] = order(self.normalize(seen, usual_match, usual.MATCHES))
            new_probs[HOUSEHOLD] = constrain(visible[1].T @ posterior[:, HOUSEHOLD], probs[STRANGER])
            overall = (new_share * totals[:, None]).sum(axis=0) / max(float(totals.sum()), 1.0)
            rest = (
                probabilities[STRANGER] - overall[MATCH] * new_probs[MATCH] - overall[HOUSEHOLD] * new_probs[HOUSEHOLD]
            )
            new_probs[STRANGER] = self.normalize(by_chance(np.clip(rest, lowest, highest)))
            change = float(np.abs(new_probs - probs).max())
            # Shares of all pairs are tiny, and may still multiply when everything else has settled.
            growth = float(np.abs(new_share / share - 1.0).max())
            share, probs = new_share, new_probs
            if change < self.atol and growth < SETTLED:
                break
        self.share_, self.probabilities_, self.expected_ = share, probs, expected
        return self


def usual_probabilities(comparisons: list[Comparison], kind: str) -> FloatArray:
    """The usual probabilities of all comparisons, shape (sum of levels,); see python_udfs/identity/usual.py."""
    return np.concatenate([usual.usual_levels(c.name, c.levels, kind) for c in comparisons])


def stranger_probabilities(
    comparisons: list[Comparison],
    random_levels: IntArray,
    random_counts: FloatArray,
    exact_rates: dict[str, dict[int, float]],
    total_pairs: float,
    kernel: PatternECM,
) -> FloatArray:
    """How any two records compare: sampled from random pairs, and for exact agreement counted from value frequencies.

    Args:
        comparisons: the comparisons, in pattern order.
        random_levels: levels of random pairs, shape (n, comparisons).
        random_counts: how many random pairs have them, shape (n,).
        exact_rates: per comparison name, the counted chance of an exact agreement by level.
        total_pairs: all pairs there are; drawing more of them than that teaches nothing.
        kernel: the encoding of levels.

    Returns:
        Probabilities, shape (sum of levels,), each comparison summing to 1.
    """
    prior = usual_probabilities(comparisons, "u")
    counts = np.asarray(kernel._transform_data(random_levels).T @ random_counts).ravel()
    drawn = float(random_counts.sum())
    counts = counts * min(1.0, total_pairs / drawn) if drawn else counts
    # What was never drawn is not impossible: a part of a pair for every level.
    parts = kernel.split(kernel.normalize(counts + UNDRAWN, prior, usual.PAIRS))
    for part, comparison, usually in zip(parts, comparisons, kernel.split(prior), strict=True):
        known = exact_rates.get(comparison.name, {})
        counted = {
            level: (rate * total_pairs + usually[level] * usual.PAIRS) / (total_pairs + usual.PAIRS)
            for level, rate in known.items()
        }
        rest = [level for level in range(1, comparison.levels + 1) if level not in known]
        part[rest] *= (1.0 - min(sum(counted.values()), 0.999)) / part[rest].sum()
        for level, rate in counted.items():
            part[level] = rate
    return kernel.join(parts)


def start_match_probabilities(comparisons: list[Comparison], kernel: PatternECM) -> FloatArray:
    """Where the search for `m` begins: nearly no disagreement at all.

    From there the class of matches opens up as far as the data asks for. Begun with as much disagreement as is usual, it would take in
    namesakes and never let them go.

    Returns:
        Probabilities, shape (sum of levels,): each level e times as likely as the one before it, four steps in all.
    """
    parts = []
    for comparison in comparisons:
        if comparison.name == "name":
            levels = np.arange(1, comparison.levels + 1)
            score = np.where(levels >= SWAPPED_LEVELS[0], 6.0, levels // FAMILY_LEVELS + levels % FAMILY_LEVELS)
            part = np.exp(score * 0.6)
        else:
            part = np.exp(np.linspace(0.0, 4.0, comparison.levels))
        parts.append(np.concatenate([[1.0], part / part.sum()]))
    return kernel.join(parts)


def household_start(comparisons: list[Comparison], u: FloatArray, m: FloatArray, kernel: PatternECM) -> FloatArray:
    """A start for `h`: what identifies a person as among strangers, everything else half way to a match."""
    parts = []
    for comparison, u_part, m_part in zip(comparisons, kernel.split(u), kernel.split(m), strict=True):
        if comparison.name == "name":
            parts.append(household_names(u_part, m_part, share_of_family=0.5))
        elif comparison.is_person:
            parts.append(household_person(comparison, u_part))
        else:
            parts.append(np.concatenate([[1.0], 0.5 * u_part[1:] + 0.5 * m_part[1:]]))
    return kernel.join(parts)


def household_person(comparison: Comparison, u_part: FloatArray, twins: float = usual.TWINS) -> FloatArray:
    """What identifies a person, between two members of a household: as among strangers, but for the birth date of twins."""
    held = usual.usual_in_household(comparison.name, comparison.levels)
    if held is not None:
        return np.concatenate([[1.0], held])
    if comparison.name != "birth_date":
        return u_part
    part = (1.0 - twins) * u_part
    part[-1] += twins
    part[0] = 1.0
    return part


def twin_share(birth_dates: FloatArray, by_chance: float) -> float:
    """How many pairs of a household have one birth date, and not by chance, of those whose given names are two; at least usual.TWINS.

    Where there are twins, or a form gave the date of one person to the whole family, a class has to account for them: if not the
    household, then that of matches, which would learn that one person goes by two given names.

    Args:
        birth_dates: expected pairs of the household class per level of the birth date, the highest being equal, shape (levels + 1,).
        by_chance: share of strangers with one birth date, which is high where a default stands for unknown ones.

    Returns:
        A share below 1.
    """
    seen = float(birth_dates[1:].sum())
    equal = (float(birth_dates[-1]) + usual.TWINS * usual.MATCHES) / (seen + usual.MATCHES)
    return max((equal - by_chance) / (1.0 - by_chance), usual.TWINS)


def namesake_share(names: FloatArray, u_part: FloatArray) -> float:
    """How many pairs of a household have one given name, and not by chance: fathers and sons; at most usual.MOST_NAMESAKES.

    Without them, all that names, place and number of a father and his son say is that they are one person, and how often a person has
    two birth dates would be learned from them.

    Args:
        names: expected pairs of the household class per level of the name, shape (levels + 1,).
        u_part: probabilities of the levels among strangers, shape (levels + 1,).

    Returns:
        A share; without pairs to learn from the usual one.
    """

    def given_names(part: FloatArray) -> FloatArray:
        return np.asarray(part[: SWAPPED_LEVELS[0]].reshape(-1, FAMILY_LEVELS)[1:, 1:].sum(axis=1))

    seen, strangers = given_names(names), given_names(u_part)
    by_chance = float(strangers[-1] / strangers.sum())
    usually = by_chance + usual.NAMESAKES * (1.0 - by_chance)
    equal = float(seen[-1] + usually * usual.MATCHES) / float(seen.sum() + usual.MATCHES)
    return min(max((equal - by_chance) / (1.0 - by_chance), 0.0), usual.MOST_NAMESAKES)


def family_marginal(name_part: FloatArray) -> FloatArray:
    """Distribution of the family name level (0..4) in a name distribution, swapped names left out."""
    plain = name_part[: SWAPPED_LEVELS[0]].copy()
    plain[0] = 0.0
    marginal = plain.reshape(-1, FAMILY_LEVELS).sum(axis=0)
    return np.asarray(marginal / marginal.sum())


def household_names(
    u_part: FloatArray, family_source: FloatArray, share_of_family: float = 1.0, namesakes: float = usual.NAMESAKES
) -> FloatArray:
    """Name levels inside a household: family names as in `family_source`, given names as among strangers, but for namesakes.

    Some households have members of two surnames, whatever the source says (usual.OTHER_SURNAMES).
    """
    family = share_of_family * family_marginal(family_source) + (1.0 - share_of_family) * family_marginal(u_part)
    # Those with two surnames who share an e-mail address are first taken for one person, so that too few of them would be seen.
    least = usual.OTHER_SURNAMES * family[1:].sum()
    if family[1] < least < family[1:].sum():
        family[2:] *= (family[1:].sum() - least) / family[2:].sum()
        family[1] = least
    given = u_part[: SWAPPED_LEVELS[0]].copy()
    given[0] = 0.0
    given_marginal = given.reshape(-1, FAMILY_LEVELS)
    observed = given_marginal[:, 1:].sum(axis=1)
    shares = (1.0 - namesakes) * observed / observed.sum()
    shares[-1] += namesakes
    table = shares[:, None] * family[None, :]
    part = np.concatenate([table.ravel(), np.full(2, 1e-6)])
    part[0] = 0.0
    part /= part.sum()
    part[0] = 1.0
    return part


def estimate_weights(
    comparisons: list[Comparison],
    rules: list[Rule],
    patterns: IntArray,
    pattern_rules: IntArray,
    counts: FloatArray,
    random_patterns: IntArray,
    random_counts: FloatArray,
    exact_rates: dict[str, dict[int, float]],
    pairs_same_source: float,
    pairs_other_source: float,
    record_count: int,
) -> Weights:
    """Estimate the model from counted patterns.

    Args:
        comparisons: the comparisons, in pattern order.
        rules: the blocking rules in use.
        patterns: packed levels of the compared pairs, shape (n,).
        pattern_rules: bit mask of the rules that found them, shape (n,).
        counts: pairs per (pattern, mask), shape (n,).
        random_patterns: packed levels of random pairs, shape (k,).
        random_counts: pairs per random pattern, shape (k,).
        exact_rates: counted chance of exact agreement, by comparison name and level.
        pairs_same_source: all pairs of two records of one source, compared or not.
        pairs_other_source: all pairs of records of two sources.
        record_count: records in all.

    Returns:
        The estimated weights. With little to learn from they are near the usual ones, with no compared pairs at all they are those.
    """
    kernel = PatternECM([c.levels for c in comparisons])
    u = stranger_probabilities(
        comparisons,
        decode_patterns(random_patterns, len(comparisons)),
        random_counts,
        exact_rates,
        pairs_same_source + pairs_other_source,
        kernel,
    )
    m = usual_probabilities(comparisons, "m")
    start = start_match_probabilities(comparisons, kernel)
    h_start = h = household_start(comparisons, u, m, kernel)
    share = np.tile([1.0, usual.SHARE_MATCHES / usual.SHARE_PAIRS, usual.SHARE_HOUSEHOLDS / usual.SHARE_PAIRS], (2, 1))
    if len(patterns):

        def household(level_counts: FloatArray, strangers: FloatArray) -> FloatArray:
            u_parts = kernel.split(strangers)
            seen = kernel.split(level_counts)
            parts = kernel.split(kernel.normalize(level_counts, h_start, usual.MATCHES))
            for number, comparison in enumerate(comparisons):
                if comparison.name == "name":
                    namesakes = namesake_share(seen[number], u_parts[number])
                    parts[number] = household_names(u_parts[number], parts[number], namesakes=namesakes)
                elif comparison.is_person:
                    twins = twin_share(seen[number], float(u_parts[number][-1]))
                    parts[number] = household_person(comparison, u_parts[number], twins)
            return kernel.join(parts)

        levels = decode_patterns(patterns, len(comparisons))
        certain = np.zeros(len(patterns), dtype=bool)
        for number, comparison in enumerate(comparisons):
            if comparison.name == "birth_date":
                certain |= levels[:, number] > 0
        # Where records say nothing but a name, nothing tells namesakes from one person.
        others = [number for number, comparison in enumerate(comparisons) if comparison.name != "name"]
        names_together = NAMES_TOGETHER if (levels[:, others] > 0).any() else np.inf
        kernel.fit_counts(
            X=levels,
            counts=counts,
            kinds=(patterns >> SAME_SOURCE_BIT) & 1,
            totals=np.array([pairs_other_source, pairs_same_source]),
            teaches=(
                person_lessons(comparisons, rules, pattern_rules, levels, counts),
                household_lessons(comparisons, rules, pattern_rules, levels),
            ),
            probabilities=np.stack([u, start, household_start(comparisons, u, start, kernel)]),
            usual_match=m,
            constrain=household,
            certain=certain,
            correct=lambda seen, sure: fewer_other_names(comparisons, kernel, seen, sure),
            by_chance=lambda strangers: independent_names(comparisons, kernel, strangers, names_together),
            two_people=other_people(comparisons, levels),
            most=most_chance(comparisons, kernel),
            order=lambda matches: more_often_right(comparisons, kernel, matches),
        )
        u, m, h = kernel.probabilities_
        share = kernel.share_
    pairs = np.array([pairs_other_source, pairs_same_source])
    return Weights(
        m=kernel.split(m),
        u=kernel.split(u),
        h=kernel.split(h),
        prior_match_same_source=float(max(share[1, MATCH], 1e-12)),
        prior_match_other_source=float(max(share[0, MATCH], 1e-12)),
        prior_household=float(max((share[:, HOUSEHOLD] * pairs).sum() / max(pairs.sum(), 1.0), 1e-12)),
        matches_per_record=float((share[:, MATCH] * pairs).sum() * 2.0 / max(record_count, 1)),
    )


def more_often_right(comparisons: list[Comparison], kernel: PatternECM, matches: FloatArray) -> FloatArray:
    """Matches whose names and birth dates are equal at least as often as they are alike but for a slip.

    A comparison learns from pairs that agree in something else. Errors may keep apart: of doubles that were found because something in
    them is wrong, and once only, those with one birth date never have equal names. Equal values would then seem to be rare among
    matches, and speak against a match. Of probabilities in that order the most probable are the means of those that break it
    (isotonic regression).

    Args:
        comparisons: the comparisons.
        kernel: the encoding of levels.
        matches: probabilities of the levels among matches, shape (sum of levels,).

    Returns:
        The probabilities, in order.
    """
    parts = kernel.split(matches)
    for comparison, part in zip(comparisons, parts, strict=True):
        equal, alike = SLIPS.get(comparison.name, (0, ()))
        pool = [equal]
        for level in sorted(alike, key=lambda level: -part[level]):
            if part[level] <= part[pool].mean():
                break
            pool.append(level)
        part[pool] = part[pool].mean()
    return kernel.join(parts)


def fewer_other_names(
    comparisons: list[Comparison], kernel: PatternECM, seen: FloatArray, sure: FloatArray
) -> FloatArray:
    """Take out of the matches those members of a household that only their given names tell apart.

    Two records of one mailbox with two given names may be one person who goes by both, or a couple. Where birth dates are known, they
    tell which. How often one person has two given names is learned from those pairs, if they say less than all pairs together.

    Args:
        comparisons: the comparisons.
        kernel: the encoding of levels.
        seen: expected feature counts of the matches, shape (sum of levels,).
        sure: the same, of the matches whose birth dates are known.

    Returns:
        The counts `seen`, with no more different given names than the sure ones allow beside each agreement of the family name.
    """
    counts, sure_counts = kernel.split(seen), kernel.split(sure)
    usually = kernel.split(usual_probabilities(comparisons, "m"))
    for number, comparison in enumerate(comparisons):
        if comparison.name != "name":
            continue
        levels = np.arange(comparison.levels + 1)
        same = levels >= SAME_GIVEN_NAME
        believed = sure_counts[number] + usual.MATCHES * usually[number]
        most = counts[number][same].sum() * believed / believed[same].sum()
        other = (levels >= FAMILY_LEVELS) & ~same & (counts[number] > most)
        counts[number][other] = most[other]
    return kernel.join(counts)


def other_people(comparisons: list[Comparison], levels: IntArray) -> npt.NDArray[np.bool_]:
    """Pairs that tell nothing about one person: another given name, and also another birth date or gender.

    One person may have two given names, or a wrong birth date. Families who share a mailbox have both, and would teach the model that
    both are usual.

    Returns:
        Booleans, shape (n,).
    """
    number = {comparison.name: position for position, comparison in enumerate(comparisons)}
    other = np.zeros(len(levels), dtype=bool)
    if "name" in number:
        given = levels[:, number["name"]] // FAMILY_LEVELS
        for name, highest in (("birth_date", OTHER_BIRTH_DATE), ("gender", OTHER_GENDER)):
            if name in number:
                level = levels[:, number[name]]
                other |= (given == OTHER_GIVEN_NAME) & (level > 0) & (level <= highest)
    return other


def most_chance(comparisons: list[Comparison], kernel: PatternECM) -> FloatArray:
    """How much of what all pairs show may be chance: anything, but of agreements on a contact point the smaller part.

    Records that say nothing but an e-mail address cannot teach whether one address is one person: chance would explain all that agree.

    Returns:
        Shares, shape (sum of levels,); infinite where there is no ceiling.
    """
    parts = [np.full(comparison.levels + 1, np.inf) for comparison in comparisons]
    for part, comparison in zip(parts, comparisons, strict=True):
        if comparison.name in CONTACTS:
            part[-1] = CONTACT_CEILING
    return kernel.join(parts)


def independent_names(
    comparisons: list[Comparison], kernel: PatternECM, strangers: FloatArray, most: float = NAMES_TOGETHER
) -> FloatArray:
    """Strangers whose names agree, at least as many as if given and family names had nothing to do with each other, and not many more.

    Too few are drawn at random to count them, and what remains of all agreements without the matches says little where nearly all are
    matches. Names of one language or generation go together, so that there are rather more. But where the class of matches has not found
    all of them, because there are few records or little else agrees in them, chance would explain what only one person can.

    Args:
        comparisons: the comparisons.
        kernel: the encoding of levels.
        strangers: probabilities of the levels, shape (sum of levels,).
        most: so many times the independent names at most.

    Returns:
        The probabilities, within these bounds where both names agree.
    """
    parts = kernel.split(strangers)
    for number, comparison in enumerate(comparisons):
        if comparison.name == "name":
            table = parts[number][: SWAPPED_LEVELS[0]].reshape(-1, FAMILY_LEVELS).copy()
            table[0, 0] = 0.0
            chance = np.outer(table.sum(axis=1), table.sum(axis=0)) / table.sum()
            agree = np.s_[SAME_GIVEN_NAME // FAMILY_LEVELS :, SAME_FAMILY_NAME:]
            table[agree] = np.clip(table[agree], chance[agree], most * chance[agree])
            parts[number][1 : SWAPPED_LEVELS[0]] = table.ravel()[1:]
    return kernel.join(parts)


def person_lessons(
    comparisons: list[Comparison], rules: list[Rule], pattern_rules: IntArray, levels: IntArray, counts: FloatArray
) -> npt.NDArray[np.bool_]:
    """Which comparisons a pair may teach the match class: through rules that imply a person, where there are any.

    Where people are known by their names and addresses alone, every rule that implies a person uses the name. What one person's names
    look like is then learned from pairs of one place or number, which the model has to tell from households, rather than not at all:
    with usual values in place of learned ones, more agreement would be expected than there is, and none of it put down to chance.

    Returns:
        Booleans, shape (n, comparisons).
    """
    teaches = teaching_pairs(comparisons, [rule for rule in rules if rule.trains], pattern_rules)
    by_any = teaching_pairs(comparisons, rules, pattern_rules)
    taught = ((teaches & (levels > 0)) * counts[:, None]).sum(axis=0)
    return np.where(taught < usual.MATCHES, by_any, teaches)


def household_lessons(
    comparisons: list[Comparison], rules: list[Rule], pattern_rules: IntArray, levels: IntArray
) -> npt.NDArray[np.bool_]:
    """Which comparisons a pair may teach the household class; birth dates only of two given names, lest one person is taken for twins.

    Returns:
        Booleans, shape (n, comparisons).
    """
    teaches = teaching_pairs(comparisons, rules, pattern_rules)
    number = {comparison.name: position for position, comparison in enumerate(comparisons)}
    if "birth_date" in number and "name" in number:
        given = levels[:, number["name"]] // FAMILY_LEVELS
        teaches[:, number["birth_date"]] &= given == OTHER_GIVEN_NAME
    return teaches


def teaching_pairs(comparisons: list[Comparison], rules: list[Rule], pattern_rules: IntArray) -> npt.NDArray[np.bool_]:
    """Which comparisons a pair may teach: those that at least one of the rules which found it does not use.

    Returns:
        Booleans, shape (n, comparisons).
    """
    teaches = np.zeros((len(pattern_rules), len(comparisons)), dtype=bool)
    for rule in rules:
        found = (pattern_rules >> rule.number) & 1 == 1
        unused = np.array([comparison.name not in rule.comparisons for comparison in comparisons])
        teaches |= found[:, None] & unused[None, :]
    return teaches
