"""The box of lines, and the file that may stand in its place."""

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from orders import mass_orders
from orders.errors import FieldErrors


class LinesForm(forms.Form):
    """What was typed or chosen; `lines()` is the text of either."""

    text = forms.CharField(
        label=gettext_lazy("One order a line"),
        required=False,
        strip=False,
        widget=forms.Textarea(
            {
                "rows": 10,
                "spellcheck": "false",
                "autocomplete": "off",
                "autocapitalize": "off",
                "maxlength": mass_orders.MOST_BYTES,
                "placeholder": "12 | https://example.com/page | 1000",
                "class": "lines",
            }
        ),
    )
    file = forms.FileField(
        label=gettext_lazy("Or a CSV file"),
        required=False,
        allow_empty_file=True,
        widget=forms.FileInput({"accept": ".csv,.txt,text/csv,text/plain"}),
    )

    def lines(self) -> str:
        """The file's text, else what was typed. Raises `FieldErrors`."""
        sent: UploadedFile | None = self.cleaned_data.get("file")
        if sent is None:
            return str(self.cleaned_data.get("text", ""))
        if (sent.size or 0) > mass_orders.MOST_BYTES:
            megabytes = mass_orders.MOST_BYTES // 1_000_000
            words = _("The file is larger than %(megabytes)s MB. Split it.")
            raise FieldErrors({"file": words % {"megabytes": megabytes}})
        return mass_orders.decode(sent.read())

    def file_name(self) -> str:
        sent: UploadedFile | None = self.cleaned_data.get("file")
        return str(sent.name or "") if sent is not None else ""

    def refuse(self, error: FieldErrors, text: str | None) -> None:
        """Say at the field what is wrong; a file that could be read stands in the box, so that it
        can be mended there."""
        if text is not None and self.cleaned_data.get("file") is not None:
            self.data = {**self.data, "text": text}
        for name, words in error.errors.items():
            self.add_error(name if name in self.fields else None, words)
