import uuid

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0004_proofs_of_identity"),
    ]

    operations = [
        migrations.CreateModel(
            name="Pseudonym",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("space", models.UUIDField()),
                ("name", models.CharField(max_length=40)),
                ("mark", models.CharField(max_length=64, unique=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("space", "name"), name="one_bearer_of_a_pseudonym")
                ],
            },
        ),
    ]
