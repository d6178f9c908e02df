from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('hub', '0011_making'),
    ]

    operations = [
        migrations.AddField('rowproblem', 'other_id', models.BigIntegerField(default=0)),
        migrations.AddField('rowproblem', 'choice', models.CharField(blank=True, default='', max_length=10)),
    ]
