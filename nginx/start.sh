#!/bin/sh
# Before nginx starts: makes its site and the UI's page from the settings, and finds who serves the API.
set -eu
conf=/etc/nginx/conf.d

OSTINATO_BASE_PATH=${OSTINATO_BASE_PATH%/}
case $OSTINATO_BASE_PATH in
    ''|/*) ;;
    *) OSTINATO_BASE_PATH=/$OSTINATO_BASE_PATH ;;
esac
STRIP=
[ -z "$OSTINATO_BASE_PATH" ] || STRIP="rewrite ^$OSTINATO_BASE_PATH(/.*)\$ \$1 break;"
HTTPS_SUFFIX=
[ "$OSTINATO_HTTPS_PORT" = 443 ] || HTTPS_SUFFIX=":$OSTINATO_HTTPS_PORT"
export OSTINATO_BASE_PATH STRIP HTTPS_SUFFIX
envsubst '${OSTINATO_BASE_PATH} ${OSTINATO_MAX_BODY} ${OSTINATO_SOCKET_IDLE} ${STRIP} ${HTTPS_SUFFIX}' \
    </etc/ostinato/site.conf.template >"$conf/site.conf"

# The UI's page is told where it stands, so that it finds its files, and the API, from every address below.
sed "s|<base href=\"./\" />|<base href=\"$OSTINATO_BASE_PATH/\" />|" /usr/share/ostinato/ui/index.html >/tmp/ui.html

if nginx -V 2>&1 | grep -q http_v3_module; then
    cat >"$conf/http3.inc" <<INC
listen 8443 quic reuseport;
listen [::]:8443 quic reuseport;
http3 on;
add_header Alt-Svc 'h3=":$OSTINATO_HTTPS_PORT"; ma=86400' always;
INC
else
    : >"$conf/http3.inc"
fi

upstream.sh write
# Replicas come, go and change their addresses: nginx is told when they do.
upstream.sh watch &
