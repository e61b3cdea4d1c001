#!/bin/sh
# Puts a backup in the place of all that the stack has stored: `restore.sh FOLDER`. Clients wait meanwhile.
set -eu
[ $# -eq 1 ] && [ -f "$1/database.dump" ] && [ -f "$1/encryption.key" ] || { echo "Usage: $0 FOLDER (as backup.sh wrote it)" >&2; exit 2; }
cd "$(dirname "$0")/.."
folder=$1
docker compose up -d --wait postgres
docker compose stop nginx api scheduler
# All or nothing: a backup that cannot be read leaves what is there as it is.
docker compose exec -T postgres pg_restore -U ostinato -d ostinato --clean --if-exists --single-transaction --no-owner <"$folder/database.dump"
docker compose run --rm --no-deps -T --user root --entrypoint sh setup -c \
    'cat >/run/made/encryption/.draft && chmod 444 /run/made/encryption/.draft && mv /run/made/encryption/.draft /run/made/encryption/encryption.key' <"$folder/encryption.key"
docker compose run --rm -T migrator
docker compose up -d --wait api scheduler nginx
echo "Restored from $folder."
