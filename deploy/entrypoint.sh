#!/bin/sh
# Puts Dagster's settings and the database's password in their places, then becomes the command.
set -eu

# A password comes as a file; libraries and Dagster's settings read a variable.
if [ -n "${DAGSTER_PG_PASSWORD_FILE:-}" ]; then
  DAGSTER_PG_PASSWORD=$(cat "$DAGSTER_PG_PASSWORD_FILE")
  export DAGSTER_PG_PASSWORD
fi

# With a database the history goes there, without one into SQLite files under DAGSTER_HOME.
# Settings that the platform mounts (the Helm chart does, read-only) stay as they are.
here=$(dirname "$0")
settings=$here/local/dagster.yaml
if [ -n "${DAGSTER_PG_HOST:-}" ]; then
  settings=$here/dagster.yaml
fi
placed=$DAGSTER_HOME/dagster.yaml
mkdir -p "$DAGSTER_HOME"
if ! cmp -s "$settings" "$placed" && { [ ! -e "$placed" ] || [ -w "$placed" ]; }; then
  # Containers that share the volume may be here at once: the file takes its name in one step.
  part=$(mktemp "$DAGSTER_HOME/.dagster.yaml.XXXXXX")
  cp "$settings" "$part"
  chmod 0644 "$part"
  mv "$part" "$placed"
fi

exec "$@"
