"""What the system says of a file, in Thai and in English: what usually goes wrong has words of its own."""

from __future__ import annotations

import errno

import yaml

from khlong.engines.futures.errors import Words

USUAL = {
    errno.ENOENT: Words("ไม่พบไฟล์หรือโฟลเดอร์นี้", "No such file or directory"),
    errno.EACCES: Words("ไม่มีสิทธิ์เข้าถึง", "Permission denied"),
    errno.EPERM: Words("ไม่มีสิทธิ์ทำเช่นนี้", "Operation not permitted"),
    errno.EISDIR: Words("เป็นโฟลเดอร์ ไม่ใช่ไฟล์", "Is a directory"),
    errno.ENOTDIR: Words("มีส่วนหนึ่งของที่อยู่ที่ไม่ใช่โฟลเดอร์", "Not a directory"),
    errno.ENOSPC: Words("พื้นที่ดิสก์เต็ม", "No space left on device"),
    errno.EDQUOT: Words("ใช้พื้นที่ดิสก์เต็มโควตาแล้ว", "Disk quota exceeded"),
    errno.EROFS: Words("ดิสก์นี้อ่านได้อย่างเดียว", "Read-only file system"),
    errno.ENAMETOOLONG: Words("ชื่อไฟล์ยาวเกินไป", "File name too long"),
}


def of_system(error: OSError) -> Words:
    """Why a file cannot be opened or written.

    Examples
    --------
    >>> of_system(FileNotFoundError(2, "No such file or directory")).th
    'ไม่พบไฟล์หรือโฟลเดอร์นี้'
    """
    other = error.strerror or str(error)
    return USUAL.get(error.errno or 0, Words(f"ระบบแจ้งว่า {other}", other))


def of_yaml(error: yaml.YAMLError | ValueError) -> Words:
    """Where a document stops being one, by line and column counted from 1.

    Examples
    --------
    >>> try:
    ...     yaml.safe_load("a: 1\\nb: [2")
    ... except yaml.YAMLError as error:
    ...     of_yaml(error).th
    'บรรทัด 2 ตัวอักษรที่ 6'
    """
    if isinstance(error, UnicodeDecodeError):
        return Words(
            f"ไบต์ที่ {error.start + 1} ไม่ใช่ตัวอักษร UTF-8", f"byte {error.start + 1} is no letter of UTF-8"
        )
    mark = getattr(error, "problem_mark", None)
    if mark is None:
        return Words("มีค่าหรืออักขระที่อ่านไม่ได้", " ".join(str(error).split()))
    said = getattr(error, "problem", None) or "it cannot be read"
    line, column = mark.line + 1, mark.column + 1
    return Words(f"บรรทัด {line} ตัวอักษรที่ {column}", f"line {line}, column {column}: {said}")
