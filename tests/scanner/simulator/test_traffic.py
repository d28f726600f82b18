import pytest

from scanner.drivers import DRIVERS
from scanner.errors import UnknownDriverError
from scanner.simulator.traffic import Chatter, frames


def test_every_driver_has_traffic_and_the_same_seed_makes_the_same():
    for name in set(DRIVERS) - {"auto"}:
        assert len(frames(name, 3, seed=1)) == 3
        assert frames(name, 3, seed=1) == frames(name, 3, seed=1) != frames(name, 3, seed=2)


def test_traffic_of_an_unknown_reader_is_refused():
    with pytest.raises(UnknownDriverError, match="nonsense"):
        frames("nonsense", 1)


def test_a_chatter_says_each_frame_once_at_its_interval():
    chatter = Chatter([b"one", b"two"], interval=2.0)
    chatter.connected(10.0)
    assert chatter.output(10.1) == []
    assert chatter.output(10.3) == [b"one"]
    assert chatter.output(12.2) == []
    assert not chatter.finished
    assert chatter.output(12.4) == [b"two"]
    assert chatter.finished
    assert chatter.output(20.0) == []
