"""The numbers of late orders, for their tab."""

from django.db import migrations, models

from orders.enums import Tier
from orders.migrating import AddIndexOnline


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("orders", "0029_languages")]
    operations = [
        AddIndexOnline(
            "order",
            models.Index(
                models.F("id").desc(), condition=models.Q(tier=Tier.OLD), name="order_late"
            ),
        ),
    ]
