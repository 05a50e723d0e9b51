"""The command line, `ecommerce …`: arguments, texts, exit codes. Makes no number."""
