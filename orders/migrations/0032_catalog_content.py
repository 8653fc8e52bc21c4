from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('orders', '0031_ledger_check'),
    ]

    operations = [
        migrations.AddField(
            model_name='providerstate',
            name='catalog_content',
            field=models.CharField(blank=True, db_default='', default='', help_text='digest of what it says, in whatever order', max_length=64),
        ),
    ]
