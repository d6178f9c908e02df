from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('people', '0004_data_officer'),
    ]

    operations = [
        migrations.AddField(
            model_name='assignment',
            name='product_family',
            field=models.TextField(blank=True, null=True),
        ),
    ]
