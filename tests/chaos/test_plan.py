"""The seed decides everything: orders, trouble, and who is disturbed when."""

from itertools import pairwise

from tests.chaos import plan, wants
from tests.chaos.payments import COURSES


def test_a_seed_draws_the_same_plan_again_and_another_seed_another_one() -> None:
    assert plan.draw(7, 50, 2) == plan.draw(7, 50, 2)
    assert plan.draw(7, 50, 2).acts != plan.draw(8, 50, 2).acts
    assert plan.draw(7, 50, 2).wishes != plan.draw(8, 50, 2).wishes
    assert plan.draw(7, 50, 2).errands != plan.draw(8, 50, 2).errands


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


def test_even_a_short_run_moves_money_in_every_way_with_a_token_of_its_own() -> None:
    errands = plan.draw(7, 10, 0.5).errands
    assert {errand.kind for errand in errands} == plan.ERRANDS.keys()
    assert len({errand.token for errand in errands}) == len(errands)


def test_programs_place_a_share_some_of_it_for_a_client_who_is_short_of_money() -> None:
    wishes = plan.draw(7, 500, 1).wishes
    mine = [wish for wish in wishes if wish.by_program]
    assert 120 < len(mine) < 230
    assert 15 < sum(wish.client == plan.POOR for wish in mine) < 70
    assert not any(wish.cash for wish in mine), "no program hands over cash"
    assert all(wish.client != plan.POOR and not wish.another_body for wish in wishes
               if not wish.by_program)  # fmt: skip


def test_even_a_short_run_pays_in_in_every_way_with_a_form_of_its_own() -> None:
    deposits = plan.draw(7, 10, 0.5).deposits
    assert {(one.way, one.course) for one in deposits} == COURSES.keys()
    assert len({one.key for one in deposits}) == len(deposits)
    assert deposits == plan.draw(7, 10, 0.5).deposits != plan.draw(8, 10, 0.5).deposits


def test_news_come_in_any_order_and_several_times() -> None:
    told = [one.news for one in plan.draw(7, 2000, 1).deposits if one.course == "paid"]
    assert {news.index("open") for news in told} == {0, 1, 2, 3}
    assert {news.count("paid") for news in told} == {1, 2, 3}


def test_a_submission_is_decided_the_same_whenever_it_is_looked_at() -> None:
    drawn = [plan.decision(7, f"link-{number}", 1) for number in range(200)]
    assert drawn == [plan.decision(7, f"link-{number}", 1) for number in range(200)]
    assert 30 < sum(one.errs for one in drawn) < 90


def test_a_share_of_the_plain_orders_comes_in_runs_that_every_limit_allows() -> None:
    wishes = plan.draw(7, 500, 1).wishes
    in_runs = [wish for wish in wishes if wish.runs]
    assert 60 < len(in_runs) < 140
    assert {wish.service for wish in in_runs} == set(plan.PLAIN)
    assert {wish.runs for wish in in_runs} == set(plan.RUNS)
    assert all(wish.quantity >= 100 and wish.billed <= 500 for wish in in_runs)
    assert all(wish.interval for wish in in_runs)
    assert all(wish.billed == wish.quantity for wish in wishes if not wish.children)


def test_a_share_are_subscriptions_that_end_each_to_a_username_of_its_own() -> None:
    wishes = plan.draw(7, 500, 1).wishes
    followed = [wish for wish in wishes if wish.posts]
    assert 60 < len(followed) < 140
    assert {wish.service for wish in followed} == {plan.SUBSCRIBED}
    assert {(wish.least, wish.quantity) for wish in followed} == set(plan.BETWEEN)
    assert {wish.old_posts for wish in followed} == set(plan.OLD_POSTS)
    for wish in followed:
        fields = wants.typed(wish)
        assert wish.billed == int(fields["max"]) * (wish.posts + wish.old_posts)
        assert wants.target_in(fields) == fields["username"] == wish.link
        assert "link" not in fields


def test_most_lost_answers_are_left_to_a_repeat_where_there_is_one() -> None:
    drawn = [plan.decision(7, f"link-{number}", 1) for number in range(200)]
    assert 120 < sum(one.waits for one in drawn) < 180
