#!/bin/sh
# Puts a backup in the place of all that the stack has stored: `restore.sh FOLDER`. Clients wait meanwhile.
set -eu
[ $# -eq 1 ] && [ -f "$1/database.dump" ] && [ -f "$1/encryption.key" ] || { echo "Usage: $0 FOLDER (as backup.sh wrote it)" >&2; exit 2; }
folder=$(cd "$1" && pwd)
cd "$(dirname "$0")/.."
docker compose up -d --wait postgres
docker compose stop api scheduler
# All or nothing: a backup that cannot be read leaves what is there as it is.
docker compose exec -T postgres bash -c 'set -o pipefail
    { echo "DROP SCHEMA public CASCADE; CREATE SCHEMA public;"; pg_restore --no-owner -f - || echo "SELECT 1 / 0;"; } |
    psql -q -U ostinato -d ostinato --single-transaction -v ON_ERROR_STOP=1 >/dev/null' <"$folder/database.dump"
docker compose run --rm --no-deps -T --entrypoint sh setup -c \
    'cat >/run/made/encryption/.draft && chmod 444 /run/made/encryption/.draft && mv /run/made/encryption/.draft /run/made/encryption/encryption.key' <"$folder/encryption.key"
docker compose run --rm -T migrator
docker compose up -d --wait api scheduler nginx
echo "Restored from $folder."
