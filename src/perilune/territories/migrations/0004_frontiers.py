import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("territories", "0003_rules")]

    operations = [
        migrations.CreateModel(
            name="Frontier",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("problem", models.CharField(max_length=64)),
                ("actor", models.CharField(max_length=150)),
                ("made_at", models.DateTimeField()),
                ("floor", models.FloatField(default=0)),
                ("today", models.JSONField(default=dict)),
                ("is_done", models.BooleanField(default=False)),
                (
                    "draft",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="frontiers",
                        to="territories.draft",
                    ),
                ),
            ],
            options={"ordering": ["id"]},
        ),
        migrations.CreateModel(
            name="FrontierPoint",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.IntegerField()),
                ("facts", models.JSONField(default=dict)),
                ("proof", models.JSONField(default=dict)),
                ("units", models.BinaryField()),
                (
                    "frontier",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="points",
                        to="territories.frontier",
                    ),
                ),
            ],
            options={"ordering": ["number"]},
        ),
        migrations.AddConstraint(
            model_name="frontierpoint",
            constraint=models.UniqueConstraint(
                fields=("frontier", "number"), name="frontier_point_once"
            ),
        ),
    ]
