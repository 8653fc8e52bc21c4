"""One index less that a changed order, or run, is written into: an upstream id is looked for at each
provider, where it is unique anyway."""

from django.db import migrations

from orders.migrating import RemoveIndexOnline


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("orders", "0034_lighter_orders")]
    operations = [
        RemoveIndexOnline("order", "order_by_upstream_id"),
        RemoveIndexOnline("child", "child_by_upstream_id"),
    ]
