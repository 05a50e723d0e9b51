#!/usr/bin/env bash
# Starts the composition, loads a month, asks the UI for it, and takes everything down again.
# ECOMMERCE_IMAGE names the image; nothing is built.
set -euo pipefail
cd "$(dirname "$0")/.."
export ECOMMERCE_PORT=${ECOMMERCE_PORT:-3000} ECOMMERCE_SAMPLE_EVENTS=2000
export COMPOSE_PROJECT_NAME=ecommerce-smoke
folder=$(mktemp -d)
export POSTGRES_PASSWORD_FILE=$folder/postgres_password
openssl rand -hex 24 > "$POSTGRES_PASSWORD_FILE"

finish() {
  status=$?
  [ "$status" -eq 0 ] || docker compose logs --tail 100
  docker compose down --volumes --timeout 30
  rm -rf "$folder"
  exit "$status"
}
trap finish EXIT

docker compose up --no-build --detach --wait --wait-timeout 300
docker compose exec -T code /app/deploy/entrypoint.sh \
  ecommerce backfill cosmetics --from 2019-10 --to 2019-10
answer=$(curl --fail --silent --show-error --header 'Content-Type: application/json' \
  --data '{"query": "{runsOrError {... on Runs {results {status}}} workspaceOrError {... on Workspace {locationEntries {loadStatus locationOrLoadError {__typename}}}}}"}' \
  "http://127.0.0.1:$ECOMMERCE_PORT/graphql")
echo "$answer"
[[ $answer == *'"RepositoryLocation"'* ]]
[[ $answer == *'"SUCCESS"'* && $answer != *'"FAILURE"'* ]]
