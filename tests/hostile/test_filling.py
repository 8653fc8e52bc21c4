"""What the filling of forms reads from pages, sends, and finds to be lost."""

from random import Random

from tests.hostile.filling import Form, fields_in, filled, forms_on, lost

PAGE = """
<form action="/search/"><input name="q" value="a"></form>
<form method="post" id="sale">
  <input type="hidden" name="csrfmiddlewaretoken" value="c">
  <input type="hidden" name="token" value="t">
  <input name="name" value="{name}">
  <textarea name="note">
{note}</textarea>
  <input type="password" name="secret" value="">
  <select name="kind"><option value="a">A</option><option value="b" selected>B</option></select>
  <label><input type="checkbox" name="on" checked></label><input name="fixed" disabled>
</form>
<input form="sale" name="amount" value="1,5">
"""


def the_form(name: str = "Ida", note: str = "One\nTwo") -> Form:
    (form,) = forms_on(PAGE.format(name=name, note=note), "/staff/a/?b=1")
    return form


def test_a_form_is_what_a_browser_sends() -> None:
    form = the_form()
    assert form.url == "/staff/a/?b=1"
    assert form.names == ("amount", "kind", "name", "note", "on", "secret", "token")
    sent = {one.name: one.values() for one in form.fields}
    assert sent["kind"] == ["b"] and sent["on"] == ["on"] and sent["note"] == ["One\nTwo"]
    assert [one.name for one in form.texts] == ["name", "note", "amount"]


def test_only_what_can_be_typed_into_is_typed_into() -> None:
    for seed in range(50):
        said = filled(the_form(), Random(seed), ["x\ny\x00"])
        assert said["token"] == ["t"]
        assert said["name"][0] in ("Ida", "xy")
        assert said["note"][0] in ("One\nTwo", "x\r\ny")


def test_what_a_page_does_not_show_again_is_lost() -> None:
    said = {"name": ["Bo"], "note": ["a\r\nb"], "amount": ["1,5"], "secret": ["s"]}
    held = fields_in(PAGE.format(name="Bo", note="a\nb"))
    assert not lost(the_form(), said, held)
    cut = fields_in(PAGE.format(name="", note="a"))
    assert lost(the_form(), said, cut) == {"name": ["Bo"], "note": ["a\r\nb"]}
    assert lost(the_form(), {"name": [""], "note": ["a"]}, []) == {"note": ["a"]}
