"""Survey answers: recommendation, satisfaction and profile quizzes."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from python_udfs.demo.accounts import KINDS, Membership, text_of
from python_udfs.demo.arrays import (
    DAY,
    Ints,
    Mask,
    Rng,
    Text,
    chance,
    digits,
    join,
    null_where,
    pick,
    take,
    text,
    timestamps,
    to_text,
    where,
)
from python_udfs.demo.catalogue import CATEGORIES, COLOURS
from python_udfs.demo.countries import COUNTRIES
from python_udfs.demo.identity import Style, country_codes, write_down
from python_udfs.demo.population import Population, Window
from python_udfs.demo.purchases import Buying, per_window
from python_udfs.demo.writer import table_of

SURVEY = Style(
    native_script=0.6,
    nickname=0.15,
    typo=0.03,
    no_name=0.55,
    no_email=0.3,
    no_phone=0.88,
    no_address=1.0,
    junk=0.02,
    emails=(0.72, 0.2, 0.03, 0.05, 0.0),
)
Tables = dict[str, pa.Table]
_OCCUPATIONS = (
    "teacher",
    "nurse",
    "engineer",
    "student",
    "retired",
    "self-employed",
    "office worker",
    "craftsman",
    "manager",
    "artist",
    "homemaker",
    "civil servant",
)
_PRAISE = ("love it", "good quality", "quick delivery", "will come back", "great staff")
_BLAME = ("too expensive", "late parcel", "bad packaging", "rude answer", "broken on arrival")


def surveys(
    rng: Rng, pop: Population, members: Membership, habits: Buying, window: Window
) -> tuple[Tables, Ints, Mask]:
    """Answers to NPS, satisfaction and profile surveys; persons and whether a row has any identity."""
    rows, at = per_window(rng, pop, window, 0.42 * pop.activity, pop.joined)
    count = len(rows)
    w = write_down(rng, pop, rows, at, at, SURVEY)
    customer = members.shop.first_of(pop.count)[rows]
    ref = take(to_text(members.shop.number), np.where(chance(rng, 0.2, count), customer, -1))
    anonymous = chance(rng, 0.1, count)
    email, name, phone, ref = (null_where(anonymous, t) for t in (w.email, w.full, w.phone, ref))
    kind = pick(rng, [0.45, 0.35, 0.2], count)
    happy = np.clip(rng.normal(0.72, 0.22, count), 0, 1)
    score = np.where(kind == 0, np.round(happy * 10), 1 + np.round(happy * 4)).astype(np.int64)
    themes = text(list(CATEGORIES))
    interests = join(take(themes, habits.favourite[rows]), take(themes, habits.second[rows]), separator=";")
    person = pop.number[rows]
    late = np.where(chance(rng, 0.03, count), rng.integers(2 * DAY, 20 * DAY, count), rng.integers(30, 900, count))
    table = table_of(
        "survey.response",
        {
            "response_id": survey_ids(pop, count, window.day),
            "survey_id": take(text(["nps-2024", "csat-orders", "profile-quiz"]), kind),
            "survey_type": take(text(["nps", "csat", "profile"]), kind),
            "respondent_email": email,
            "respondent_name": name,
            "respondent_phone": phone,
            "customer_ref": ref,
            "score": pa.array(score, mask=kind == 2),
            "comment": null_where(
                chance(rng, 0.6, count) | (kind == 2),
                where(happy > 0.6, text_of(list(_PRAISE), rng, count), text_of(list(_BLAME), rng, count)),
            ),
            "interests": null_where(kind != 2, interests),
            "occupation": null_where((kind != 2) | chance(rng, 0.2, count), text_of(list(_OCCUPATIONS), rng, count)),
            "preferred_colour": null_where(
                (kind != 2) | (person % 3 > 0), take(text(list(COLOURS)), person // 7 % len(COLOURS))
            ),
            "answered_at": timestamps(at),
            "submitted_at": timestamps(np.minimum(at + late, window.end - 20)),
            "language": take(text([c.language for c in COUNTRIES]), pop.country[rows]),
            "country": country_codes(pop.country[rows]),
            "loaded_at": timestamps(np.minimum(at + late, window.end - 20) // DAY * DAY + DAY + 4 * 3_600),
        },
    )
    valid = [t.is_valid().to_numpy(zero_copy_only=False) for t in (email, name, phone, ref)]
    return {"survey.response": table}, rows, np.logical_or.reduce(valid)


def survey_ids(pop: Population, count: int, day: int) -> Text:
    """Ids of survey answers."""
    return join("SR", digits(pop.block.ids(count, KINDS["survey"], day) % 10**14, 14))
