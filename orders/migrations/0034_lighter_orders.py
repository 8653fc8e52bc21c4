"""Fewer indexes that a changed order is written into: nobody looks for orders by who managed their
client, or for those that no person placed."""

from django.db import migrations, models

from orders.migrating import AddIndexOnline, RemoveIndexOnline


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("orders", "0033_reading_lease")]
    operations = [
        AddIndexOnline(
            "order",
            models.Index(
                "placed_by",
                models.F("id").desc(),
                condition=models.Q(placed_by__isnull=False),
                name="order_placed_by",
            ),
        ),
        RemoveIndexOnline("order", "order_by_placer"),
        RemoveIndexOnline("order", "order_by_manager"),
    ]
