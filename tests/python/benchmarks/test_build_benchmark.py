"""The measuring of builds shares seconds out so that layers add up, and knows every layer."""

from __future__ import annotations

from benchmarks.build import READING, Meter, layer_of, rendered


def test_seconds_of_models_that_run_together_are_shared_out() -> None:
    now, used = [0.0], [10.0]
    meter = Meter(clock=lambda: now[0], memory=lambda: used[0])
    meter.tick()
    now[0] = 1.0
    meter.started("a", "staging")
    now[0] = 3.0
    meter.started("b", "identity")
    now[0], used[0] = 7.0, 50.0
    meter.finished("a")
    now[0], used[0] = 8.0, 20.0
    meter.finished("b")
    now[0] = 8.5
    meter.tick()
    assert meter.seconds == {READING: 1.5, "staging": 4.0, "identity": 3.0}
    assert sum(meter.seconds.values()) == now[0]
    assert (meter.peak_mib["staging"], meter.peak_mib["identity"], meter.peak_mib[READING]) == (50.0, 50.0, 20.0)


def test_layers_are_the_folders_of_models() -> None:
    assert layer_of("model", "staging/pos/stg_pos__stores.sql") == "staging"
    assert layer_of("model", "identity/identity_run.sql") == "identity"
    assert layer_of("model", "marts/consent/consent_status.sql") == "consent"
    assert layer_of("model", "marts/activation/activation_crm_state.sql") == "activation"
    assert layer_of("model", "marts/behavior/events.sql") == layer_of("model", "semantic/days.sql") == "marts"
    assert layer_of("test", "not_null_x.sql") == "tests"
    assert layer_of("operation", "x") == READING


def test_table_tells_the_share_of_the_increment() -> None:
    full = {"layers": {"staging": {"seconds": 8.0, "peak_mib": 9.0}}, "seconds": 8.0, "peak_mib": 9.0, "slowest": []}
    day = {"layers": {"staging": {"seconds": 1.0, "peak_mib": 5.0}}, "seconds": 1.0, "peak_mib": 5.0, "slowest": []}
    lines = rendered("9 people", {"full build": full, "one day more": day}).splitlines()
    assert lines[0] == "9 people"
    assert lines[3].split() == ["staging", "8.0", "s", "9", "MiB", "1.0", "s", "5", "MiB", "12.5%"]
    assert lines[4].split()[0] == "all"
