"""The mixture model recovers the probabilities that pattern counts were made from."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from python_udfs.identity import usual
from python_udfs.identity.match_model import (
    FAMILY_LEVELS,
    HOUSEHOLD,
    MATCH,
    STRANGER,
    SWAPPED_LEVELS,
    Comparison,
    PatternECM,
    Rule,
    Weights,
    estimate_weights,
    fewer_other_names,
    household_lessons,
    household_names,
    independent_names,
    more_often_right,
    namesake_share,
    other_people,
    person_lessons,
    stranger_probabilities,
    teaching_pairs,
    twin_share,
)
from python_udfs.identity.patterns import SAME_SOURCE_BIT, decode_patterns

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Truth:
    """Level probabilities by class and comparison, shares of the classes by kind of pair, all pairs of each kind."""

    probabilities: dict[int, list[list[float]]]
    share: FloatArray
    totals: FloatArray

    def levels(self) -> list[int]:
        return [len(part) for part in self.probabilities[STRANGER]]

    def flat(self, kind: int) -> FloatArray:
        return np.concatenate([np.array(part) for part in self.probabilities[kind]])

    def counts(self) -> tuple[IntArray, IntArray, FloatArray]:
        """Levels, kind and exact expected pairs of every pattern: simulation without noise."""
        rows = np.array(list(itertools.product(*(range(1, n + 1) for n in self.levels()))), dtype=np.int64)
        likelihood = np.stack(
            [
                np.prod([np.array(part)[rows[:, n] - 1] for n, part in enumerate(self.probabilities[c])], axis=0)
                for c in range(3)
            ],
            axis=1,
        )
        per_kind = [likelihood @ self.share[kind] * self.totals[kind] for kind in (0, 1)]
        kinds = np.repeat([0, 1], len(rows))
        return np.concatenate([rows, rows]), kinds, np.concatenate(per_kind)

    def all_pairs(self) -> FloatArray:
        """How all pairs compare: the mixture, as random pairs show it."""
        overall = (self.share * self.totals[:, None]).sum(axis=0) / self.totals.sum()
        return np.asarray(sum(overall[c] * self.flat(c) for c in range(3)))


def with_household() -> Truth:
    return Truth(
        probabilities={
            STRANGER: [[0.93, 0.05, 0.02], [0.97, 0.03], [0.98, 0.015, 0.005], [0.9, 0.08, 0.02], [0.95, 0.05]],
            MATCH: [[0.05, 0.15, 0.8], [0.1, 0.9], [0.2, 0.2, 0.6], [0.3, 0.1, 0.6], [0.04, 0.96]],
            HOUSEHOLD: [[0.93, 0.05, 0.02], [0.97, 0.03], [0.05, 0.05, 0.9], [0.05, 0.05, 0.9], [0.2, 0.8]],
        },
        share=np.array([[0.976, 0.016, 0.008], [0.985, 0.003, 0.012]]),
        totals=np.array([8e6, 2e6]),
    )


def without_household() -> Truth:
    truth = with_household()
    return Truth(truth.probabilities, np.array([[0.98, 0.02, 0.0], [0.99, 0.01, 0.0]]), truth.totals)


def start(truth: Truth) -> FloatArray:
    """All pairs for the strangers, and rough guesses of matches and households."""
    match = [np.exp(np.linspace(0.0, 4.0, n)) for n in truth.levels()]
    m = np.concatenate([part / part.sum() for part in match])
    u = truth.all_pairs()
    h = np.concatenate([u[:5], 0.5 * u[5:] + 0.5 * m[5:]])
    return np.stack([u, m, h])


def fitted(truth: Truth) -> PatternECM:
    rows, kinds, counts = truth.counts()
    teaches = np.ones(rows.shape, dtype=bool)
    kernel = PatternECM(truth.levels(), max_iter=3000, atol=1e-9)
    person = slice(0, sum(truth.levels()[:2]))

    def household(counts: FloatArray, strangers: FloatArray) -> FloatArray:
        probabilities = kernel.normalize(counts, prior=strangers, mass=1.0)
        probabilities[person] = strangers[person]
        return probabilities

    return kernel.fit_counts(
        X=rows,
        counts=counts,
        kinds=kinds,
        totals=truth.totals,
        teaches=(teaches, teaches),
        probabilities=start(truth),
        usual_match=start(truth)[MATCH],
        constrain=household,
    )


def test_three_classes_are_recovered_from_the_counts_of_their_mixture() -> None:
    truth = with_household()
    kernel = fitted(truth)
    assert kernel.share_ == pytest.approx(truth.share, abs=1e-4)
    for kind in (STRANGER, MATCH, HOUSEHOLD):
        assert kernel.probabilities_[kind] == pytest.approx(truth.flat(kind), abs=3e-3)


def test_matches_are_recovered_when_there_are_no_households() -> None:
    truth = without_household()
    kernel = fitted(truth)
    assert kernel.share_[:, MATCH] == pytest.approx(truth.share[:, MATCH], rel=0.02)
    assert kernel.share_[:, HOUSEHOLD].max() < 1e-3
    assert kernel.probabilities_[MATCH] == pytest.approx(truth.flat(MATCH), abs=0.01)


def test_strangers_are_what_random_pairs_show_without_the_matches_among_them() -> None:
    """Of all pairs 1.3% are matches, a third of the agreements: counted as chance they would spoil the evidence."""
    truth = with_household()
    agreement = 4  # the second comparison, both levels of which are at 3 and 4
    assert truth.all_pairs()[agreement] > 1.3 * truth.flat(STRANGER)[agreement]
    assert fitted(truth).probabilities_[STRANGER][agreement] == pytest.approx(truth.flat(STRANGER)[agreement], rel=0.02)


NAME = Comparison("name", 31, True)


def name_counts(**by_level: float) -> FloatArray:
    """Counts of a name comparison: given=..., other=... at the levels 'both equal' and 'given name different, family name equal'."""
    counts = np.zeros(31)
    counts[29 - 1], counts[9 - 1] = by_level["given"], by_level["other"]
    return counts


def test_how_often_one_person_has_two_given_names_is_learned_where_birth_dates_are_known() -> None:
    kernel = PatternECM([31])
    corrected = fewer_other_names(
        [NAME], kernel, name_counts(given=80_000, other=20_000), name_counts(given=99_000, other=1_000)
    )
    assert corrected[29 - 1] == 80_000
    assert corrected[9 - 1] == pytest.approx(80_000 * 1_000 / 99_000, rel=0.01)


def test_given_names_that_differ_less_often_than_birth_dates_allow_stay_as_they_are() -> None:
    kernel = PatternECM([31])
    seen = name_counts(given=99_000, other=1_000)
    assert fewer_other_names([NAME], kernel, seen, name_counts(given=90_000, other=10_000)).tolist() == seen.tolist()


def test_without_birth_dates_given_names_of_one_person_differ_no_more_than_usual() -> None:
    kernel = PatternECM([31])
    usually = usual.usual_levels("name", 31, "m")
    corrected = fewer_other_names([NAME], kernel, name_counts(given=50_000, other=50_000), np.zeros(31))
    assert corrected[9 - 1] / corrected[29 - 1] == pytest.approx(usually[9 - 1] / usually[15 - 1 :].sum())


def test_one_person_has_two_given_and_two_family_names_no_more_often_than_usual() -> None:
    """Who reads one role mailbox has neither name in common; that a person goes by two given names says nothing of them."""
    kernel = PatternECM([31])
    usually = usual.usual_levels("name", 31, "m")
    seen = np.zeros(31)
    seen[[29 - 1, 6 - 1]] = 97_000, 3_000
    corrected = fewer_other_names([NAME], kernel, seen, np.zeros(31))
    assert corrected[6 - 1] / corrected[29 - 1] == pytest.approx(usually[6 - 1] / usually[15 - 1 :].sum())
    assert corrected[6 - 1] < 300


def test_equal_names_are_at_least_as_frequent_among_matches_as_names_with_a_slip() -> None:
    """Doubles with one slip each: those of one birth date never have equal names, and name and date would teach that none has."""
    kernel = PatternECM([31, 6])
    comparisons = [NAME, Comparison("birth_date", 6, True)]
    matches = np.full(37, 1e-4)
    matches[[29 - 1, 27 - 1, 19 - 1, 31 + 6 - 1, 31 + 5 - 1]] = 0.02, 0.38, 0.5, 0.9, 0.08
    ordered = kernel.split(more_often_right(comparisons, kernel, matches))
    assert ordered[0][[29, 27, 19]] == pytest.approx([0.3] * 3)
    assert ordered[1][[6, 5]] == pytest.approx([0.9, 0.08])


def test_one_slip_more_frequent_than_none_leaves_the_others_alone() -> None:
    matches = np.full(31, 1e-4)
    matches[[29 - 1, 27 - 1, 19 - 1]] = 0.3, 0.1, 0.5
    (ordered,) = PatternECM([31]).split(more_often_right([NAME], PatternECM([31]), matches))
    assert ordered[[29, 27, 19]] == pytest.approx([0.4, 0.1, 0.4])


def test_a_comparison_learns_only_from_pairs_found_without_it() -> None:
    """Blocks of equal names say nothing about names: without that mask the name would be learned as always equal."""
    rules = [
        Rule(0, frozenset({"name"}), True),
        Rule(1, frozenset({"email"}), True),
        Rule(2, frozenset({"name", "email"}), True),
    ]
    comparisons = [Comparison("name", 4, True), Comparison("email", 4, False), Comparison("gender", 2, True)]
    taught = teaching_pairs(comparisons, rules, np.array([0b001, 0b010, 0b011, 0b100, 0b000]))
    assert taught.tolist() == [
        [False, True, True],
        [True, False, True],
        [True, True, True],
        [False, False, True],
        [False, False, False],
    ]


def pack(rows: IntArray, kinds: IntArray) -> IntArray:
    shifts = 5 * np.arange(rows.shape[1], dtype=np.int64)
    return np.asarray((rows << shifts).sum(axis=1) + (kinds << SAME_SOURCE_BIT))


@given(
    st.integers(1, 12).flatmap(
        lambda comparisons: st.lists(
            st.tuples(st.lists(st.integers(0, 31), min_size=comparisons, max_size=comparisons), st.integers(0, 1)),
            min_size=1,
            max_size=20,
        )
    )
)
def test_patterns_decode_to_the_levels_they_were_packed_from(drawn: list[tuple[list[int], int]]) -> None:
    rows = np.array([levels for levels, _ in drawn], dtype=np.int64)
    patterns = pack(rows, np.array([kind for _, kind in drawn], dtype=np.int64))
    assert decode_patterns(patterns, rows.shape[1]).tolist() == rows.tolist()


def test_counted_rates_replace_sampled_ones_for_exact_agreement() -> None:
    comparisons = [Comparison("email", 5, False), Comparison("gender", 2, True)]
    kernel = PatternECM([5, 2])
    sampled = np.array([[1, 1], [2, 2], [5, 0]], dtype=np.int64)
    drawn = np.array([70e6, 20e6, 10e6])
    flat = stranger_probabilities(comparisons, sampled, drawn, {"email": {5: 1e-5}}, 1e12, kernel)
    email, gender = kernel.split(flat)
    assert email[5] == pytest.approx(1e-5)
    assert email[1:].sum() == pytest.approx(1.0)
    assert email[1] / email[2] == pytest.approx(70 / 20, rel=1e-3)
    assert gender[1:] == pytest.approx([70 / 90, 20 / 90], rel=1e-3)


def test_few_records_do_not_make_an_agreement_look_common() -> None:
    """Two of four records share a number: counted alone, one pair in six would agree on it by accident."""
    kernel = PatternECM([4])
    sampled, drawn = np.array([[1], [4]], dtype=np.int64), np.array([166_667.0, 33_333.0])
    flat = stranger_probabilities([Comparison("phone", 4, False)], sampled, drawn, {"phone": {4: 1 / 6}}, 6.0, kernel)
    assert flat[3] < 1e-3
    assert flat.sum() == pytest.approx(1.0)


def estimate(
    comparisons: list[Comparison],
    rules: list[Rule],
    rows: IntArray,
    kinds: IntArray,
    masks: IntArray,
    counts: FloatArray,
    random_rows: IntArray,
    random_counts: FloatArray,
    totals: tuple[float, float],
    records: int,
) -> Weights:
    return estimate_weights(
        comparisons=comparisons,
        rules=rules,
        patterns=pack(rows, kinds) if len(rows) else np.zeros(0, dtype=np.int64),
        pattern_rules=masks,
        counts=counts,
        random_patterns=pack(random_rows, np.zeros(len(random_rows), dtype=np.int64))
        if len(random_rows)
        else np.zeros(0, dtype=np.int64),
        random_counts=random_counts,
        exact_rates={},
        pairs_other_source=totals[0],
        pairs_same_source=totals[1],
        record_count=records,
    )


def empty() -> tuple[IntArray, IntArray, IntArray, FloatArray]:
    nothing = np.zeros(0, dtype=np.int64)
    return np.zeros((0, 2), dtype=np.int64), nothing, nothing, np.zeros(0)


def check_probabilities(weights: Weights) -> None:
    for parts in (weights.m, weights.u, weights.h):
        for part in parts:
            assert np.isfinite(part).all()
            assert (part[1:] > 0).all()
            assert part[1:].sum() == pytest.approx(1.0)


def test_without_compared_pairs_the_weights_are_the_usual_ones() -> None:
    comparisons = [Comparison("email", 4, False), Comparison("gender", 2, True)]
    weights = estimate(comparisons, [], *empty(), np.array([[1, 1], [1, 2]]), np.array([50.0, 50.0]), (45.0, 0.0), 10)
    check_probabilities(weights)
    assert weights.prior_match_other_source == pytest.approx(usual.SHARE_MATCHES / usual.SHARE_PAIRS)
    assert weights.prior_household == pytest.approx(usual.SHARE_HOUSEHOLDS / usual.SHARE_PAIRS)
    assert weights.m[0][1:] == pytest.approx(usual.usual_levels("email", 4, "m"))


def test_without_any_pair_at_all_the_weights_are_still_probabilities() -> None:
    comparisons = [Comparison("name", 31, True), Comparison("email", 4, False)]
    weights = estimate(comparisons, [], *empty(), np.zeros((0, 2), dtype=np.int64), np.zeros(0), (0.0, 0.0), 0)
    check_probabilities(weights)
    assert weights.matches_per_record == 0.0


def test_a_single_comparison_can_be_estimated() -> None:
    comparisons = [Comparison("email", 4, False)]
    rules = [Rule(0, frozenset({"phone"}), True)]
    rows = np.array([[1], [4]])
    zeros = np.zeros(2, dtype=np.int64)
    weights = estimate(
        comparisons,
        rules,
        rows,
        zeros,
        zeros + 1,
        np.array([900.0, 100.0]),
        np.array([[1]]),
        np.array([1e5]),
        (1e6, 0.0),
        1500,
    )
    check_probabilities(weights)
    assert weights.m[0][4] / weights.u[0][4] > weights.m[0][1] / weights.u[0][1]


def simulate_people(seed: int = 4) -> tuple[list[Comparison], IntArray, IntArray, FloatArray, tuple[float, float]]:
    """Patterns of all pairs of a drawn population of matches and strangers, by gender, birth date and phone."""
    rng = np.random.default_rng(seed)
    comparisons = [Comparison("birth_date", 6, True), Comparison("phone", 4, False), Comparison("gender", 2, True)]
    u = [[0.8, 0.1, 0.03, 0.05, 0.0199, 0.0001], [0.995, 0.004, 0.0009, 0.0001], [0.5, 0.5]]
    m = [[0.02, 0.01, 0.01, 0.01, 0.05, 0.9], [0.3, 0.05, 0.15, 0.5], [0.02, 0.98]]
    strangers, matches = 1_000_000, 4_000
    rows = np.concatenate(
        [
            np.stack([rng.choice(len(part), size=n, p=part) + 1 for part in parts], axis=1)
            for parts, n in ((u, strangers), (m, matches))
        ]
    )
    kinds = rng.integers(0, 2, size=len(rows))
    distinct, counts = np.unique(np.column_stack([rows, kinds]), axis=0, return_counts=True)
    totals = (float((kinds == 0).sum()), float((kinds == 1).sum()))
    return comparisons, distinct[:, :3], distinct[:, 3], counts.astype(np.float64), totals


def test_weights_of_a_drawn_population_are_near_the_truth() -> None:
    comparisons, rows, kinds, counts, totals = simulate_people()
    rules = [Rule(0, frozenset({"none"}), True)]
    weights = estimate(
        comparisons, rules, rows, kinds, np.ones(len(rows), dtype=np.int64), counts, rows, counts, totals, 1418
    )
    check_probabilities(weights)
    assert weights.m[0][6] == pytest.approx(0.9, abs=0.03)
    assert weights.m[1][4] == pytest.approx(0.5, abs=0.05)
    assert weights.m[2][2] == pytest.approx(0.98, abs=0.02)
    # Random pairs contain the matches: 0.9 * 0.4% of all pairs agree on the birth date because they are one person.
    assert weights.u[0][6] < 0.0006
    assert weights.prior_match_other_source == pytest.approx(0.004, rel=0.1)
    assert weights.prior_match_same_source == pytest.approx(0.004, rel=0.1)


@pytest.mark.parametrize(("seen", "held"), [(0.001, usual.OTHER_SURNAMES), (0.3, 0.3)])
def test_households_of_two_surnames_are_there_though_none_was_seen(seen: float, held: float) -> None:
    levels = SWAPPED_LEVELS[1] + 1
    strangers, family = np.full(levels, 1.0 / levels), np.zeros(levels)
    family[0] = 1.0
    # Given names as different as may be; the family name different, or equal.
    family[FAMILY_LEVELS + 1], family[FAMILY_LEVELS + 4] = seen, 1.0 - seen
    table = household_names(strangers, family)[: SWAPPED_LEVELS[0]].reshape(-1, FAMILY_LEVELS)
    known = table[1:, 1:].sum(axis=0)
    assert known[0] / known.sum() == pytest.approx(held)
    assert known[1:] / known[1:].sum() == pytest.approx([0.0, 0.0, 1.0])


def test_names_are_learned_from_places_only_where_no_rule_of_persons_can_teach_them() -> None:
    comparisons = [Comparison("name", 31, True), Comparison("address", 8, False), Comparison("email", 4, False)]
    rules = [
        Rule(0, frozenset({"name"}), True),
        Rule(1, frozenset({"address"}), False),
        Rule(2, frozenset({"email"}), True),
    ]
    levels = np.array([[29, 1, 0], [9, 8, 0], [29, 0, 4]])
    few, many = np.array([900.0, 900.0, 5.0]), np.array([900.0, 900.0, 50.0])
    masks = np.array([0b001, 0b010, 0b100])
    alone = person_lessons(comparisons, rules, masks, levels, few)
    assert alone.tolist() == [[False, True, True], [True, False, True], [True, True, False]]
    helped = person_lessons(comparisons, rules, masks, levels, many)
    assert helped.tolist() == [[False, True, True], [False, False, True], [True, True, False]]


def test_strangers_have_both_names_alike_as_often_as_chance_makes_it() -> None:
    comparisons = [Comparison("name", 31, True), Comparison("gender", 2, True)]
    kernel = PatternECM([31, 2])
    given_names, family_names = (
        np.array([0.0, 0.95, 0.02, 0.005, 0.005, 0.02]),
        np.array([0.0, 0.96, 0.01, 0.005, 0.025]),
    )
    table = np.outer(given_names, family_names)
    table[5, 4], table[3, 4], table[5, 1] = 1e-9, 0.001, 0.019
    names = np.concatenate([table.ravel()[1:], [1e-6, 1e-6]])
    raised = kernel.split(independent_names(comparisons, kernel, np.concatenate([names, [0.5, 0.5]])))
    chance = table.sum(axis=1)[5] * table.sum(axis=0)[4] / table.sum()
    assert raised[0][5 * FAMILY_LEVELS + 4] == pytest.approx(chance)
    assert raised[0][3 * FAMILY_LEVELS + 4] == 0.001
    assert raised[0][5 * FAMILY_LEVELS + 1] == 0.019
    assert raised[0][SWAPPED_LEVELS[0] :].tolist() == [1e-6, 1e-6]
    assert raised[1][1:].tolist() == [0.5, 0.5]


def test_another_given_name_with_another_birth_date_or_gender_is_somebody_else() -> None:
    comparisons = [Comparison("name", 31, True), Comparison("birth_date", 6, True), Comparison("gender", 2, True)]
    rows = {
        (9, 1, 0): True,
        (9, 0, 1): True,
        (9, 5, 2): False,
        (9, 6, 1): True,
        (9, 0, 0): False,
        (29, 1, 1): False,
        (14, 1, 0): False,
        (31, 1, 0): False,
    }
    found = other_people(comparisons, np.array(list(rows)))
    assert found.tolist() == list(rows.values())
    assert not other_people(comparisons[1:], np.array(list(rows))[:, 1:]).any()


def test_families_who_share_a_mailbox_do_not_teach_that_one_person_has_two_birth_dates() -> None:
    """Brothers and sisters of one mailbox, among many who share only a phone: left alone, a third of one person's dates would differ."""
    comparisons = [
        Comparison("name", 31, True),
        Comparison("birth_date", 6, True),
        Comparison("email", 4, False),
        Comparison("phone", 4, False),
    ]
    rules = [
        Rule(0, frozenset({"email"}), True),
        Rule(1, frozenset({"name"}), True),
        Rule(2, frozenset({"phone"}), False),
    ]
    same = {(29, 6, 4, 0): (0b011, 500.0), (29, 0, 4, 0): (0b011, 1500.0), (29, 6, 1, 0): (0b010, 100.0)}
    siblings = {(9, 1, 4, 0): (0b001, 300.0), (9, 0, 4, 0): (0b001, 900.0)}
    of_one_phone = {(9, 1, 1, 4): (0b100, 2000.0), (9, 0, 1, 4): (0b100, 2000.0)}
    pairs = {**same, **siblings, **of_one_phone, (29, 1, 1, 0): (0b010, 20.0)}
    levels, kinds = np.array(list(pairs)), np.zeros(len(pairs), dtype=np.int64)
    masks, counts = np.array([mask for mask, _ in pairs.values()]), np.array([count for _, count in pairs.values()])
    drawn = np.array([[6, 1, 1, 1], [9, 1, 1, 1], [26, 1, 1, 1]]), np.array([199_000.0, 500.0, 500.0])
    weights = estimate(comparisons, rules, levels, kinds, masks, counts, *drawn, (2e6, 0.0), 2_000)
    assert weights.m[1][1] < 0.01
    assert weights.m[0][9] < 0.05


def test_birth_dates_of_households_are_learned_from_brother_and_sister() -> None:
    """Half of the twins are brother and sister, and so are known not to be one person; they tell how many the others are."""
    comparisons = [
        Comparison("name", 31, True),
        Comparison("birth_date", 6, True),
        Comparison("gender", 2, True),
        Comparison("address", 8, False),
    ]
    rules = [
        Rule(0, frozenset({"name", "birth_date"}), True),
        Rule(1, frozenset({"birth_date", "address"}), True),
        Rule(2, frozenset({"name", "address"}), False),
    ]
    same = {(29, 6, 2, 8): (0b111, 3000.0), (29, 6, 2, 1): (0b001, 300.0), (29, 5, 2, 8): (0b100, 100.0)}
    of_two = {(9, 6, 2, 8): (0b110, 60.0), (9, 6, 1, 8): (0b110, 60.0)}
    brothers = {(9, 1, 2, 8): (0b100, 100.0), (9, 1, 1, 8): (0b100, 100.0)}
    pairs = {**same, **of_two, **brothers}
    levels, kinds = np.array(list(pairs)), np.zeros(len(pairs), dtype=np.int64)
    masks, counts = np.array([mask for mask, _ in pairs.values()]), np.array([count for _, count in pairs.values()])
    drawn = np.array([[6, 1, 1, 1], [6, 1, 2, 1], [9, 1, 2, 1], [26, 1, 2, 1]]), np.array([99e3, 99e3, 1e3, 1e3])
    weights = estimate(comparisons, rules, levels, kinds, masks, counts, *drawn, (1e7, 0.0), 5_000)
    assert 0.2 < weights.h[1][6] < 0.5
    # A date in common speaks for one person a few times more at the most, and not a hundred times.
    assert weights.m[1][6] / weights.h[1][6] < 5.0


@pytest.mark.parametrize(
    ("apart", "together", "by_chance", "share"),
    [
        (500.0, 0.0, 0.0, usual.TWINS),
        (500.0, 500.0, 0.0, 0.5),
        (0.0, 500.0, 0.0, 1.0),
        (600.0, 400.0, 0.4, usual.TWINS),
    ],
)
def test_the_share_of_twins_is_that_of_equal_birth_dates_beyond_chance_and_never_less_than_usual(
    apart: float, together: float, by_chance: float, share: float
) -> None:
    birth_dates = np.array([0.0, apart, 0.0, 0.0, 0.0, 0.0, together])
    assert twin_share(birth_dates, by_chance) == pytest.approx(share, abs=0.02)


@pytest.mark.parametrize(
    ("apart", "alike", "by_chance", "share"),
    [
        (0.0, 0.0, 0.01, usual.NAMESAKES),
        (1000.0, 0.0, 0.01, 0.0),
        (960.0, 40.0, 0.01, 0.03),
        (100.0, 900.0, 0.01, usual.MOST_NAMESAKES),
    ],
)
def test_the_share_of_namesakes_is_that_of_equal_given_names_beyond_chance_up_to_a_limit(
    apart: float, alike: float, by_chance: float, share: float
) -> None:
    names, strangers = np.zeros(32), np.zeros(32)
    names[9], names[29], names[31] = apart, alike, 7.0
    strangers[6], strangers[26] = 1.0 - by_chance, by_chance
    assert namesake_share(names, strangers) == pytest.approx(share, abs=0.002)


def test_fathers_and_sons_of_one_name_are_two_people() -> None:
    """Their dates differ as those of strangers do, and so do their e-mail addresses; people have one date, and mostly one address."""
    comparisons = [
        Comparison("name", 31, True),
        Comparison("birth_date", 6, True),
        Comparison("email", 5, False),
        Comparison("address", 8, False),
    ]
    rules = [Rule(0, frozenset({"name", "address"}), False), Rule(1, frozenset({"name", "birth_date"}), True)]
    rules += [Rule(2, frozenset({"address"}), False), Rule(3, frozenset({"email"}), True)]
    same = {
        (29, 6, 5, 8): (0b1111, 2400.0),
        (29, 6, 1, 8): (0b111, 600.0),
        (29, 6, 5, 1): (0b1010, 300.0),
        (29, 1, 5, 8): (0b1101, 100.0),
    }
    family = {(9, 1, 1, 8): (0b100, 5000.0), (9, 1, 5, 8): (0b1100, 500.0)}
    fathers = {(29, 1, 1, 8): (0b101, 250.0)}
    pairs = {**same, **family, **fathers}
    levels, kinds = np.array(list(pairs)), np.zeros(len(pairs), dtype=np.int64)
    masks, counts = np.array([mask for mask, _ in pairs.values()]), np.array([count for _, count in pairs.values()])
    drawn = np.array([[6, 1, 1, 1], [9, 1, 1, 1], [26, 1, 1, 1]]), np.array([198e3, 1e3, 1e3])
    weights = estimate(comparisons, rules, levels, kinds, masks, counts, *drawn, (1e7, 0.0), 5_000)

    def odds(pair: tuple[int, ...]) -> float:
        person = weights.prior_match_other_source * math.prod(
            part[level] for part, level in zip(weights.m, pair, strict=True)
        )
        return person / (
            weights.prior_household * math.prod(part[level] for part, level in zip(weights.h, pair, strict=True))
        )

    assert odds((29, 1, 1, 8)) < 0.2
    assert odds((29, 1, 5, 8)) > 2.0
    assert odds((29, 6, 1, 8)) > 10.0


def test_a_household_learns_birth_dates_from_two_given_names_alone() -> None:
    comparisons = [Comparison("name", 31, True), Comparison("birth_date", 6, True), Comparison("phone", 4, False)]
    levels, masks = np.array([[9, 6, 4], [29, 6, 4], [4, 6, 4]]), np.array([0b1, 0b1, 0b1])
    lessons = household_lessons(comparisons, [Rule(0, frozenset({"phone"}), True)], masks, levels)
    assert lessons.tolist() == [[True, True, False], [True, False, False], [True, False, False]]


@pytest.mark.parametrize(("contact", "equal"), [("email", 5), ("phone", 4)])
def test_where_records_say_nothing_but_a_contact_point_those_who_share_it_are_one_person(
    contact: str, equal: int
) -> None:
    """Chance would explain everything that agrees, and the class of matches would stay empty."""
    comparisons, rules = [Comparison(contact, equal, False)], [Rule(0, frozenset({contact}), True)]
    one, none = np.array([[equal]]), np.zeros(1, dtype=np.int64)
    weights = estimate(
        comparisons,
        rules,
        one,
        none,
        np.array([0b1]),
        np.array([3_000.0]),
        np.array([[1], [equal]]),
        np.array([99_980.0, 20.0]),
        (15e6, 0.0),
        5_500,
    )
    match = weights.prior_match_other_source * weights.m[0][equal]
    assert match > 2.0 * (weights.u[0][equal] + weights.prior_household * weights.h[0][equal])


def test_where_records_say_nothing_but_a_name_namesakes_are_two_people() -> None:
    comparisons, rules = [Comparison("name", 31, True)], [Rule(0, frozenset({"name"}), True)]
    drawn = np.array([[6], [29]]), np.array([99_980.0, 20.0])
    one, none = np.array([[29]]), np.zeros(1, dtype=np.int64)
    weights = estimate(comparisons, rules, one, none, np.array([0b1]), np.array([3_000.0]), *drawn, (15e6, 0.0), 5_500)
    assert weights.prior_match_other_source * weights.m[0][29] < weights.u[0][29]


def test_names_that_agree_are_chance_as_often_as_independent_names() -> None:
    """Nearly all who agree in both names are matches; the rest alone would make it a fiftieth of what is seen."""
    comparisons = [Comparison("name", 31, True), Comparison("email", 4, False)]
    rules = [Rule(0, frozenset({"email"}), True), Rule(1, frozenset({"name"}), True)]
    levels, masks = np.array([[29, 4], [27, 4], [29, 1], [27, 1]]), np.array([0b11, 0b11, 0b10, 0b10])
    counts, kinds = np.array([800.0, 200.0, 20.0, 10.0]), np.zeros(4, dtype=np.int64)
    drawn = np.array([[6, 1], [26, 1], [7, 1], [9, 1]]), np.array([198_000.0, 1_000.0, 500.0, 500.0])
    weights = estimate(comparisons, rules, levels, kinds, masks, counts, *drawn, (2e6, 0.0), 2_000)
    table = weights.u[0][: SWAPPED_LEVELS[0]].reshape(-1, FAMILY_LEVELS).copy()
    table[0, 0] = 0.0
    assert table[5, 2] >= 0.99 * table.sum(axis=1)[5] * table.sum(axis=0)[2]


def test_names_that_agree_are_chance_no_more_than_sixteen_times_as_often_as_independent_names() -> None:
    """In a hundred records most who have one name are one person, whether anything else agrees or not."""
    strangers = np.full(31, 1e-9)
    strangers[[6 - 1, 26 - 1, 9 - 1, 29 - 1]] = 0.98, 0.01, 0.007, 0.003
    comparisons, kernel = [Comparison("name", 31, True)], PatternECM([31])
    (bounded,) = kernel.split(independent_names(comparisons, kernel, strangers))
    assert bounded[29] == pytest.approx(16 * 0.013 * 0.010, rel=0.01)
    strangers[29 - 1] = 0.0005
    (unbounded,) = kernel.split(independent_names(comparisons, kernel, strangers))
    assert unbounded[29] == pytest.approx(0.0005)


def test_where_only_names_and_addresses_are_known_names_are_learned_from_addresses() -> None:
    """Two of five records of one person have the name as it is; the usual values would have it in seven of ten."""
    comparisons = [Comparison("name", 31, True), Comparison("address", 8, False)]
    rules = [Rule(0, frozenset({"name"}), True), Rule(1, frozenset({"address"}), False)]
    levels, masks = np.array([[29, 8], [27, 8], [19, 8], [29, 1]]), np.array([0b11, 0b10, 0b10, 0b01])
    counts, kinds = np.array([400.0, 400.0, 200.0, 20.0]), np.zeros(4, dtype=np.int64)
    drawn = np.array([[6, 1], [26, 1], [9, 1]]), np.array([199_000.0, 500.0, 500.0])
    weights = estimate(comparisons, rules, levels, kinds, masks, counts, *drawn, (2e6, 0.0), 2_000)
    assert weights.m[0][[29, 27, 19]] == pytest.approx([0.4, 0.4, 0.2], abs=0.03)
