#!/bin/sh
# Run once by the image of PostgreSQL in an empty volume: the three roles, their rights, their passwords.
set -eu
run() { psql -v ON_ERROR_STOP=1 --no-psqlrc -q --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" "$@"; }
run -f /prm/roles.sql -f /prm/privileges.sql
for role in prm_owner prm_app prm_read; do
  run -v role="$role" -v password="$(cat "/run/secrets/${role}_password")" <<'SQL'
ALTER ROLE :"role" PASSWORD :'password';
SQL
done
