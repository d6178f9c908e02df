import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("territories", "0004_frontiers"),
    ]

    operations = [
        migrations.CreateModel(
            name="RoutingServer",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.CharField(max_length=12)),
                ("url", models.CharField(max_length=300)),
                ("profile", models.CharField(blank=True, max_length=60)),
                ("most", models.IntegerField(default=0)),
                ("changed_by", models.CharField(max_length=150)),
                ("changed_at", models.DateTimeField()),
            ],
        ),
        migrations.AddField(
            model_name="draftterritory",
            name="minutes",
            field=models.FloatField(null=True),
        ),
        migrations.AddField(
            model_name="draftterritory",
            name="region",
            field=models.CharField(blank=True, default="", max_length=120),
        ),
        migrations.CreateModel(
            name="ContainerSet",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("by", models.CharField(max_length=80)),
                ("title", models.CharField(max_length=120)),
                ("digest", models.CharField(max_length=64)),
                ("names", models.BinaryField()),
                ("member", models.BinaryField()),
                ("edges", models.BinaryField(null=True)),
                ("shapes", models.BinaryField(null=True)),
                ("notes", models.JSONField(default=list)),
                (
                    "snapshot",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="containers",
                        to="territories.snapshot",
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="draft",
            name="containers",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="drafts",
                to="territories.containerset",
            ),
        ),
        migrations.CreateModel(
            name="DraftTravel",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("server", models.CharField(max_length=300)),
                ("day", models.DateField()),
                ("edition", models.IntegerField()),
                ("asked", models.IntegerField(default=0)),
                ("questions", models.IntegerField(default=0)),
                ("units", models.BinaryField()),
                ("numbers", models.BinaryField()),
                ("minutes", models.BinaryField(null=True)),
                ("refused", models.JSONField(default=list)),
                ("is_done", models.BooleanField(default=False)),
                (
                    "draft",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="travel",
                        to="territories.draft",
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
            },
        ),
    ]
