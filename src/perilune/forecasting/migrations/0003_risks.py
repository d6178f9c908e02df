"""Mitigations: what is done about risks."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("crm", "0001_initial"),
        ("forecasting", "0002_meeting"),
    ]

    operations = [
        migrations.CreateModel(
            name="Mitigation",
            fields=[
                ("id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("custom", models.JSONField(default=dict)),
                ("risk", models.TextField(null=True)),
                ("subject", models.TextField(null=True)),
                ("period", models.TextField(null=True)),
                ("owner", models.TextField(null=True)),
                ("due_date", models.DateField(null=True)),
                ("status", models.TextField(null=True)),
                ("snoozed_until", models.DateField(null=True)),
                ("reason", models.TextField(null=True)),
                ("outcome", models.TextField(null=True)),
                ("opened_on", models.DateField(null=True)),
                ("closed_on", models.DateField(null=True)),
                (
                    "opportunity",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="crm.opportunity",
                    ),
                ),
            ],
            options={"abstract": False},
        ),
    ]
