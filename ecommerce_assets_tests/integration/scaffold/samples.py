"""Sample files that no domain of the project has, made by plain Python."""

from __future__ import annotations

import random
from decimal import Decimal
from pathlib import Path

from ecommerce_assets.scaffold.columns import Choices
from ecommerce_assets.scaffold.look import Look, look_at
from ecommerce_assets.scaffold.sample import dialect_of

#: Headers that YAML, dbt, Markdown and a terminal would take for something of theirs.
HOSTILE = (
    "% off",
    "Off",
    "Yes",
    "No",
    "null",
    "1e3",
    '{{ env_var("HOME") }}',
    "{% raw %}",
    "![x](http://example.org/x.png)",
    "[/red]",
    "\x1b[31mred",
    "<img src=x onerror=alert(1)>",
    "a: b #c",
    "$domain",
    "=SUM(1)",
)
NAMES = "Meldung-Nr.;Gemeldet am;Artikelcode;Grund;Erstattung in €;Menge;Kunden-ID;Filiale"
HEADER = ";".join([NAMES, *(f'"{name.replace(chr(34), chr(34) * 2)}"' for name in HOSTILE)])
REASONS = ("defekt", "zu groß", '"Farbe; falsch"', "gefällt nicht")
MONTHS = 3
LIMIT = 10_000_000


def claims(path: Path, rows: int = 400, seed: int = 5) -> dict[int, tuple[int, Decimal]]:
    """Warranty claims of January to March 2024: `;`, Windows-1252, CRLF, decimal commas.

    One row has no time. Gives rows and refunds of each month, the truth of the file.
    """
    rng, lines = random.Random(seed), [HEADER]
    truth = {month: (0, Decimal(0)) for month in range(1, MONTHS + 1)}
    for number in range(rows):
        month, cents = 1 + number % MONTHS, rng.choice([None, rng.randrange(500_000)])
        whole = "" if cents is None else f"{cents // 100:,}".replace(",", ".")
        refund = "" if cents is None else f"{whole},{cents % 100:02d}"
        at = f"{1 + number % 28:02d}.{month:02d}.2024 {number % 24:02d}:{number % 60:02d}"
        broken = number == rows // 2
        values = (
            str(2_294_359_932_054_530_000 + number),
            "unbekannt" if broken else at,
            f"{number:06d}",
            rng.choice(REASONS),
            refund,
            str(rng.randint(1, 3)),
            str(1000 + number) if number % 5 else "",
            "Köln",
            *(f"v{at}" for at in range(len(HOSTILE))),
        )
        lines.append(";".join(values))
        if not broken:
            counted, refunded = truth[month]
            truth[month] = (counted + 1, refunded + Decimal(cents or 0) / 100)
    path.write_bytes("".join(f"{line}\r\n" for line in lines).encode("cp1252"))
    return truth


def looked(folder: Path, text: str, choices: Choices | None = None) -> Look:
    """A look at a UTF-8 file of this text."""
    path = folder / "sample.csv"
    path.write_text(text, encoding="utf-8")
    dialect = dialect_of(path, LIMIT)
    return look_at(
        path, "claims", dialect, choices or Choices(), memory_limit="200MB", max_bytes=LIMIT
    )


def one_column(folder: Path, values: list[str], choices: Choices | None = None) -> Look:
    """A look at a column `x` of these values, beside a column of times."""
    rows = "".join(f"2024-01-05|{value}\n" for value in values)
    return looked(folder, f"day|x\n{rows}", choices)
