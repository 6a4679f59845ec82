"""The search on PostgreSQL: an index of all runs of one to three letters, in which nothing must be compared again.

pg_trgm knows no run shorter than three letters and compares every entry that it finds, which took most of a
search. The function is dear on paper, so that the planner does not prefer to compare all entries, and not
parallel, because starting a helper takes longer than the search.
"""

from django.db import migrations

FORWARDS = [
    "DROP INDEX IF EXISTS record_search_words",
    "DROP INDEX IF EXISTS record_search_runs",
    """CREATE FUNCTION record_search_grams(words text) RETURNS text[]
        LANGUAGE sql IMMUTABLE STRICT COST 100 AS $$
        SELECT array_agg(gram) FROM (
            SELECT unnest(ARRAY[one, one || two, one || two || three]) AS gram FROM (
                SELECT one, lead(one) OVER following AS two, lead(one, 2) OVER following AS three
                FROM unnest(string_to_array(translate(words, chr(10), ' '), NULL))
                    WITH ORDINALITY AS letters(one, place)
                WINDOW following AS (ORDER BY place)
            ) AS letters
        ) AS grams WHERE position(' ' in gram) = 0 $$""",
    "UPDATE record_searchentry SET runs = ''",
    # Few entries wait outside the tree: each search walks through all that do.
    """CREATE INDEX record_search_grams ON record_searchentry
        USING gin ((record_search_grams(words) COLLATE "C")) WITH (gin_pending_list_limit = 128)""",
]
BACKWARDS = ["DROP INDEX record_search_grams", "DROP FUNCTION record_search_grams(text)"]


def on_postgresql(statements):
    def run(apps, schema_editor):
        if schema_editor.connection.vendor == "postgresql":
            for statement in statements:
                schema_editor.execute(statement)

    return run


class Migration(migrations.Migration):
    dependencies = [("record", "0003_search")]
    operations = [migrations.RunPython(on_postgresql(FORWARDS), on_postgresql(BACKWARDS))]
