"""Trades in other orders: hand-worked values, and what holds for every draw."""

from __future__ import annotations

import numpy as np
import pytest

from engine.core.metrics.resampling import (
    blocks,
    in_chunks,
    played,
    points_of,
    shuffles,
    trade_returns,
    usual_block,
)


def test_a_trade_is_a_share_of_the_equity_before_it() -> None:
    returns = trade_returns(np.array([10, -55, 11, 0]), 100)
    assert returns.tolist() == [0.1, -0.5, 0.2, 0.0]
    assert trade_returns(np.array([], np.int64), 100).tolist() == []


def test_nothing_is_earned_on_equity_that_is_gone() -> None:
    assert trade_returns(np.array([-100, 50, 7]), 100).tolist() == [-1.0, 0.0, 0.0]
    assert trade_returns(np.array([-130, 50, 7]), 100).tolist() == [-1.3, 0.0, 0.0]


def test_a_run_compounds_and_remembers_its_deepest_fall() -> None:
    returns, places = np.array([0.1, -0.5, 0.2]), np.array([[0, 1, 2], [1, 2, 0], [2, 2, 2]])
    percent, falls = played(returns, places, np.array([0, 1, 3]))
    expected = [[0, 10, -34], [0, -50, -34], [0, 20, 72.8]]
    assert percent == pytest.approx(np.array(expected))
    assert falls == pytest.approx([50, 50, 0])


def test_more_than_everything_cannot_be_lost() -> None:
    percent, falls = played(np.array([-1.3, 0.5]), np.array([[0, 1]]), np.array([0, 1, 2]))
    assert percent.tolist() == [[0, -100, -100]]
    assert falls.tolist() == [100]


def test_a_shuffle_has_every_trade_once_and_a_seed_decides_the_order() -> None:
    drawn = shuffles(7, 50, np.random.default_rng(3))
    assert (np.sort(drawn, axis=1) == np.arange(7)).all()
    assert len(np.unique(drawn, axis=0)) > 40
    assert (drawn == shuffles(7, 50, np.random.default_rng(3))).all()


def test_blocks_keep_neighbours_together_on_a_circle() -> None:
    drawn = blocks(7, 200, 3, np.random.default_rng(3))
    assert drawn.shape == (200, 7)
    inside = (drawn[:, [1, 2, 4, 5]] - drawn[:, [0, 1, 3, 4]]) % 7
    assert (inside == 1).all()
    often = np.bincount(drawn.ravel(), minlength=7)
    assert often.min() > 150  # 200 each, if all are drawn alike


def test_how_long_a_block_and_how_many_points() -> None:
    assert [usual_block(count) for count in (0, 1, 8, 100, 1000)] == [1, 1, 2, 5, 10]
    assert points_of(3).tolist() == [0, 1, 2, 3]
    many = points_of(10_000)
    assert (len(many), many[0], many[-1]) == (200, 0, 10_000)


def test_chunks_come_to_all_runs() -> None:
    assert list(in_chunks(10, 4, 12)) == [3, 3, 3, 1]
    assert list(in_chunks(5, 100, 12)) == [1] * 5
