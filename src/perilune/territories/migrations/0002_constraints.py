from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("territories", "0001_initial")]

    operations = [
        migrations.AddField("draftterritory", "only", models.JSONField(default=dict)),
        migrations.AddField("draftterritory", "pin_x", models.FloatField(null=True)),
        migrations.AddField("draftterritory", "pin_y", models.FloatField(null=True)),
    ]
