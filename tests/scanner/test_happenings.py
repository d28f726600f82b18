import threading
from queue import Empty

import pytest

from scanner.happenings import Happenings


def test_whoever_draws_is_woken_once_for_many_things_and_again_when_all_were_taken():
    woken = []
    happened = Happenings(lambda: woken.append(1))
    for number in range(5):
        happened.put(lambda number=number: woken.append(f"shown {number}"))
    assert woken == [1]
    for _ in range(5):
        happened.get_nowait()()
    assert woken == [1, *(f"shown {number}" for number in range(5))]
    with pytest.raises(Empty):
        happened.get_nowait()
    happened.put(int)
    assert woken[-1] == 1


def test_nothing_told_by_many_threads_waits_without_a_wake():
    wakes = threading.Semaphore(0)
    happened = Happenings(wakes.release)
    shown = []

    def tell(start):
        for number in range(start, start + 300):
            happened.put(lambda number=number: shown.append(number))

    threads = [threading.Thread(target=tell, args=(start,)) for start in range(0, 1200, 300)]
    for thread in threads:
        thread.start()
    while len(shown) < 1200:
        # Without a wake for what is left this would wait in vain.
        assert wakes.acquire(timeout=20)
        while True:
            try:
                happened.get_nowait()()
            except Empty:
                break
    for thread in threads:
        thread.join()
    assert sorted(shown) == list(range(1200))
