-- Without a rate for the reporting currency no money could be added up.
select '{{ var("reporting_currency") }}' as reporting_currency
where '{{ var("reporting_currency") }}' not in (select currency from {{ ref('currency_rates') }})
