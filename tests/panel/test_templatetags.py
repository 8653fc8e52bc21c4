"""The tags that write the parts of a page."""

import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from zipfile import ZipFile

import lucide
import pytest
from django import forms
from django.template import Context, Template

from orders import enums
from panel import charts, icons


def draw(source: str, **context: Any) -> str:
    return Template("{% load halfpenny %}" + source).render(Context(context))


def test_money_is_written_by_filter_and_by_tag():
    assert draw("{{ x|money }}", x=Decimal("9.22")) == '<span class="m">$9.22<i>00</i></span>'
    assert "€9.22" in draw('{{ x|money:"EUR" }}', x=Decimal("9.22"))
    assert "+$9.22" in draw("{% money x sign=True %}", x=Decimal("9.22"))
    assert draw("{{ x|money_text }}", x=Decimal("9.22")) == "$9.2200"
    assert "$9.21<" in draw('{{ x|money2:"floor" }}', x=Decimal("9.219"))


def test_a_moment_carries_its_exact_time(time_machine):
    time_machine.move_to(datetime(2026, 11, 23, 14, 20, tzinfo=UTC), tick=False)
    moment = datetime(2026, 11, 23, 13, 49, tzinfo=UTC)
    html = draw("{{ x|ago }}", x=moment)
    assert 'datetime="2026-11-23T13:49:00+00:00"' in html
    assert 'title="Mon 23 Nov 2026, 13:49:00 UTC"' in html
    assert ">31 min ago<" in html
    assert ">13:49:00<" in draw("{{ x|clock }}", x=moment)
    assert ">23 Nov<" in draw("{{ x|day }}", x=moment)


@pytest.mark.parametrize("name", ["ago", "clock", "day", "money"])
def test_a_missing_value_is_a_dash(name: str):
    assert draw("{{ x|" + name + " }}", x=None) == '<span class="d">–</span>'


def test_every_order_status_has_a_coin_of_its_own():
    known = [icons.COINS[status] for status in enums.OrderStatus.values]
    looks = {(coin.tone, coin.shapes) for coin in known}
    assert len(looks) == len(known) - 1, "only refused and failed look alike"


@pytest.mark.parametrize(
    "words", [enums.SubmissionOutcome, enums.RefillStatus, enums.CancellationStatus]
)
def test_every_other_state_has_a_coin(words):
    assert set(words.values) <= set(icons.COINS)


def test_a_pill_says_its_state_in_coin_colour_and_word():
    html = draw('{% pill "held" "Held for funds" %}')
    assert html.startswith('<span class="pill box t-amber"><svg')
    assert html.endswith("Held for funds</span>")
    assert "box" not in draw('{% pill "held" box=False %}')
    assert "Something new" in draw('{% pill "something_new" %}')


def test_a_pill_escapes_its_label():
    assert "<script" not in draw("{% pill 'held' x %}", x="<script>")


def test_progress_stays_within_its_whole_and_says_so_in_words():
    html = draw('{% progress 3280 5000 "in_progress" "1,720 to go" %}')
    assert 'max="5000" value="3280">3,280 of 5,000</progress>' in html
    assert "t-accent" in html
    assert "<span>1,720 to go</span>" in html
    assert 'value="5000"' in draw('{% progress 7000 5000 "completed" %}')


def test_progress_of_an_unknown_whole_draws_no_bar():
    html = draw('{% progress x 5000 "partial" "remains unknown" %}', x=None)
    assert "<progress" not in html
    assert "remains unknown" in html


def test_a_split_draws_the_floor_and_names_its_shares():
    html = draw("{% split 6.8279 9.22 7.65 big=True %}")
    assert 'class="split l"' in html
    assert 'class="floor"' in html
    assert "margin 25.9" in html
    assert "Not known yet" in draw("{% split x 9 %}", x=None)


def test_an_icon_is_hidden_unless_it_has_a_label():
    assert 'aria-hidden="true"' in draw('{% icon "plus" 17 %}')
    assert 'width="17"' in draw('{% icon "plus" 17 %}')
    assert 'aria-label="up"' in draw('{% icon "arrow-up-right" 13 "up" %}')
    with pytest.raises(lucide.IconDoesNotExist):
        draw('{% icon "no-such-icon" %}')


def test_the_archive_of_icons_is_opened_once(monkeypatch):
    opened = []
    monkeypatch.setattr(icons, "ZipFile", lambda file: opened.append(1) or ZipFile(file))
    icons._archive.cache_clear()
    icons.icon.cache_clear()
    assert icons.icon("plus") != icons.icon("minus")
    assert opened == [1]


def test_a_label_is_text_and_not_markup():
    assert 'aria-label="&lt;b&gt; &quot;up&quot;"' in icons.icon("plus", 16, '<b> "up"')


def test_a_chart_comes_with_the_table_that_holds_the_truth():
    days = [charts.Day(str(n), f"{n} May", Decimal(n), Decimal("0.5")) for n in (1, 2, 3)]
    for tag in ("line_chart", "bar_chart"):
        html = draw("{% " + tag + ' days "By day." %}', days=days)
        assert html.count("<tr data-x=") == 3
        assert '<th scope="row">2 May</th>' in html
        assert 'role="img"' in html


class SampleForm(forms.Form):
    quantity = forms.IntegerField(help_text="In steps of 10.", min_value=100)
    every = forms.IntegerField()
    again = forms.BooleanField(required=False)
    kind = forms.ChoiceField(choices=[("a", "A"), ("b", "B")], widget=forms.RadioSelect)
    token = forms.CharField(widget=forms.HiddenInput)


def test_a_field_ties_its_hint_and_error_to_the_input():
    html = draw("{% field f.quantity limits='100 to 50,000' %}", f=SampleForm({"quantity": "60"}))
    ids = re.search(r'aria-describedby="([^"]+)"', html)
    assert ids is not None
    for name in ids[1].split():
        assert f'id="{name}"' in html
    assert 'aria-invalid="true"' in html
    assert 'class="in"' in html
    assert "<em>100 to 50,000</em>" in html
    assert 'value="60"' in html, "what was typed stays"


def test_a_field_takes_an_affix_and_attributes_for_htmx():
    html = draw("{% field f.every affix='minutes' hx_get='/q' %}", f=SampleForm())
    assert "<span>minutes</span>" in html
    assert 'hx-get="/q"' in html


def test_a_field_reads_its_options_from_the_form_field():
    form = SampleForm()
    form.fields["every"].limits = "1 to 9"  # type: ignore[attr-defined]
    assert "<em>1 to 9</em>" in draw("{% field f.every %}", f=form)


def test_each_shape_of_field_is_native():
    form = SampleForm()
    assert 'type="checkbox"' in draw("{% field f.again %}", f=form)
    assert 'role="switch"' in draw("{% field f.again kind='switch' %}", f=form)
    radios = draw("{% field f.kind %}", f=form)
    assert radios.count('type="radio"') == 2
    assert "<fieldset" in radios
    assert "<label" not in draw("{% field f.token %}", f=form)


def test_form_errors_are_announced_and_absent_when_there_are_none():
    form = SampleForm({})
    assert draw("{% form_errors f %}", f=form) == ""
    form.add_error(None, "Busy for a moment.")
    assert 'role="alert"' in draw("{% form_errors f %}", f=form)


def test_notes_and_empty_places_link_to_what_to_do():
    html = draw('{% note "amber" "info" "Title" "Text" "/x" "Look" %}')
    assert '<a class="link" href="/x">Look</a>' in html
    html = draw('{% empty_state "search-x" "Nothing" "Why" "/y" "Clear" %}')
    assert 'href="/y">Clear</a>' in html


def test_a_hint_of_the_tag_replaces_the_help_text_and_stays_tied():
    html = draw("{% field f.every hint='Minutes between runs.' %}", f=SampleForm())
    assert '<span class="hint" id="id_every_helptext">Minutes between runs.</span>' in html
    assert 'aria-describedby="id_every_helptext"' in html
    bare = draw("{% field f.quantity hint='' %}", f=SampleForm())
    assert "In steps of 10." not in bare
    assert "aria-describedby" not in bare


class SecretForm(forms.Form):
    key = forms.CharField(widget=forms.PasswordInput, help_text="Kept encrypted.")
    factor = forms.IntegerField()


def test_a_secret_that_does_not_come_back_says_so():
    again = "Type this once more"
    html = draw("{% field f.key %}", f=SecretForm({"key": "sesame-key", "factor": "x"}))
    assert again in html
    assert "sesame-key" not in html
    assert again not in draw("{% field f.key %}", f=SecretForm())
    assert again not in draw("{% field f.key %}", f=SecretForm({"key": "", "factor": "x"}))
    assert again not in draw("{% field f.key %}", f=SecretForm({"key": "sesame-key", "factor": 1}))
    assert again not in draw("{% field f.factor %}", f=SecretForm({"key": "", "factor": 1}))
