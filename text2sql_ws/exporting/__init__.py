"""A query's whole result, run again and written as a file: CSV, JSON lines, XLSX.

`csv_lines.py`, `json_lines.py` and `excel_values.py` are pure; `spreadsheet.py` writes to disk and blocks;
`exports.py` runs the statement and feeds them. Nothing here knows HTTP.
"""

from text2sql_ws.exporting.csv_lines import CsvLines
from text2sql_ws.exporting.exports import Export, Exports
from text2sql_ws.exporting.json_lines import JsonLines

__all__ = ["CsvLines", "Export", "Exports", "JsonLines"]
