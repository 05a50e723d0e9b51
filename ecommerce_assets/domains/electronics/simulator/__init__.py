"""The simulated electronics shop: one file of all months, with planted truths.

`file.simulate_electronics` writes `kz.csv`; `truth` keeps what was planted.

| module      | speaks of                                                            |
|-------------|----------------------------------------------------------------------|
| `plan`      | the size of the shop: orders, products and oddities for so many rows  |
| `rhythm`    | when people buy: slump, peak, weekdays, hours, the planted rush hour  |
| `catalogue` | products, categories, brands, prices; which rows come out shifted     |
| `orders`    | orders and their lines in time, those that cross a month's end        |
| `counting`  | the truths, counted before a line is written                          |
| `file`      | the rows as text, and the file                                        |
| `truth`     | what was planted, with definitions                                    |

What stays out: the mistakes of a delivery; those are fixtures of the tests that need them.
"""
