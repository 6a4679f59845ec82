import uuid

import django.db.models.deletion
from django.db import migrations, models

import khlong.people.keys


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("people", "0003_keys_for_each_person"),
    ]

    operations = [
        migrations.CreateModel(
            name="Breach",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("space", models.UUIDField(db_index=True, null=True)),
                ("noticed_at", models.DateTimeField(verbose_name="noticed")),
                ("what", models.TextField(verbose_name="what happened")),
                ("data", models.CharField(max_length=300, verbose_name="what kind of data")),
                (
                    "people",
                    models.PositiveIntegerField(blank=True, null=True, verbose_name="how many people"),
                ),
                ("measures", models.TextField(blank=True, verbose_name="what was done")),
                ("office_told_at", models.DateTimeField(blank=True, null=True, verbose_name="office told")),
                ("people_told_at", models.DateTimeField(blank=True, null=True, verbose_name="people told")),
            ],
            options={
                "verbose_name": "breach",
                "ordering": ["-noticed_at", "id"],
            },
        ),
        migrations.CreateModel(
            name="RetentionRun",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField(auto_now_add=True)),
                ("counts", models.JSONField(default=dict)),
            ],
            options={
                "verbose_name": "removal of what is over",
                "ordering": ["-pk"],
            },
        ),
        migrations.CreateModel(
            name="ConsentText",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("space", models.UUIDField(db_index=True, null=True)),
                (
                    "purpose",
                    models.CharField(
                        choices=[
                            ("help", "help when disaster strikes"),
                            ("plan", "making the city's plan, without names"),
                            ("pass_on", "passing on to offices that can help"),
                            ("contact", "being told what came of it"),
                        ],
                        max_length=10,
                        verbose_name="purpose",
                    ),
                ),
                ("version", models.PositiveSmallIntegerField(verbose_name="version")),
                ("words", models.JSONField(verbose_name="words by language")),
                (
                    "sensitive",
                    models.BooleanField(
                        default=False, verbose_name="about health, disability, belief or origin"
                    ),
                ),
                ("months", models.PositiveSmallIntegerField(default=24, verbose_name="holds for months")),
                ("is_draft", models.BooleanField(default=True, verbose_name="draft")),
                ("valid_from", models.DateField(verbose_name="valid from")),
            ],
            options={
                "verbose_name": "words of consent",
                "ordering": ["purpose", "-version"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("space", "purpose", "version"), name="one_text_of_a_version"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("space", None)),
                        fields=("purpose", "version"),
                        name="one_common_text_of_a_version",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PersonRequest",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("access", "see what is kept"),
                            ("correct", "correct it"),
                            ("object", "object to its use"),
                            ("erase", "erase it"),
                        ],
                        max_length=10,
                        verbose_name="asks to",
                    ),
                ),
                (
                    "identity",
                    models.CharField(
                        choices=[
                            ("account", "signed in with her own account"),
                            ("card", "showed a card; its number was not noted"),
                            ("known", "known to two of the working group"),
                        ],
                        max_length=10,
                        verbose_name="how identity was checked",
                    ),
                ),
                ("asked_on", models.DateField()),
                ("words", khlong.people.keys.SealedField(null=True)),
                ("answer", khlong.people.keys.SealedField(null=True)),
                ("answered_on", models.DateField(null=True)),
                (
                    "subject",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="requests",
                        to="people.subject",
                    ),
                ),
            ],
            options={
                "verbose_name": "request of a person",
                "ordering": ["answered_on", "asked_on", "id"],
            },
        ),
        migrations.CreateModel(
            name="Consent",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("language", models.CharField(max_length=5)),
                (
                    "how",
                    models.CharField(
                        choices=[
                            ("own", "by own hand on the screen"),
                            ("paper", "on paper"),
                            ("spoken", "spoken before a witness"),
                            ("guardian", "through a parent or guardian"),
                        ],
                        max_length=10,
                        verbose_name="how it was given",
                    ),
                ),
                ("site", models.CharField(blank=True, max_length=200, verbose_name="place")),
                ("given_on", models.DateField(verbose_name="given on")),
                ("explicit", models.BooleanField(default=False)),
                ("name", khlong.people.keys.SealedField(null=True)),
                ("witness", khlong.people.keys.SealedField(null=True)),
                ("noted_by", models.CharField(blank=True, max_length=80)),
                ("withdrawn_on", models.DateField(null=True)),
                (
                    "subject",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="consents",
                        to="people.subject",
                    ),
                ),
                (
                    "text",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="consents",
                        to="privacy.consenttext",
                    ),
                ),
            ],
            options={
                "verbose_name": "consent",
                "ordering": ["-given_on", "id"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("withdrawn_on", None)),
                        fields=("subject", "text"),
                        name="one_consent_that_stands",
                    )
                ],
            },
        ),
    ]
