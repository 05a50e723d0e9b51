"""The simulated stream: a shop's seven topics with all that goes wrong in one, and planted truths.

`stream.simulate_stream` gives the messages in the order in which they are sent, and what a run must
find in them. Both are a function of the seed and the number of messages.

| module     | speaks of                                                               |
|------------|-------------------------------------------------------------------------|
| `plan`     | how many messages, and of what                                          |
| `facts`    | what happens in the shop: products, customers, orders, shipments         |
| `mishaps`  | what goes wrong on the way: doubles, messages out of order, poison       |
| `stream`   | the messages                                                            |
| `counting` | the truths, counted on what happened, before a message is written        |
| `truth`    | what was planted, with definitions                                      |

`specifications/` holds the records in the language of `simulation/datagen`; each file can be sent
by itself, too.

What stays out: a broker (`lib/`).
"""
