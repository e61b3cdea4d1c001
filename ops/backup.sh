#!/bin/sh
# Writes a backup of the running stack into a new folder: `backup.sh FOLDER`. It holds secrets: keep it where only you read.
set -eu
[ $# -eq 1 ] || { echo "Usage: $0 FOLDER (a new one)" >&2; exit 2; }
umask 077
mkdir -p "$1"
folder=$(cd "$1" && pwd)
cd "$(dirname "$0")/.."
[ ! -e "$folder/database.dump" ] || { echo "There is a backup in $folder already: name another folder." >&2; exit 1; }
docker compose exec -T postgres pg_dump -U ostinato -d ostinato --format=custom >"$folder/.database.dump"
docker compose exec -T api cat /run/encryption/encryption.key >"$folder/encryption.key"
mv "$folder/.database.dump" "$folder/database.dump"
echo "Written to $folder: $(du -h "$folder/database.dump" | cut -f1) of data, and the key that opens its secrets."
