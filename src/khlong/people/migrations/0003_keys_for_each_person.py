import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0002_session_record"),
    ]

    operations = [
        migrations.CreateModel(
            name="Subject",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("space", models.UUIDField(db_index=True, null=True)),
                ("made_on", models.DateField()),
                ("destroyed_on", models.DateField(null=True)),
                (
                    "account",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="subjects",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "person as data",
            },
        ),
        migrations.CreateModel(
            name="BlindIndex",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.CharField(max_length=12)),
                ("value", models.CharField(max_length=32)),
                (
                    "subject",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="blind_indexes",
                        to="people.subject",
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="subject",
            constraint=models.UniqueConstraint(
                fields=("account", "space"), name="one_subject_of_an_account_in_a_space"
            ),
        ),
        migrations.AddConstraint(
            model_name="subject",
            constraint=models.UniqueConstraint(
                condition=models.Q(("space", None)),
                fields=("account",),
                name="one_subject_of_an_account_in_no_space",
            ),
        ),
        migrations.AddIndex(
            model_name="blindindex",
            index=models.Index(fields=["kind", "value"], name="trace_by_value"),
        ),
        migrations.AddConstraint(
            model_name="blindindex",
            constraint=models.UniqueConstraint(
                fields=("subject", "kind", "value"), name="one_trace_of_a_value"
            ),
        ),
    ]
