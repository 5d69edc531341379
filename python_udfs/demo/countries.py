"""The countries of the demo world: language, money, number plan and mail providers of each."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Plan:
    """National significant numbers that phonenumbers takes as valid: a prefix and a fixed length."""

    prefixes: tuple[str, ...]
    length: int


@dataclass(frozen=True)
class Country:
    """One country; `weight` is its share of households, `vat_permille` the tax contained in prices."""

    code: str
    weight: float
    names: tuple[str, str, str]  # English, own language, another spelling
    locales: tuple[str, ...]  # of faker's name pools, the first one weighs most
    place_locale: str
    language: str
    locale: str
    time_zone: str
    currency: str
    price_factor: float  # price of a product that costs 1 euro
    vat_permille: int
    calling_code: str
    trunk: str
    mobile: Plan
    landline: Plan
    mail: tuple[tuple[str, float], ...]
    legal_form: str
    latitude: float
    longitude: float


def _mail(*local: str) -> tuple[tuple[str, float], ...]:
    """World-wide providers, then the country's own."""
    world = (("gmail.com", 40.0), ("outlook.com", 9.0), ("hotmail.com", 9.0), ("yahoo.com", 6.0), ("icloud.com", 7.0))
    return world + tuple((name, 30.0 / len(local)) for name in local)


def _p(prefixes: str, length: int) -> Plan:
    return Plan(tuple(prefixes.split()), length)


COUNTRIES: tuple[Country, ...] = (
    Country(
        "GB",
        0.21,
        ("United Kingdom", "Great Britain", "UK"),
        ("en_GB", "en_IE", "en_NZ"),
        "en_GB",
        "en",
        "en-GB",
        "London",
        "GBP",
        0.86,
        200,
        "44",
        "0",
        _p(
            "7400 7405 7411 7415 7421 7428 7435 7440 7453 7460 7475 7481 7490 7710 7711 7725 7739 7748 7752 7768 "
            "7779 7788 7801 7812 7824 7835 7850 7866 7878 7890 7903 7912 7921 7930 7941 7954 7968 7976 7985",
            10,
        ),
        _p("207 208 203 1212 1214 1312 1315 1132 1142 1172 1159 1162 1183 1512 1514 1612 1618 1412 1415 1912", 10),
        _mail("btinternet.com", "sky.com", "hotmail.co.uk", "yahoo.co.uk"),
        "Ltd",
        52.5,
        -1.5,
    ),
    Country(
        "DE",
        0.17,
        ("Germany", "Deutschland", "Germany (DE)"),
        ("de_DE", "de_AT", "de_CH"),
        "de_DE",
        "de",
        "de",
        "Berlin",
        "EUR",
        1.0,
        190,
        "49",
        "0",
        _p("151 152 157 159 160 170 171 172 173 174 175 176 177 178 179", 11),
        _p("30 40 89 69 221 211 711 231 201 341 351 421 511 911 203", 10),
        _mail("gmx.de", "web.de", "t-online.de", "freenet.de"),
        "GmbH",
        51.0,
        10.0,
    ),
    Country(
        "US",
        0.15,
        ("United States", "United States of America", "USA"),
        ("en_US",),
        "en_US",
        "en",
        "en-US",
        "Eastern Time (US & Canada)",
        "USD",
        1.08,
        0,
        "1",
        "",
        _p("2122 3104 3126 4157 5128 6172 7024 7136 7187 7188 7862 8184 9046 9167 2068 2142 3034 4046", 10),
        _p("2124 3106 3127 4158 5122 6174 7026 7137 7182 7864 8186 9047 9168 2062 2144 3036 4047", 10),
        _mail("aol.com", "comcast.net", "verizon.net"),
        "Inc.",
        39.0,
        -96.0,
    ),
    Country(
        "FR",
        0.12,
        ("France", "République française", "FRANCE"),
        ("fr_FR", "fr_BE", "fr_CH"),
        "fr_FR",
        "fr",
        "fr",
        "Paris",
        "EUR",
        1.0,
        200,
        "33",
        "0",
        _p("60 61 62 64 65 66 67 68 73 74 75 76 77 78", 9),
        _p("14 15 16 18 22 23 24 32 38 44 47 49 55 56", 9),
        _mail("orange.fr", "free.fr", "laposte.net", "sfr.fr"),
        "SARL",
        46.6,
        2.4,
    ),
    Country(
        "ES",
        0.08,
        ("Spain", "España", "ESPAÑA"),
        ("es_ES",),
        "es_ES",
        "es",
        "es",
        "Madrid",
        "EUR",
        1.0,
        210,
        "34",
        "",
        _p("600 607 614 621 628 635 642 649 656 663 670 677 684 691 698 711 722", 9),
        _p("910 911 914 915 930 932 934 952 954 955 961 963 976 981 985", 9),
        _mail("hotmail.es", "yahoo.es", "telefonica.net"),
        "S.L.",
        40.2,
        -3.7,
    ),
    Country(
        "IT",
        0.08,
        ("Italy", "Italia", "ITALIA"),
        ("it_IT",),
        "it_IT",
        "it",
        "it",
        "Rome",
        "EUR",
        1.0,
        220,
        "39",
        "",
        _p("320 327 328 329 331 333 334 335 338 339 340 345 347 348 349 351 366 380 388 389", 10),
        _p("063 065 066 02 011 010 051 055 081 091 095 080 041 045", 10),
        _mail("libero.it", "virgilio.it", "alice.it", "tiscali.it"),
        "S.r.l.",
        42.8,
        12.6,
    ),
    Country(
        "NL",
        0.06,
        ("Netherlands", "Nederland", "The Netherlands"),
        ("nl_NL", "nl_BE"),
        "nl_NL",
        "nl",
        "nl",
        "Amsterdam",
        "EUR",
        1.0,
        210,
        "31",
        "0",
        _p("61 62 63 64 65 68", 9),
        _p("20 10 70 30 40 50 13 24 26 38 43 45 53 55 58 73 74 76 77 79", 9),
        _mail("ziggo.nl", "kpnmail.nl", "xs4all.nl", "hotmail.nl"),
        "B.V.",
        52.2,
        5.3,
    ),
    Country(
        "PL",
        0.05,
        ("Poland", "Polska", "POLSKA"),
        ("pl_PL",),
        "pl_PL",
        "pl",
        "pl",
        "Warsaw",
        "PLN",
        4.3,
        230,
        "48",
        "",
        _p("50 51 53 57 60 66 69 72 73 78 79 88", 9),
        _p("22 12 61 71 58 42 91 85 81 32 52 56 89", 9),
        _mail("wp.pl", "onet.pl", "interia.pl", "o2.pl"),
        "Sp. z o.o.",
        52.1,
        19.4,
    ),
    Country(
        "GR",
        0.035,
        ("Greece", "Ελλάδα", "Hellas"),
        ("el_GR",),
        "el_GR",
        "el",
        "el",
        "Athens",
        "EUR",
        1.0,
        240,
        "30",
        "",
        _p("690 693 694 695 697 698 699", 10),
        _p("210 231 2610 2410 2810 2310 2510 2651 2710", 10),
        _mail("otenet.gr", "yahoo.gr", "windowslive.com"),
        "Α.Ε.",
        39.0,
        22.0,
    ),
    Country(
        "UA",
        0.03,
        ("Ukraine", "Україна", "UKRAINE"),
        ("uk_UA",),
        "uk_UA",
        "uk",
        "uk",
        "Kyiv",
        "UAH",
        45.0,
        200,
        "380",
        "0",
        _p("39 50 63 66 67 68 73 91 92 93 94 95 96 97 98 99", 9),
        _p("44 32 48 56 57 61 43 41 47 52", 9),
        _mail("ukr.net", "i.ua", "meta.ua"),
        "ТОВ",
        49.0,
        31.0,
    ),
    Country(
        "BG",
        0.015,
        ("Bulgaria", "България", "BULGARIA"),
        ("bg_BG",),
        "bg_BG",
        "bg",
        "bg",
        "Sofia",
        "EUR",
        1.0,
        200,
        "359",
        "0",
        _p("87 88 89 878 888 898 988 989", 9),
        _p("2 32 52 56 42 62 82 64 34 54", 8),
        _mail("abv.bg", "mail.bg", "dir.bg"),
        "ЕООД",
        42.7,
        25.5,
    ),
)
