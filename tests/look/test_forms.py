"""Every form is right by default."""

import re
from datetime import date, datetime

import pytest
from django import forms
from django.contrib.admin.widgets import AdminDateWidget


class Example(forms.Form):
    site = forms.CharField(
        label="Website", help_text="Any page of it.", error_messages={"required": "Enter the website"}
    )
    note = forms.CharField(label="Note", required=False)
    kind = forms.ChoiceField(label="Kind", choices=[("a", "A"), ("b", "B")], widget=forms.RadioSelect)
    day = forms.DateField(label="Day", required=False)
    call = forms.DateTimeField(label="Call", required=False)
    sure = forms.BooleanField(label="I am sure", required=False)
    sum = forms.DecimalField(label="Sum", required=False)
    key = forms.CharField(widget=forms.HiddenInput, required=False)


@pytest.fixture
def wrong() -> Example:
    form = Example({})
    form.is_valid()
    return form


def html(form: forms.Form, name: str) -> str:
    return form[name].as_field_group()


def test_hint_and_error_stand_before_the_control_and_are_tied_to_it(wrong):
    shown = html(wrong, "site")
    order = [shown.index(piece) for piece in ("<label", "Any page of it.", "Enter the website", "<input")]
    assert (order == sorted(order), 'aria-describedby="id_site_helptext id_site_error"' in shown) == (True, True)


def test_a_wrong_field_is_marked_for_eyes_and_for_screen_readers(wrong):
    shown = html(wrong, "site")
    assert ('class="field  bad"' in shown, 'aria-invalid="true"' in shown) == (True, True)


def test_only_optional_fields_say_so():
    form = Example()
    assert [name for name in form.fields if "(optional)" in html(form, name)] == ["note", "day", "call", "sum"]


def test_a_filter_form_marks_nothing_optional():
    class Filters(Example):
        mark_optional = False

    assert "(optional)" not in str(Filters())


def test_dates_use_the_browsers_own_fields():
    form = Example(initial={"day": date(2027, 1, 5), "call": datetime(2027, 1, 5, 9, 30)})
    found = re.findall(r'type="(date|datetime-local)" name="\w+" value="([^"]+)"', str(form))
    assert found == [("date", "2027-01-05"), ("datetime-local", "2027-01-05T09:30")]


def test_the_admins_date_field_is_native_too():
    class Admins(forms.Form):
        day = forms.DateField(widget=AdminDateWidget)

    assert ('type="date"' in str(Admins()), "vDateField" in str(Admins())) == (True, False)


def test_a_figure_opens_the_keyboard_for_figures():
    assert 'inputmode="decimal"' in html(Example(), "sum")


def test_a_group_of_choices_has_a_legend(wrong):
    shown = html(wrong, "kind")
    assert ("<fieldset" in shown, "<legend>Kind</legend>" in shown) == (True, True)


def test_the_summary_links_to_the_first_control_of_each_wrong_field(wrong):
    shown = str(wrong)
    assert re.findall(r'<a href="#(\w+)">', shown) == ["id_site", "id_kind_0"]
    assert [target for target in ("id_site", "id_kind_0") if f'id="{target}"' in shown] == ["id_site", "id_kind_0"]


def test_a_fault_of_the_whole_form_is_said_once(wrong):
    wrong.add_error(None, "You registered it already.")
    assert str(wrong).count("You registered it already.") == 1


def test_a_form_without_faults_has_no_summary():
    assert "data-summary" not in str(Example())


def test_a_placeholder_is_no_label():
    class Tempting(forms.Form):
        name = forms.CharField(widget=forms.TextInput(attrs={"placeholder": "Name"}))

    assert "placeholder" not in str(Tempting())


def test_a_hidden_field_has_no_label():
    assert "<label" not in html(Example(), "key")
