"""A year of a real shop, to the penny: half a million invoice lines as orders, as refunds, and as plainer exports.

Data: Online Retail II (UCI, CC BY 4.0). Invoices that start with C are returns, those with A corrections of bad debt.
Skipped where the data is not at hand.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.python.acceptance.bench import (
    NO_COLUMN_TESTS,
    NO_UNIT_TESTS,
    SHARED_DATA,
    SOURCES,
    Bench,
    Run,
    check_accounting,
    check_people,
    disabled,
)

RETAIL = SHARED_DATA / "online_retail" / "online_retail_II_2009_2010.parquet"
VARIABLES = {**disabled(*(source for source in SOURCES if source != "shopify")), "reporting_currency": "GBP"}
Rows = Callable[[str], list[tuple[Any, ...]]]

pytestmark = pytest.mark.skipif(
    not RETAIL.is_file(), reason=f"no Online Retail data in {RETAIL} (set KINDRED_SHARED_DATA)"
)

# The shop's own invoices, independent of anything the project computes.
INVOICES = """
create view lines as
select
    file_row_number + 1 as id,
    "Invoice" as invoice,
    case left("Invoice", 1) when 'C' then 1000000000 when 'A' then 2000000000 else 0 end
        + cast(ltrim("Invoice", 'AC') as bigint) as order_id,
    left("Invoice", 1) = 'C' as is_return,
    "StockCode" as sku,
    "Description" as title,
    "Quantity" as quantity,
    "Price" as price,
    "Quantity" * cast("Price" as decimal(18, 4)) as amount,
    cast("InvoiceDate" as timestamp) as invoiced_at,
    cast("Customer ID" as bigint) as customer_id,
    "Country" as country
from read_parquet('{path}', file_row_number = true);

create table invoices as
select
    order_id,
    any_value(invoice) as invoice,
    any_value(is_return) as is_return,
    any_value(customer_id) as customer_id,
    min(invoiced_at) as invoiced_at,
    round(sum(amount), 2) as total,
    sum(quantity) as units
from lines
group by order_id;
"""
ORDERS = """
select order_id as id, customer_id, invoice as name, 'GBP' as currency, total as total_price,
    invoiced_at as created_at, invoiced_at as updated_at
from invoices
"""
LINES = "select id, order_id, sku, title, price, quantity from lines"
CUSTOMERS = """
select customer_id as id, min(invoiced_at) as created_at, max(invoiced_at) as updated_at
from lines where customer_id is not null group by customer_id
"""
ADDRESSES = """
select customer_id as id, customer_id, true as is_default, max_by(country, invoiced_at) as country
from lines where customer_id is not null group by customer_id
"""
REFUNDS = """
select order_id as id, cast(null as bigint) as order_id, invoiced_at as created_at, invoiced_at as processed_at
from invoices where is_return
"""
# A refund names neither the order nor its line: the shop does not know which sale was returned.
REFUND_LINES = """
select id, order_id as refund_id, cast(null as bigint) as order_line_id, -quantity as quantity, -amount as subtotal
from lines where is_return
"""


@pytest.fixture(scope="module")
def shop() -> Rows:
    """Queries on the shop's own invoices."""
    connection = duckdb.connect()
    connection.execute(INVOICES.format(path=RETAIL))

    def rows(query: str) -> list[tuple[Any, ...]]:
        found: list[tuple[Any, ...]] = connection.execute(query).fetchall()
        return found

    return rows


def land(shop: Rows, raw: Path, extension: str = "parquet", **tables: str) -> Path:
    """Write raw Shopify tables from queries on the invoices."""
    (raw / "shopify").mkdir(parents=True)
    for table, query in tables.items():
        shop(f"copy ({query}) to '{raw / 'shopify' / table}.{extension}'")
    return raw


@pytest.fixture(scope="module")
def as_orders(bench: Bench, shop: Rows, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Returns are orders of a negative amount."""
    folder = tmp_path_factory.mktemp("returns_as_orders")
    raw = land(
        shop,
        folder / "raw",
        customer=CUSTOMERS,
        customer_address=ADDRESSES,
        order=ORDERS,
        order_line=LINES,
    )
    return bench.build(raw, folder / "kindred.duckdb", *NO_UNIT_TESTS, variables=VARIABLES)


@pytest.fixture(scope="module")
def as_refunds(bench: Bench, shop: Rows, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Returns are refunds of an unknown order."""
    folder = tmp_path_factory.mktemp("returns_as_refunds")
    raw = land(
        shop,
        folder / "raw",
        customer=CUSTOMERS,
        order=f"{ORDERS} where not is_return",
        order_line=f"{LINES} where not is_return",
        refund=REFUNDS,
        order_line_refund=REFUND_LINES,
    )
    return bench.build(raw, folder / "kindred.duckdb", *NO_COLUMN_TESTS, variables=VARIABLES)


@pytest.fixture(scope="module")
def plain_export(bench: Bench, shop: Rows, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """CSV from a spreadsheet: no totals, no customer table, customer numbers written as 13085.0."""
    folder = tmp_path_factory.mktemp("plain_export")
    raw = land(
        shop,
        folder / "raw",
        extension="csv",
        order="select * exclude (total_price) replace (cast(customer_id as varchar) || '.0' as customer_id) "
        f"from ({ORDERS})",
        order_line=LINES,
    )
    return bench.build(raw, folder / "kindred.duckdb", *NO_COLUMN_TESTS, variables=VARIABLES)


BUILDS = ("as_orders", "as_refunds", "plain_export")


def counted_in(build: str) -> str:
    """Which invoices are orders of a build; a refund of an unknown order is no order and nobody's."""
    return "not is_return" if build == "as_refunds" else "true"


@pytest.fixture(params=BUILDS)
def any_build(request: pytest.FixtureRequest) -> Run:
    run: Run = request.getfixturevalue(request.param)
    return run


def test_revenue_equals_the_invoices_to_the_penny(any_build: Run, shop: Rows) -> None:
    assert any_build.value("select sum(net_amount) from marts.orders") == shop("select sum(total) from invoices")[0][0]


def test_invoices_are_rounded_once(shop: Rows) -> None:
    # 14 lines of a tenth of a penny are all that the invoices' own totals differ by from the lines.
    exact, rounded, mills = shop(
        "select (select sum(amount) from lines), (select sum(total) from invoices),"
        " (select count(*) from lines where round(price, 2) <> price)"
    )[0]
    assert abs(exact - rounded) <= Decimal("0.005") * mills
    assert rounded == Decimal("9539484.62")


def test_sales_and_returns_are_told_apart(as_orders: Run, as_refunds: Run, plain_export: Run, shop: Rows) -> None:
    by_kind = "select order_kind, count(*), sum(net_amount) from marts.orders group by all order by all"
    expected = shop(
        "select case when total < 0 then 'return' else 'sale' end as order_kind, count(*), sum(total)"
        " from invoices group by all order by all"
    )
    assert as_orders.rows(by_kind) == expected
    assert plain_export.rows(by_kind) == expected
    refunds = "select count(*), sum(refunded_amount) from marts.orders where order_kind = 'refund'"
    assert as_refunds.rows(refunds) == shop("select count(*), -sum(total) from invoices where is_return")


@pytest.mark.parametrize("build", BUILDS)
def test_sales_without_customer_are_kept(build: str, request: pytest.FixtureRequest, shop: Rows) -> None:
    run: Run = request.getfixturevalue(build)
    query = "select count(*), sum({amount}), sum(units) from {orders} where customer_id is null and {sales}"
    found = run.rows(query.format(amount="net_amount", orders="marts.orders", sales="order_kind = 'sale'"))
    sales = f"total >= 0 and {counted_in(build)}"
    assert found == shop(query.format(amount="total", orders="invoices", sales=sales))
    assert found[0][0] > 3_000


def test_units_of_all_lines_arrive(as_orders: Run, plain_export: Run, shop: Rows) -> None:
    expected = shop("select count(*), sum(quantity) from lines")
    for run in (as_orders, plain_export):
        assert run.rows("select sum(line_count), sum(units) from marts.orders") == expected


def test_every_buyer_is_a_customer(any_build: Run, shop: Rows) -> None:
    check_accounting(any_build)
    check_people(any_build)
    expected = shop("select count(distinct customer_id) from lines")
    assert any_build.rows("select count(*) from marts.customers") == expected


@pytest.mark.parametrize("build", BUILDS)
def test_revenue_per_customer_equals_the_invoices(build: str, request: pytest.FixtureRequest, shop: Rows) -> None:
    run: Run = request.getfixturevalue(build)
    counted = counted_in(build)
    expected = shop(
        f"select customer_id, coalesce(sum(total) filter ({counted}), 0), count(*) filter (total >= 0 and {counted})"
        " from invoices where customer_id is not null group by customer_id order by customer_id"
    )
    found = run.rows(
        """
        select cast(split_part(ids.record_id, ':', 3) as bigint) as id, customers.net_revenue, customers.order_count
        from marts.customers
        inner join identity.customer_ids as ids on customers.customer_id = ids.customer_id
        where ids.record_id like 'shopify:customer:%'
        order by id
        """
    )
    assert len(found) > 4_000
    assert found == expected


def test_every_customer_who_bought_has_an_rfm_segment(any_build: Run) -> None:
    assert (
        any_build.value("select count(*) from marts.customers where (order_count > 0) <> (rfm_segment is not null)")
        == 0
    )
    assert (
        any_build.value(
            """
        select count(*) from marts.orders
        inner join marts.customers on orders.customer_id = customers.customer_id
        where orders.order_kind = 'sale' and customers.rfm_segment is null
        """
        )
        == 0
    )


def test_no_rfm_group_is_empty(any_build: Run) -> None:
    groups = any_build.rows(
        """
        select rfm_groups.rfm_segment, count(customers.customer_id)
        from (select distinct rfm_segment from reference.rfm_groups) as rfm_groups
        left join marts.customers on rfm_groups.rfm_segment = customers.rfm_segment
        group by all
        """
    )
    assert len(groups) >= 8
    assert [group for group, members in groups if members == 0] == []


def test_champions_outspend_the_hibernating(as_orders: Run) -> None:
    mean = dict(as_orders.rows("select rfm_segment, avg(net_revenue) from marts.customers group by all"))
    assert mean["champion"] > 5 * mean["hibernating"]


def test_countries_of_the_shop_are_understood(as_orders: Run, shop: Rows) -> None:
    known = dict(as_orders.rows("select country, count(*) from marts.customers group by all"))
    assert (
        known["GB"]
        == shop(
            "select count(*) from (select customer_id, max_by(country, invoiced_at) as country from lines"
            " where customer_id is not null group by all) where country = 'United Kingdom'"
        )[0][0]
    )
    # "Unspecified" and regions that are no country are reported, not guessed.
    unknown = as_orders.value("select count(*) from marts.customers where country is null")
    reported = as_orders.value(
        "select sum(value_count) from governance.rejected_values"
        " where table_name = 'customer_address' and column_name = 'country' and reason <> 'column missing'"
    )
    assert unknown == reported
