"""The simulated cosmetics shop: monthly click-stream files with planted truths.

`month.simulate_cosmetics_month` writes one month; `truth` keeps what was planted.

| module      | speaks of                                                          |
|-------------|--------------------------------------------------------------------|
| `plan`      | the size of the shop: sessions, users and products for so many rows |
| `rhythm`    | months, hours, weekdays, Black Friday, the day checkout failed      |
| `catalogue` | products, categories, brands, prices, pairs bought together         |
| `population`| who is new and who returns in which month                           |
| `baskets`   | how many views, carts, removals and purchases a session has         |
| `sessions`  | the events of those sessions in time                                |
| `visits`    | a month's sessions, and those that cross its end                    |
| `rows`      | the month's rows in order, duplicates included, and their text      |
| `counting`  | the truths, counted before a line is written                        |
| `truth`     | what was planted, with definitions                                  |

What stays out: the mistakes of a delivery (truncated archives, pointers
instead of files); those are fixtures of the tests that need them.
"""
