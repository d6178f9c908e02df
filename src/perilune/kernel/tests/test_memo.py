"""The memory of one request."""

from functools import partial

from perilune.kernel.memo import forget, remember, remembering


def test_nothing_is_kept_outside_of_a_request() -> None:
    assert [remember("n", partial(int, text)) for text in "12"] == [1, 2]


def test_within_a_request_a_thing_is_computed_once_until_something_is_written() -> None:
    with remembering():
        assert [remember("n", partial(int, text)) for text in "12"] == [1, 1]
        forget()
        assert remember("n", lambda: 3) == 3
    assert remember("n", lambda: 4) == 4


def test_a_block_within_another_shares_its_memory_and_leaves_it_standing() -> None:
    with remembering():
        assert remember("n", lambda: 1) == 1
        with remembering():
            assert remember("n", lambda: 2) == 1
        assert remember("n", lambda: 3) == 1
