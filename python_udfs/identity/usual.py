"""How records of people and of companies usually compare: a start for learning, and its stand-in while there is little to learn from.

The figures are round numbers of the size that customer data shows: how often two records of one person (m) and two strangers (u) reach
each level. They weigh as much as a few records (`MATCHES`, `PAIRS`), so that any data of more than that speaks for itself.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]

MATCHES = 10.0
"""Matching pairs that the usual m counts for."""
PAIRS = 2_000.0
"""Pairs that the usual u counts for."""
SHARE_PAIRS = 10_000.0
"""Pairs that the usual shares of matches and households count for."""
SHARE_MATCHES = 1.0
"""Matches among SHARE_PAIRS."""
SHARE_HOUSEHOLDS = 0.3
"""Pairs of one household among SHARE_PAIRS."""
TWINS = 0.01
"""At least this share of household pairs has one birth date: twins."""
NAMESAKES = 0.002
"""Share of household pairs with one given name, where there is nothing to learn it from: fathers and sons."""
MOST_NAMESAKES = 0.05
"""At most this share of household pairs has one given name. Beyond it, in a city where most records share a place with others, people with
wrong birth dates would be taken for namesakes of themselves."""
OTHER_SURNAMES = 0.1
"""At least this share of household pairs has two surnames: couples who kept theirs or are not married, children of others, flat mates."""

# Given and family name by level (see macros/identity/comparisons.sql), without the level for a missing one.
_GIVEN = {"m": (0.03, 0.01, 0.06, 0.05, 0.85), "u": (0.93, 0.05, 0.008, 0.004, 0.008)}
_FAMILY = {"m": (0.06, 0.05, 0.02, 0.87), "u": (0.99, 0.004, 0.001, 0.005)}
_GIVEN_MISSING = {"m": 0.04, "u": 0.04}
_FAMILY_MISSING = {"m": 0.04, "u": 0.04}
_SWAPPED = {"m": (0.003, 0.007), "u": (1e-5, 1e-5)}
_LEVELS: dict[str, dict[str, tuple[float, ...]]] = {
    "birth_date": {"m": (0.02, 0.005, 0.002, 0.01, 0.03, 0.933), "u": (0.962, 0.01, 0.003, 0.02, 0.004, 0.0005)},
    "gender": {"m": (0.03, 0.97), "u": (0.5, 0.5)},
    "email": {"m": (0.16, 0.04, 0.03, 0.02, 0.75), "u": (0.95, 0.04997, 1e-5, 1e-5, 1e-5)},
    "phone": {"m": (0.25, 0.02, 0.03, 0.7), "u": (0.99997, 1e-5, 1e-5, 1e-5)},
    "address": {
        "m": (0.12, 0.05, 0.03, 0.06, 0.02, 0.02, 0.1, 0.6),
        "u": (0.98, 0.017, 0.002, 0.0007, 0.0001, 0.0001, 0.00005, 0.00005),
    },
    # Of companies (macros/accounts/comparisons.sql). What is a household among people is a group of companies: they share a site, a
    # switchboard, an address and often a part of the name ("h"), but not the whole name.
    "company_name": {
        "m": (0.06, 0.04, 0.06, 0.06, 0.78),
        "u": (0.985, 0.012, 0.001, 0.0005, 0.0015),
        "h": (0.55, 0.25, 0.19, 0.003, 0.007),
    },
    "company_country": {"m": (0.02, 0.98), "u": (0.8, 0.2), "h": (0.4, 0.6)},
    "company_domain": {"m": (0.12, 0.03, 0.85), "u": (0.9997, 0.0002, 0.0001)},
    "company_phone": {"m": (0.25, 0.15, 0.6), "u": (0.9997, 0.0002, 0.0001)},
}


def usual_levels(name: str, levels: int, kind: str) -> FloatArray:
    """Usual probability of each level of a comparison.

    Args:
        name: the comparison; one that is not known here is taken for an attribute with few values, such as an occupation.
        levels: its number of levels.
        kind: 'm' for two records of one person, 'u' for two strangers.

    Returns:
        Probabilities of the levels from 1 up, shape (levels,), summing to 1.
    """
    if name == "name":
        given = np.array([_GIVEN_MISSING[kind], *(np.array(_GIVEN[kind]) * (1 - _GIVEN_MISSING[kind]))])
        family = np.array([_FAMILY_MISSING[kind], *(np.array(_FAMILY[kind]) * (1 - _FAMILY_MISSING[kind]))])
        usual = np.concatenate([np.outer(given, family).ravel()[1:], _SWAPPED[kind]])
    elif name in _LEVELS and len(_LEVELS[name][kind]) == levels:
        usual = np.array(_LEVELS[name][kind])
    elif kind == "m":
        usual = np.array([0.12, *np.full(levels - 2, 0.03 / max(levels - 2, 1)), 0.85])
    else:
        usual = np.array([0.95, *np.full(levels - 2, 0.02 / max(levels - 2, 1)), 0.03])
    return np.asarray(usual / usual.sum())


def usual_in_household(name: str, levels: int) -> FloatArray | None:
    """Probabilities of the levels, shape (levels,), between two members of a household or group, where they are not learned; else None."""
    usual = _LEVELS.get(name, {}).get("h", ())
    return np.array(usual) / sum(usual) if len(usual) == levels else None
