"""One locked file that holds everything: the database as it was at one moment, and the files.

A backup is an age file (https://age-encryption.org/v1) around a tar:

    head.json                    what it is: Khlong's version, the migrations, tables with columns and counts, files
    tables/NAME/000001           rows in a form of their own (khlong.record.backup.plain), a JSON list a line, zlib
    files/DIGEST                 the bytes of a file, as they are
    manifest.json                SHA-256 of every part, a sum over the rows of every table; its end is the end

The rows are read in one transaction: on SQLite's WAL a reader keeps its moment and no writer waits, on PostgreSQL
the same is REPEATABLE READ. Copying pages (`sqlite3.Connection.backup`) starts again with every write of another
process, and VACUUM INTO puts a second, open copy on the disk; besides, rows go from either database to the other.

Never inside: keys (they lie outside the database), sessions, and what counts attempts. The keys have one copy of
their own beside the backups, written over with each change (`khlong.record.backup.keycopies`).
"""

from __future__ import annotations

FORM = "khlong-backup-1"
SUFFIX = ".khb"
HEAD = "head.json"
MANIFEST = "manifest.json"

LEFT_OUT = {
    "django_session": "whoever was signed in signs in again: an ended session must not come back",
    "people_sessionrecord": "belongs to the sessions",
    "people_attempt": "wrong passwords of the last minutes",
    "record_actionuse": "counts of the last hours, by which actions are limited",
    "record_worker": "workers that are at work now",
}
"""Tables that a backup leaves empty, and why."""
