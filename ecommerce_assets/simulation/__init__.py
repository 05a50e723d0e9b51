"""The simulated shop: seeded generators that write what the real sources would deliver.

What belongs here: files in the exact layout of a source, and the truths the generator
planted in them, so that a pipeline can be run and its numbers checked without a download.

What stays out: everything that reads those files. A truth comes from what the generator
knows before it writes; it is never measured with the SQL or the code it is meant to check.
No other part of the project is imported here.

The generators stand in their domains (`domains/*/simulator`). What they share stands here:
`randomness`, `delivery` and `truth_files`; `calendar` and `weights` for files of months; `datagen`
and `messages` for streams.
"""
