"""The files of a new source as texts, from the templates beside it.

Belongs here: which files there are, and the parts of them that repeat for each column. Stays out:
the texts themselves (`templates/`), where they are written (`project.py`).
"""

from __future__ import annotations

import json
from pathlib import Path
from string import Template

from ecommerce_assets.lib.text.plain import visible
from ecommerce_assets.scaffold.columns import MONEY_SCALE, FoundColumn
from ecommerce_assets.scaffold.examples import example_line, example_values, in_staging
from ecommerce_assets.scaffold.model import NewSource

TEMPLATES = Path(__file__).with_name("templates")
_LOGICAL = {"string": "string", "int64": "integer", "decimal": "number", "timestamp": "timestamp"}
_INSTANT = "\"{{ 'timestamp' if target.type == 'bigquery' else 'timestamptz' }}\""
_MONEY_TYPE = "\"{{ 'numeric(18,4)' if target.type == 'bigquery' else 'decimal(18,4)' }}\""
_NOT_NULL = """
        data_tests:
          - not_null:
              config:
                where: loaded_window({month})"""


def render(source: NewSource) -> dict[str, str]:
    """The new files by their paths below the project's root."""
    d, t = source.domain, source.table
    own, models = f"ecommerce_assets/domains/{d}", "ecommerce_dbt/models"
    tests = f"ecommerce_assets_tests/integration/sources_{d}"
    values = _values(source)
    templates = {
        f"{own}/__init__.py": "domain_init.py",
        f"{own}/settings.py": "settings.py",
        f"{own}/sources.py": "source.py",
        f"{own}/contracts/{t}.odcs.yaml": "contract.yaml",
        f"{own}/key_metrics.sql": "key_metrics.sql",
        f"{models}/staging/{d}/_{d}__sources.yml": "sources.yml",
        f"{models}/staging/{d}/{source.staging}.sql": "staging.sql",
        f"{models}/staging/{d}/{source.staging}.yml": "staging.yml",
        f"{models}/marts/{d}/{source.mart}.sql": "mart.sql",
        f"{models}/marts/{d}/{source.mart}.yml": "mart.yml",
        f"{models}/marts/{d}/{source.total}.sql": "total.sql",
        f"{models}/marts/{d}/{source.total}.yml": "total.yml",
        f"ecommerce_dbt/tests/{d}/every_staged_row_of_{d}_is_counted.sql": "counted.sql",
        f"{tests}/__init__.py": "",
        f"{tests}/test_{d}_source.py": "test_source.py",
    }
    of_columns = {
        "sources.yml": {"columns": _source_columns(source)},
        "staging.sql": {"columns": _staging_columns(source)},
        "staging.yml": {"columns": _staging_docs(source), **_staging_tests(source)},
        "mart.sql": {"sums": _sums(source)},
        "mart.yml": {"sums": _sum_docs(source)},
    }
    return {
        path: _filled(name, values | of_columns.get(name, {})) if name else ""
        for path, name in templates.items()
    }


def contract_text(source: NewSource) -> str:
    """The contract alone, for the trial load."""
    return _filled("contract.yaml", _values(source))


def _filled(name: str, values: dict[str, str]) -> str:
    text = (TEMPLATES / f"{name}.tmpl").read_text(encoding="utf-8")
    return Template(text).substitute(values).rstrip("\n") + "\n"


def _quoted(text: str) -> str:
    """A text for YAML and Python alike, in double quotes."""
    return visible(json.dumps(text, ensure_ascii=False))


def _values(source: NewSource) -> dict[str, str]:
    """What all templates may ask for."""
    d, t, shared = source.domain, source.table, source.shared
    first, _ = source.months
    good, bad = example_values(source)
    return {
        "domain": d,
        "upper": d.upper(),
        "title_word": d.capitalize(),
        "span": source.span,
        "domain_imports": _domain_imports(d),
        "table": t,
        "table_id": t.replace("_", "-"),
        "title": f"{d.capitalize()}, {t.replace('_', ' ')}",
        "staging": source.staging,
        "mart": source.mart,
        "total": source.total,
        "month_column": source.month_column,
        "instant": _INSTANT,
        "held": "of all months" if shared else "a month",
        "path": f"{t}.csv" if shared else _quoted("{year}-{month_abbreviation}.csv"),
        "file_holds": "\n      - {property: fileHolds, value: all months}" if shared else "",
        "delimiter": _quoted(source.dialect.delimiter),
        "encoding": source.dialect.encoding,
        "quote": _quoted(source.dialect.quote),
        "properties": "\n".join(_property(source, found) for found in source.columns),
        "figures": "".join(
            f",\n    format('{{:,.2f}}', cast({c.column.name}_sum as double)) as {c.column.name}"
            for c in source.amounts
        ),
        "header": example_line(source, "HEADER", [c.column.source_name for c in source.columns]),
        "good": example_line(source, "GOOD", good),
        "bad": example_line(source, "WITHOUT_MONTH", bad),
        "month_args": f"{first.year}, {first.month}, 1",
        **_loading_words(source),
    }


def _domain_imports(domain: str) -> str:
    """The imports of a domain's `__init__.py`, in the order of their modules."""
    package = "ecommerce_assets.domains"
    names = {
        f"{package}.domain": "Domain, SourceTable, landing_watch",
        f"{package}.{domain}.settings": f"{domain.capitalize()}Settings",
        f"{package}.{domain}.sources": f"{domain}_source",
    }
    return "\n".join(f"from {module} import {names[module]}" for module in sorted(names))


def _loading_words(source: NewSource) -> dict[str, str]:
    """What differs between one file of all months and a file a month."""
    protocol = "from ecommerce_assets.lib.sources.protocol import MonthlySource"
    if not source.shared:
        return {
            "names_import": protocol,
            "settings_import": "",
            "names_return": "    return LandingFolder(folder)",
            "files_called": "one file a month, such as `2024-Jan.csv`, plain or packed",
            "ingest_import": "Delivery, IngestResult, ingest_slice",
            "shared_imports": "",
            "ingest_call": "ingest_slice(slice_, delivery)",
            "test_file": "month.csv",
        }
    t, d = source.table, source.domain
    return {
        "names_import": f"{protocol}, SharedName",
        "settings_import": f"from ecommerce_assets.domains.{d}.settings import "
        f"{d.capitalize()}Settings\n",
        "names_return": f"    months = settings.of({d.capitalize()}Settings).all_months\n"
        f'    return LandingFolder(folder, SharedName("{t}", tuple(months)))',
        "files_called": f"`{t}.csv` of all months, plain or packed",
        "ingest_import": "Delivery, IngestResult",
        "shared_imports": "from ecommerce_assets.lib.ingest.split import Months\n"
        "from ecommerce_assets.lib.ingest.whole_file import ingest_part\n",
        "ingest_call": "ingest_part(slice_, Months(MONTH, MONTH), delivery)",
        "test_file": f"{t}.csv",
    }


def _property(source: NewSource, found: FoundColumn) -> str:
    """A column of the contract."""
    column = found.column
    precise = f"({column.precision},{column.scale})" if column.kind == "decimal" else ""
    comma = " A number with a decimal comma, as text; staging reads it." * found.decimal_comma
    lines = [
        f"- name: {column.name}",
        f"  description: {_quoted(column.description + comma)}",
        f"  logicalType: {_LOGICAL[column.kind]}",
        f"  physicalType: {column.kind}{precise}",
        f"  required: {'true' if source.is_required(found) else 'false'}",
    ]
    if column.name == source.month_column:
        lines += ["  partitioned: true", "  partitionKeyPosition: 1"]
    custom = {"sourceFormat": column.source_format} if column.source_format else {}
    if column.source_name != column.name:
        custom["sourceName"] = column.source_name
    if column.source_time_zone != "UTC":
        custom["sourceTimeZone"] = column.source_time_zone
    if custom:
        lines.append("  customProperties:")
        lines += [
            f"    - {{property: {key}, value: {_quoted(value)}}}" for key, value in custom.items()
        ]
    return "\n".join(f"      {line}" for line in lines)


def _type(found: FoundColumn) -> str:
    """A column's type for dbt, on either engine."""
    column = found.column
    if column.kind == "timestamp":
        return _INSTANT
    if column.kind == "decimal":
        size = f"({column.precision},{column.scale})"
        return f"\"{{{{ 'numeric{size}' if target.type == 'bigquery' else 'decimal{size}' }}}}\""
    return {"string": "string", "int64": "bigint"}[column.kind]


def _doc(name: str, description: str, data_type: str, rest: str = "") -> str:
    return (
        f"{name}\n        description: {_quoted(description)}\n        data_type: {data_type}{rest}"
    )


def _source_columns(source: NewSource) -> str:
    texts = [_doc(c.column.name, c.column.description, _type(c)) for c in source.columns]
    return "\n".join(f"          - name: {text}" for text in texts).replace(
        "\n        d", "\n            d"
    )


def _staging_columns(source: NewSource) -> str:
    """The SELECT list: columns as they are, and numbers with a comma beside their text."""
    lines = []
    for found in source.columns:
        name = found.column.name
        if found.decimal_comma:
            read = f"replace(replace({name}, '.', ''), ',', '.')"
            lines.append(f"{name} as {source.text_of(found)}")
            lines.append(f'{{{{ cast_or_null("{read}", type_money()) }}}} as {name}')
        else:
            lines.append(name)
    return "\n".join(f"        {line}," for line in lines)


def _staging_docs(source: NewSource) -> str:
    texts = []
    filled = _NOT_NULL.format(month=source.month_column)
    for found in source.columns:
        name, rest = found.column.name, filled if source.is_required(found) else ""
        if found.decimal_comma:
            told = f"{found.column.description.rstrip('.')}, with its decimal comma."
            texts.append(_doc(source.text_of(found), told, "string", rest))
            number = f"{source.text_of(found)} as a number, to four decimals."
            texts.append(_doc(name, number, _MONEY_TYPE))
        else:
            texts.append(_doc(name, found.column.description, _type(found), rest))
    return "\n".join(f"      - name: {text}" for text in texts)


def _staging_tests(source: NewSource) -> dict[str, str]:
    """Tests of the model as a whole, and a unit test where staging reads numbers."""
    commas = [found for found in source.columns if found.decimal_comma]
    tests = "".join(
        f"""      - true_in_every_row:
          name: {source.domain}_{c.column.name}_is_read_as_a_number
          arguments:
            expression: {source.text_of(c)} is null or {c.column.name} is not null
          config:
            where: loaded_window({source.month_column})
"""
        for c in commas
    )
    note = " Numbers with\n      a decimal comma are numbers here, beside the text as delivered."
    return {
        "comma_note": note if commas else "",
        "data_tests": f"    data_tests:\n{tests}" if commas else "",
        "unit_tests": _unit_test(source, commas) if commas else "",
    }


def _unit_test(source: NewSource, commas: list[FoundColumn]) -> str:
    names = [c.column.name for c in commas]
    texts = {"1.234,50": "1234.50", "-0,05": "-0.05", "7": "7", "": ""}
    month = in_staging(source)
    given = "\n".join(
        f'          "{month}",' + ",".join([f'"{t}"' if t else ""] * len(names)) + f",{i}"
        for i, t in enumerate(texts)
    )
    expected = "\n".join(
        f"        {i}," + ",".join([number] * len(names)) for i, number in enumerate(texts.values())
    )
    return f"""
unit_tests:
  - name: {source.domain}_decimal_commas_are_read_as_numbers
    description: Points between thousands go, the comma becomes a point; nothing stays nothing.
    model: {source.staging}
    given:
      - input: source('{source.domain}_raw', '{source.table}')
        format: csv
        rows: |
          {source.month_column},{",".join(names)},source_row_no
{given}
    expect:
      format: csv
      rows: |
        source_row_no,{",".join(names)}
{expected}
"""


def _sums(source: NewSource) -> str:
    return "".join(
        f",\n        cast(coalesce(sum({c.column.name}), 0) as {{{{ type_money() }}}})"
        f" as {c.column.name}_sum"
        for c in source.amounts
    )


def _sum_docs(source: NewSource) -> str:
    texts = [
        _doc(
            f"{c.column.name}_sum",
            f"Sum of {c.column.name}, to {MONEY_SCALE} decimals; 0 where it is always empty.",
            _MONEY_TYPE,
            "\n        constraints:\n          - type: not_null",
        )
        for c in source.amounts
    ]
    return "\n".join(f"      - name: {text}" for text in texts)
