"""The seed decides everything: orders, trouble, and who is disturbed when."""

from itertools import pairwise

from tests.chaos import plan


def test_a_seed_draws_the_same_plan_again_and_another_seed_another_one() -> None:
    assert plan.draw(7, 50, 2) == plan.draw(7, 50, 2)
    assert plan.draw(7, 50, 2).acts != plan.draw(8, 50, 2).acts
    assert plan.draw(7, 50, 2).wishes != plan.draw(8, 50, 2).wishes


def test_an_order_is_the_same_however_many_others_there_are() -> None:
    few, many = plan.draw(7, 10, 1).wishes, plan.draw(7, 500, 1).wishes
    alike = [(wish.link, wish.service, wish.quantity, wish.repeats) for wish in few]
    assert alike == [(w.link, w.service, w.quantity, w.repeats) for w in many[:10]]


def test_no_two_orders_share_a_link_or_a_key() -> None:
    wishes = plan.draw(7, 500, 1).wishes
    assert len({wish.link for wish in wishes}) == len({wish.key for wish in wishes}) == 500


def test_even_a_short_run_has_every_kind_of_trouble_on_our_side() -> None:
    names = {act.name for act in plan.draw(7, 10, 0.5).acts}
    assert plan.OURS.keys() <= names


def test_a_provider_has_one_spell_at_a_time() -> None:
    acts = [act for act in plan.draw(7, 10, 20).acts if act.name in plan.SPELLS]
    assert {act.name for act in acts} == plan.SPELLS.keys()
    for target in range(plan.UPSTREAMS):
        mine = [act for act in acts if act.target == target]
        assert len(mine) > 10
        assert all(one.at + one.seconds < other.at for one, other in pairwise(mine))
