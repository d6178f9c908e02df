from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('hub', '0010_quality'),
    ]

    operations = [
        migrations.AddField('writerule', 'match', models.CharField(blank=True, default='', max_length=120)),
        migrations.AddField('writerule', 'sign', models.CharField(blank=True, default='', max_length=20)),
        migrations.AddField('writerule', 'ends', models.BooleanField(default=False)),
        migrations.AddField('writebatch', 'verb', models.CharField(default='change', max_length=8)),
    ]
