#!/usr/bin/env bash
# Holds a built image to what operating.md says of it, with no container engine but buildah. As root: container.sh IMAGE
# It runs as the image's numeric user, without capabilities, on a root file system that is mounted read-only.
set -euo pipefail
image=${1:?the image}
export STORAGE_DRIVER=${STORAGE_DRIVER:-vfs} BUILDAH_ISOLATION=chroot

container=$(buildah from --pull-never "$image")
scratch=$(mktemp -d)
cleanup() {
  [[ -z ${server:-} ]] || kill -9 "$server" 2>/dev/null || true
  buildah umount "$container" >/dev/null
  buildah rm "$container" >/dev/null
  rm -rf "$scratch"
}
trap cleanup EXIT
root=$(buildah mount "$container")
configured() { buildah inspect --type container --format "$1" "$container"; }
fail() { echo "container.sh: $*" >&2; exit 1; }

user=$(configured '{{.OCIv1.Config.User}}')
[[ $user =~ ^[1-9][0-9]*:[1-9][0-9]*$ ]] || fail "the user '$user' is not a number, or is root"
mapfile -t command < <(configured '{{range .OCIv1.Config.Entrypoint}}{{println .}}{{end}}{{range .OCIv1.Config.Cmd}}{{println .}}{{end}}' | sed '/^$/d')
mapfile -t environment < <(configured '{{range .OCIv1.Config.Env}}{{println .}}{{end}}' | sed '/^$/d')
port=$(python3 -c 'import socket; print(socket.create_server(("127.0.0.1", 0)).getsockname()[1])')
environment+=("TAXONOMY_HOST=127.0.0.1" "TAXONOMY_PORT=$port" "TAXONOMY_PACKS=docs,field" "TAXONOMY_MCP=true")
# As an engine makes a new volume: with the owner and the mode that the folder has in the image.
cp --archive "$root/data" "$scratch/data"

# Only the data volume and /dev are not read-only.
inside() {
  exec unshare --mount --propagation private bash -euc '
    root=$1 data=$2; shift 2
    mount --bind "$root" "$root"
    mount --bind "$data" "$root/data"
    mount --rbind /dev "$root/dev"
    mount -o remount,ro,bind "$root"
    exec env -i "$@"
  ' inside "$root" "$scratch/data" "$(command -v chroot)" --userspec="$user" "$root" \
    /usr/bin/env "${environment[@]}" setpriv --no-new-privs --inh-caps=-all "$@"
}

(inside sh -c 'touch /tmp/here || touch /opt/virt-taxonomy/here') 2>/dev/null && fail "the root file system can be written"
(inside python -c 'import sys; from importlib.util import find_spec; sys.exit(any(map(find_spec, ("pip", "hatchling", "pytest"))))') ||
  fail "development tools are beside the service"

inside "${command[@]}" >"$scratch/printed" 2>&1 &
server=$!
for _ in $(seq 600); do
  curl -fsS "http://127.0.0.1:$port/readyz" >/dev/null 2>&1 && break
  kill -0 "$server" 2>/dev/null || break
  sleep 0.1
done
curl -fsS "http://127.0.0.1:$port/readyz" || { cat "$scratch/printed"; fail "it does not get ready"; }
echo
[[ $(curl -fsS "http://127.0.0.1:$port/hypervisors?type=bare-metal&pack=docs" | grep -o '"total":[0-9]*') == '"total":5' ]] || fail "it does not serve"
curl -fsS "http://127.0.0.1:$port/hypervisors/proxmox-ve" >/dev/null || fail "it has no pack field"
curl -fsS "http://127.0.0.1:$port/openapi.json" | grep '"examples"' >/dev/null || fail "its OpenAPI document has no examples"
curl -fsS --json '{"jsonrpc": "2.0", "id": 1, "method": "tools/list"}' "http://127.0.0.1:$port/mcp" | grep identify_host >/dev/null || fail "it has no tools for models"
awk -v uid="${user%:*}" '/^Uid/ { if ($2 != uid) exit 1 } /^CapEff/ { if ($2 !~ /^0+$/) exit 1 }' "/proc/$server/status" || fail "it runs as another user, or with capabilities"
begun=$(date +%s%N)
kill -TERM "$server"
wait "$server" && status=0 || status=$?
server=
took=$((($(date +%s%N) - begun) / 1000000))
[[ $status == 0 ]] || fail "it ended with status $status"
[[ $took -lt 1000 ]] || fail "it took $took ms to stop"
echo "user $user, read-only root, ready, served, stopped in $took ms with status 0; written: $(ls "$scratch/data")"
