"""Company names and web sites as match keys."""

from __future__ import annotations

import pytest

from python_udfs.normalize.batches import junk_by_kind
from python_udfs.normalize.companies import company_domain, company_key

JUNK = junk_by_kind([("any", "n/a"), ("name", "test"), ("email_domain", "example.com")])


@pytest.mark.parametrize(
    ("names", "key"),
    [
        (("Müller Bau GmbH", "MÜLLER BAU G.m.b.H.", "Müller Bau GmbH & Co. KG", "müller  bau"), "muller bau"),
        (("Smith & Sons Co. Ltd", "SMITH AND SONS LIMITED", "Smith Sons"), "smith sons"),
        (("Foo Sp. z o.o.", "Foo sp. z o. o.", "FOO Spółka z o.o."), "foo"),
        (("SARL Dupont", "Dupont S.A.R.L.", "S. A. R. L. Dupont"), "dupont"),
        (("ТОВ Ромашка", "Romashka TOV"), "romashka"),
        (("株式会社トヨタ", "トヨタ株式会社", "Toyota Co., Ltd."), "toyota"),
        (("A. B. Consulting Oy", "A.B. Consulting"), "ab consulting"),
        (("O'Neill Inc", "O’Neill, Inc."), "oneill"),
        (("GmbH",), "gmbh"),
        (("Acme UK Ltd",), "acme uk"),
        (("n/a", " TEST ", "---", ""), None),
    ],
)
def test_spellings_of_one_name_share_a_key(names: tuple[str, ...], key: str | None) -> None:
    assert {company_key(name, JUNK) for name in names} == {key}


@pytest.mark.parametrize(
    ("website", "domain"),
    [
        ("https://www.Acme.co.uk/x?y=a.b", ("acme.co.uk", "acme")),
        ("HTTP://shop.acme.de:8080/", ("acme.de", "acme")),
        ("info@acme.fr", ("acme.fr", "acme")),
        ("acme.github.io", ("acme.github.io", "acme")),
        ("n/a", (None, None)),
        ("localhost", (None, None)),
        ("192.168.0.1", (None, None)),
        ("example.com", (None, None)),
        ("", (None, None)),
    ],
)
def test_domain_is_what_a_company_registers(website: str, domain: tuple[str | None, str | None]) -> None:
    assert company_domain(website, JUNK) == domain
