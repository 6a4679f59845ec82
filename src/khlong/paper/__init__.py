"""One document model, written as DOCX, PDF and XLSX for Thai documents that are printed."""

from __future__ import annotations
