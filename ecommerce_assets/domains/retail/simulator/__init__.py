"""The simulated gift shop: one file of all its invoices, with planted truths.

`file.simulate_retail` writes `data.csv`; `truth` keeps what was planted.

| module       | speaks of                                                            |
|--------------|----------------------------------------------------------------------|
| `plan`       | the size of the shop: invoices, items and oddities for so many rows   |
| `rhythm`     | when the shop is open, and when it sells                              |
| `catalogue`  | items, their codes, descriptions and prices                           |
| `documents`  | what an invoice is: lines, customer, minute                           |
| `sales`      | the ordinary invoices, with and without customer                      |
| `returns`    | cancellations, with or without the sale that they reverse             |
| `oddities`   | service codes, stock adjustments, bad debt, mistyped quantities       |
| `counting`   | the truths, counted before a line is written                          |
| `file`       | the rows as text, and the file                                        |
| `truth`      | what was planted, with definitions                                    |

What stays out: the mistakes of a delivery; those are fixtures of the tests that need them.
"""
