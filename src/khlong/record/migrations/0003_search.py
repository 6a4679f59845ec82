"""The search index: a table, and on SQLite the trigram index over its words.

A later migration that makes the table anew on SQLite must make the triggers anew too.
"""

from django.db import migrations, models

SQLITE = [
    """CREATE VIRTUAL TABLE record_search_fts USING fts5(
        words, runs, content='record_searchentry', content_rowid='id', tokenize='trigram case_sensitive 1')""",
    """CREATE TRIGGER record_search_added AFTER INSERT ON record_searchentry
        BEGIN INSERT INTO record_search_fts(rowid, words, runs) VALUES (new.id, new.words, new.runs); END""",
    """CREATE TRIGGER record_search_removed AFTER DELETE ON record_searchentry
        BEGIN INSERT INTO record_search_fts(record_search_fts, rowid, words, runs)
            VALUES ('delete', old.id, old.words, old.runs); END""",
    """CREATE TRIGGER record_search_changed AFTER UPDATE OF words ON record_searchentry
        WHEN old.words <> new.words
        BEGIN INSERT INTO record_search_fts(record_search_fts, rowid, words, runs)
            VALUES ('delete', old.id, old.words, old.runs);
            INSERT INTO record_search_fts(rowid, words, runs) VALUES (new.id, new.words, new.runs); END""",
]
POSTGRESQL = [
    # Unpacking compressed words to compare them would take most of a search.
    "ALTER TABLE record_searchentry SET (toast_tuple_target = 8160)",
]


def add_index(apps, schema_editor):
    statements = SQLITE if schema_editor.connection.vendor == "sqlite" else POSTGRESQL
    for statement in statements:
        schema_editor.execute(statement)


def drop_index(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        for name in ("added", "removed", "changed"):
            schema_editor.execute(f"DROP TRIGGER record_search_{name}")
        schema_editor.execute("DROP TABLE record_search_fts")


class Migration(migrations.Migration):
    dependencies = [("record", "0002_append_only")]
    operations = [
        migrations.CreateModel(
            name="SearchEntry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("node", models.UUIDField(unique=True)),
                ("ref", models.CharField(max_length=24, unique=True)),
                ("kind", models.CharField(max_length=1)),
                ("space", models.UUIDField(db_index=True, null=True)),
                ("visibility", models.CharField(max_length=8)),
                ("title_th", models.CharField(max_length=500)),
                ("title_en", models.CharField(blank=True, max_length=500)),
                ("title", models.TextField()),
                ("body", models.TextField(blank=True)),
                ("words", models.TextField()),
                ("runs", models.TextField()),
            ],
            options={"verbose_name": "search entry", "ordering": ["ref"]},
        ),
        migrations.RunPython(add_index, drop_index),
    ]
