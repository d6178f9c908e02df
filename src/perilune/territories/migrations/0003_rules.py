import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("territories", "0002_constraints")]

    operations = [
        migrations.CreateModel(
            name="RuleEdition",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.IntegerField()),
                ("before", models.IntegerField(null=True)),
                ("verb", models.CharField(max_length=12)),
                ("actor", models.CharField(max_length=150)),
                ("at", models.DateTimeField()),
                ("plan_edition", models.IntegerField()),
                ("rules", models.JSONField(default=list)),
                (
                    "draft",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="rule_editions",
                        to="territories.draft",
                    ),
                ),
            ],
            options={"ordering": ["number"]},
        ),
        migrations.AddConstraint(
            "ruleedition",
            models.UniqueConstraint(fields=("draft", "number"), name="rule_edition_once"),
        ),
        migrations.CreateModel(
            name="RuleApplied",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("edition", models.IntegerField()),
                ("actor", models.CharField(max_length=150)),
                ("at", models.DateTimeField()),
                ("day", models.DateField()),
                ("placed", models.IntegerField()),
                ("owners", models.IntegerField()),
                ("change_set_id", models.BigIntegerField()),
                (
                    "draft",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="rules_applied",
                        to="territories.draft",
                    ),
                ),
            ],
            options={"ordering": ["-id"]},
        ),
    ]
