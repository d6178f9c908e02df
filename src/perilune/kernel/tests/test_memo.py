"""The memory of one request."""

from perilune.kernel.memo import forget, remember, remembering


def test_nothing_is_kept_outside_of_a_request() -> None:
    assert [remember("n", lambda i=i: i) for i in (1, 2)] == [1, 2]


def test_within_a_request_a_thing_is_computed_once_until_something_is_written() -> None:
    with remembering():
        assert [remember("n", lambda i=i: i) for i in (1, 2)] == [1, 1]
        forget()
        assert remember("n", lambda: 3) == 3
    assert remember("n", lambda: 4) == 4
