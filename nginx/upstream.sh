#!/bin/sh
# The replicas of the API, as the resolver knows them: `write` makes nginx's list of them; `watch` keeps it true.
# A replica that is gone stays in the list for a while: most are back soon, and nginx passes by who does not answer.
# `watch` also notes whether there is maintenance, as the API has said last: while nobody answers, clients must know.
set -eu
file=/etc/nginx/conf.d/upstream.conf
seen=/tmp/upstream.seen
every=${OSTINATO_RESOLVE_SECONDS:-1}
kept=${OSTINATO_RESOLVE_KEPT_SECONDS:-60}
maintained=/tmp/maintenance

# Notes when each address was seen last, and prints those that were not long ago.
addresses() {
    now=$(date +%s)
    touch "$seen"
    for place in $(echo "$OSTINATO_API_SERVERS" | tr ',' ' '); do
        getent ahostsv4 "${place%:*}" | awk -v port="${place##*:}" -v now="$now" '{ print $1 ":" port, now }' || true
    done | cat - "$seen" | awk -v now="$now" -v kept="$kept" '!known[$1]++ && now - $2 <= kept' >"$seen.new"
    mv "$seen.new" "$seen"
    cut -d' ' -f1 "$seen" | sort
}

# Succeeds where the list has changed.
write() {
    found=$(addresses | sed 's/.*/    server & max_fails=1 fail_timeout=1s;/')
    # An upstream must have somebody, and nginx must start before the API does: nobody listens on this port.
    [ -n "$found" ] || found="    server 127.0.0.1:9;"
    printf 'upstream api {\n    zone api 64k;\n    least_conn;\n%s\n    keepalive 64;\n}\n' "$found" >"$file.new"
    if cmp -s "$file.new" "$file"; then
        rm "$file.new"
        return 1
    fi
    mv "$file.new" "$file"
}

# Asks the first replica that answers; where none does, what was true before stays.
note_maintenance() {
    for server in $(sed -n 's/^ *server \([^ ;]*\).*/\1/p' "$file"); do
        told=$(curl -sS --connect-timeout 0.3 -m 1 -o /dev/null -D - "http://$server/api/health" 2>/dev/null) || continue
        case $(echo "$told" | tr 'A-Z' 'a-z') in
            *ostinato-maintenance:*) touch "$maintained" ;;
            *) rm -f "$maintained" ;;
        esac
        return
    done
}

case $1 in
    write) write || true ;;
    watch)
        while sleep "$every"; do
            if write; then nginx -s reload 2>/dev/null || true; fi
            note_maintenance
        done
        ;;
esac
