# Sourced by the entrypoint of the mariadb image on the first start of the primary and of each replica (docker-compose.yml):
# sets what init.sql asks for, and runs it. PRIMARY_HOST is set on replicas only.
# shellcheck shell=bash
sluice_secret() {
  local text
  text="$(cat "${SECRETS_DIR:-/run/secrets}/$1")"
  case "$text" in
    *[!0-9A-Za-z_-]* | "") echo "secret $1 must be of A-Z a-z 0-9 _ -" >&2 && return 1 ;;
  esac
  printf "'%s'" "$text"
}
{
  echo "SET @sluice_password = $(sluice_secret mysql_password), @replication_password = $(sluice_secret mysql_replication_password);"
  if [ -n "${PRIMARY_HOST:-}" ]; then
    echo "SET @primary_host = '${PRIMARY_HOST}', @primary_port = 3306;"
  else
    echo "SET @primary_host = NULL, @primary_port = NULL;"
  fi
  cat "${INIT_SQL:-/sluice/init.sql}"
} | docker_process_sql --database=mysql
