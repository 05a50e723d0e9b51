"""Records of a stream, made from a specification of their fields.

The language is that of the files which Materialize's `datagen` reads: a list of topics, a call of
`faker` for each field, and relations by which a record of one topic makes records of another. Files
written for it are read unchanged. Nothing of a file is ever executed.

| module          | speaks of                                                        |
|-----------------|------------------------------------------------------------------|
| `refusal`       | what is said of a file that is not in the language                |
| `expressions`   | the text of a field, read into a call and its arguments           |
| `calls`         | the calls that are allowed, and what each draws                   |
| `words`         | the words of shops that the library of fake data lacks            |
| `specification` | a file: its topics, keys, fields and relations, checked as a whole |
| `records`       | the records of a seed and a number                                |
| `avro`          | the same records in Avro                                          |

What stays out: Kafka (`lib/kafka/`), and what any topic means.

Where this departs from `datagen`: an argument is a value, never a piece of JavaScript; what a file
says wrongly is found before the first record, and not when it is reached; a key, a relation or a
parent's field that does not exist is refused, where `datagen` sends records without it.
"""
