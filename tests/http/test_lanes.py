"""Requests spread over small pools, and pools that nobody needs any more are closed."""

from __future__ import annotations

import threading

from astra.http._async.lanes import AsyncLanes
from astra.http._sync.lanes import IDLE, MOST, WIDTH, Lanes


class Pool:
    def __init__(self) -> None:
        self.closed = 0

    def close(self) -> None:
        self.closed += 1


class AsyncPool(Pool):
    async def aclose(self) -> None:
        self.close()


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_a_client_that_sends_one_request_at_a_time_has_one_pool() -> None:
    made: list[Pool] = []
    lanes = Lanes(lambda: made.append(Pool()) or made[-1])
    for _ in range(100):
        lanes.give_back(lanes.take())
    assert len(made) == 1


def test_requests_in_flight_share_pools_of_a_few_connections() -> None:
    lanes = Lanes(Pool)
    taken = [lanes.take() for _ in range(50)]
    assert len(lanes) == -(-50 // WIDTH)
    assert max(lane.busy for lane in taken) == WIDTH


def test_more_requests_than_connections_queue_evenly() -> None:
    lanes = Lanes(Pool)
    taken = [lanes.take() for _ in range(MOST * (WIDTH + 2))]
    assert len(lanes) == MOST
    assert {lane.busy for lane in taken} == {WIDTH + 2}


def test_pools_of_a_burst_are_closed_when_it_is_over_for_a_while() -> None:
    clock, made = Clock(), list[Pool]()
    lanes = Lanes(lambda: made.append(Pool()) or made[-1], clock=clock)
    for lane in [lanes.take() for _ in range(3 * WIDTH)]:
        lanes.give_back(lane)
    assert len(lanes) == 3
    clock.now += IDLE / 2
    lanes.give_back(lanes.take())
    assert [pool.closed for pool in made] == [0, 0, 0]
    clock.now += IDLE
    lanes.give_back(lanes.take())
    lanes.give_back(lanes.take())
    lanes.give_back(lanes.take())
    assert [pool.closed for pool in made] == [0, 1, 1]


def test_threads_leave_the_count_right() -> None:
    lanes, barrier = Lanes(Pool), threading.Barrier(8)

    def work() -> None:
        barrier.wait()
        for _ in range(2_000):
            lanes.give_back(lanes.take())

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert lanes.take().busy == 1


async def test_closing_closes_every_pool() -> None:
    made: list[AsyncPool] = []
    lanes = AsyncLanes(lambda: made.append(AsyncPool()) or made[-1])
    for _ in range(2 * WIDTH):
        lanes.take()
    await lanes.aclose()
    assert [pool.closed for pool in made] == [1, 1]
