#!/bin/sh
# Few connections to Postgres for many clients, one transaction at a time.
set -eu
password=$(cat /run/database/password)
cat >/tmp/users <<USERS
"ostinato" "$password"
USERS
cat >/tmp/pgbouncer.ini <<INI
[databases]
* = host=postgres port=5432 user=ostinato password=$password
[pgbouncer]
listen_addr = *
listen_port = 6432
unix_socket_dir =
auth_type = scram-sha-256
auth_file = /tmp/users
admin_users = ostinato
pool_mode = transaction
default_pool_size = 4
max_client_conn = 200
max_prepared_statements = 200
INI
exec pgbouncer /tmp/pgbouncer.ini
