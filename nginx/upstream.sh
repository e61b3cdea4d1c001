#!/bin/sh
# The replicas of the API, as the resolver knows them: `write` makes nginx's list of them; `watch` keeps it true.
set -eu
file=/etc/nginx/conf.d/upstream.conf
every=${OSTINATO_RESOLVE_SECONDS:-2}

servers() {
    for place in $(echo "$OSTINATO_API_SERVERS" | tr ',' ' '); do
        getent ahostsv4 "${place%:*}" | awk -v port="${place##*:}" \
            '{ print "    server " $1 ":" port " max_fails=1 fail_timeout=2s;" }' || true
    done | sort -u
}

# Succeeds where the list has changed.
write() {
    found=$(servers)
    # An upstream must have somebody, and nginx must start before the API does: nobody listens on this port.
    [ -n "$found" ] || found="    server 127.0.0.1:9;"
    printf 'upstream api {\n    zone api 64k;\n    least_conn;\n%s\n    keepalive 64;\n}\n' "$found" >"$file.new"
    if cmp -s "$file.new" "$file"; then
        rm "$file.new"
        return 1
    fi
    mv "$file.new" "$file"
}

case $1 in
    write) write || true ;;
    watch)
        while sleep "$every"; do
            if write; then nginx -s reload 2>/dev/null || true; fi
        done
        ;;
esac
