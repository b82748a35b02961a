"""How much a refusal says."""

import pytest

from app.queries.refusals import Refused, refuse_unknown


@pytest.mark.parametrize(("known", "listed"), [(100, [100] * 20), (101, [101] + [0] * 19)])
def test_a_long_vocabulary_is_listed_once(known, listed):
    with pytest.raises(Refused) as refused:
        refuse_unknown("type", ["xen"] * 30, [f"type-{number:03}" for number in range(known)])

    assert [len(fault.allowed) for fault in refused.value.faults] == listed


def test_known_values_are_not_refused():
    refuse_unknown("type", ["hosted"], ["bare-metal", "hosted"])
