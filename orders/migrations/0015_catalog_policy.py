from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("orders", "0014_settings")]

    operations = [
        migrations.AddField(
            model_name="provider",
            name="rise_threshold",
            field=models.DecimalField(
                blank=True, decimal_places=2, help_text="null: the panel's", max_digits=6, null=True
            ),
        ),
        migrations.AddField(
            model_name="provider",
            name="shrink_threshold",
            field=models.DecimalField(
                blank=True, decimal_places=2, help_text="null: the panel's", max_digits=6, null=True
            ),
        ),
        migrations.AddIndex(
            model_name="offer",
            index=models.Index(fields=["first_seen_at"], name="offer_by_first_seen"),
        ),
        migrations.AddIndex(
            model_name="syncchange",
            index=models.Index(
                models.F("kind"), models.F("id").desc(), name="sync_change_by_kind"
            ),
        ),
    ]
