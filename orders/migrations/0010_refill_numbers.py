from typing import Any

from django.db import migrations, models


def leave_numbers_to_the_first(apps: Any, _: Any) -> None:
    """Of refills with one number at one provider the oldest keeps it; one of the others that is
    still under way shows among those whose answer was lost, and a person says what became of it."""
    first: dict[tuple[int, str], int] = {}
    rows = apps.get_model("orders", "Refill").objects.exclude(upstream_id="")
    found = rows.order_by("pk").values_list("pk", "provider_id", "upstream_id", "order_id")
    for pk, provider_id, number, order_id in found.iterator():
        if (provider_id, number) not in first:
            first[provider_id, number] = order_id
            continue
        said = f"Had number {number}, which that of order {first[provider_id, number]} has."
        rows.filter(pk=pk).update(upstream_id="", answer=said)


class Migration(migrations.Migration):

    dependencies = [
        ('orders', '0009_unexplained'),
    ]

    operations = [
        migrations.RunPython(leave_numbers_to_the_first, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name='refill',
            constraint=models.UniqueConstraint(condition=models.Q(('upstream_id', ''), _negated=True), fields=('provider', 'upstream_id'), name='refill_number_once_per_provider'),
        ),
    ]
