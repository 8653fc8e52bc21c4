from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('orders', '0032_catalog_content'),
    ]

    operations = [
        migrations.AddField(
            model_name='syncrun',
            name='leased_until',
            field=models.DateTimeField(blank=True, help_text='when it is given up for dead if it still runs', null=True),
        ),
    ]
