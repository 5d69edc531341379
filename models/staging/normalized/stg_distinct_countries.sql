{{ distinct_raw_values(['country']) }}
