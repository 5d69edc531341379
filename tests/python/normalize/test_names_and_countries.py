"""Names and countries."""

from __future__ import annotations

import pytest

from python_udfs.normalize.batches import junk_by_kind
from python_udfs.normalize.countries import normalize_country
from python_udfs.normalize.names import normalize_full_name, normalize_name_part

JUNK = junk_by_kind([("any", "n/a"), ("name", "test")])


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("ANN", "Ann"),
        ("jean-luc", "Jean-Luc"),
        ("O'BRIEN", "O'Brien"),
        ("MCDONALD", "McDonald"),
        ("DeVito", "DeVito"),
        ("VAN DER BERG", "van der Berg"),
        ("van", "Van"),
        ("Dr. Ann", "Ann"),
        ("Frau  Müller", "Müller"),
        ("Дмитрий", "Дмитрий"),
        ("李", "李"),
        ("Don Carlos", "Don Carlos"),
        ("Rev. Carl", "Carl"),
        ("J.R.R.", "J.R.R."),
        ("ST.JOHN", "St.John"),
    ],
)
def test_name_part(raw: str, expected: str) -> None:
    assert normalize_name_part(raw, JUNK).name == expected


@pytest.mark.parametrize(
    ("raw", "parts"),
    [
        ("Ann Lee", ("Ann Lee", "Ann", None, "Lee")),
        ("LEE, ANN", ("Ann Lee", "Ann", None, "Lee")),
        ("Lee, Ann Marie", ("Ann Marie Lee", "Ann", "Marie", "Lee")),
        ("Mr. John Q Public", ("John Q Public", "John", "Q", "Public")),
        ("Jan van der Berg", ("Jan van der Berg", "Jan", None, "van der Berg")),
        ("Ann Lee, PhD", ("Ann Lee", "Ann", None, "Lee")),
        ("Ann Lee, Jr.", ("Ann Lee Jr", "Ann", None, "Lee Jr")),
        ("Lee, Ann, Jr., PhD", ("Ann Lee Jr", "Ann", None, "Lee Jr")),
        ("Evan Truscott Jr", ("Evan Truscott Jr", "Evan", None, "Truscott Jr")),
        ("Bob Senior", ("Bob Senior", "Bob", None, "Senior")),
        ("Miller Jr", ("Miller Jr", "Miller", None, None)),
        ("Don Miller", ("Don Miller", "Don", None, "Miller")),
        ("Don Juan Perez", ("Juan Perez", "Juan", None, "Perez")),
        ("Pan Wei", ("Pan Wei", "Pan", None, "Wei")),
        ("Test Test", (None, None, None, None)),
        ("Madonna", ("Madonna", "Madonna", None, None)),
        ("Mrs. LEE", ("Lee", None, None, "Lee")),
        ("Herr Dr. Müller", ("Müller", None, None, "Müller")),
        ("Sir Elton", ("Elton", "Elton", None, None)),
        ("Lee PhD", ("Lee", "Lee", None, None)),
        ("Mr. & Mrs. Smith", ("Smith", None, None, "Smith")),
        ("Mr and Mrs Bob Smith", ("Bob Smith", "Bob", None, "Smith")),
        ("Prof. Dr. med. Ann Lee", ("Ann Lee", "Ann", None, "Lee")),
        ("Dr. rer. nat. Dipl.-Ing. Ann Lee", ("Ann Lee", "Ann", None, "Lee")),
        ("HENRY FORD III", ("Henry Ford III", "Henry", None, "Ford III")),
        ("J.P. MORGAN", ("J.P. Morgan", "J.P.", None, "Morgan")),
        ("山田 太郎", ("山田 太郎", "太郎", None, "山田")),
        ("김 민준", ("김 민준", "민준", None, "김")),
    ],
)
def test_full_name(raw: str, parts: tuple[str | None, ...]) -> None:
    assert normalize_full_name(raw, JUNK)[:4] == parts


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        ("n/a", "junk"),
        ("Test", "junk"),
        ("123", "junk"),
        ("a@b.org", "e-mail address in a name"),
        ("a" * 32, "hashed value"),
    ],
)
def test_rejected_name(raw: str, reason: str) -> None:
    assert normalize_name_part(raw, JUNK).reason == reason
    assert normalize_full_name(raw, JUNK).reason == reason


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("de", "DE"),
        ("DEU", "DE"),
        ("Deutschland", "DE"),
        ("Allemagne", "DE"),
        ("ALEMANIA", "DE"),
        ("Германия", "DE"),
        ("ドイツ", "DE"),
        ("Germany (DE)", "DE"),
        ("U.S.A.", "US"),
        ("United States of America", "US"),
        ("UK", "GB"),
        ("Scotland", "GB"),
        ("République française", "FR"),
        ("Côte d’Ivoire", "CI"),
        ("NA", "NA"),
        ("Hong Kong", "HK"),
        ("Macao SAR", "MO"),
        ("Korea, Republic of", "KR"),
        ("Korea, Democratic People's Republic of", "KP"),
        ("Taiwan, Province of China", "TW"),
        ("Iran, Islamic Republic of", "IR"),
        ("Virgin Islands, U.S.", "VI"),
        ("Bosnia and Herzegovina", "BA"),
        ("Bosnia & Herzegovina", "BA"),
        ("Saint Kitts and Nevis", "KN"),
        ("Sao Tome and Principe", "ST"),
        ("Congo - Kinshasa", "CD"),
        ("Congo, The Democratic Republic of the", "CD"),
        ("Espana", "ES"),
        ("Oesterreich", "AT"),
        ("Myanmar", "MM"),
    ],
)
def test_country(raw: str, expected: str) -> None:
    assert normalize_country(raw, JUNK) == (expected, None)


@pytest.mark.parametrize(
    ("raw", "reason"), [("n/a", "junk"), ("Atlantis", "unknown country"), ("Germany (FR)", "unknown country")]
)
def test_unknown_country(raw: str, reason: str) -> None:
    assert normalize_country(raw, JUNK) == (None, reason)
