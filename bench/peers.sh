# The peers of the bench: read by ./dev, whose `need` and `say` install and tell.

readonly oldest_node=20 oldest_go=1.24 own_node=22.23.3 own_go=1.27.3

at_least() { [[ $(printf '%s\n' "$2" "$1" | sort -V | head -n 1) == "$2" ]]; }

# The machine's node where it is new enough, else one that npm brings; bench/clients.py looks for both.
install_node() {
  command -v npm >/dev/null || need nodejs npm
  cd "$1"
  npm ci --no-audit --no-fund --loglevel=error
  at_least "$(node --version | tr -d v)" "$oldest_node" && return
  local machine=x64
  [[ $(uname -m) != aarch64 ]] || machine=arm64
  npm install --no-save --no-audit --no-fund --loglevel=error "node-linux-$machine@$own_node"
}

# The machine's go where it is new enough; else that go fetches a newer one as it does any module, though without the
# right to execute it.
new_enough_go() {
  if command -v go >/dev/null && at_least "$(go env GOVERSION | tr -d 'a-z')" "$oldest_go"; then
    command -v go
    return
  fi
  command -v go >/dev/null || need golang-go >&2
  local fetched own=$1/toolchain
  fetched=$(go mod download -json "golang.org/toolchain@v0.0.1-go$own_go.linux-$(dpkg --print-architecture)" |
    sed -n 's/.*"Dir": "\(.*\)".*/\1/p')
  cp -r "$fetched" "$own"
  chmod -R u+w "$own"
  chmod -R +x "$own/bin" "$own/pkg/tool"
  printf '%s' "$own/bin/go"
}

install_go() {
  local go
  go=$(new_enough_go "$1")
  cd "$1"
  GOFLAGS=-mod=readonly "$go" build -trimpath -ldflags='-s -w' -o worker .
}

# need_peer NAME: bench/NAME as a program below build/peers. One that cannot be installed is left out; the bench says so.
need_peer() {
  local place=$PWD/build/peers/$1 wanted status
  wanted=$(sha256sum bench/"$1"/*)
  [[ -f $place/made_from && $(<"$place/made_from") == "$wanted" ]] && return
  say "installing the peer in $1"
  rm -rf "$place"
  mkdir -p "$place"
  cp bench/"$1"/* "$place"
  set +e
  (set -e; "install_$1" "$place")
  status=$?
  set -e
  if [[ $status == 0 ]]; then printf '%s' "$wanted" >"$place/made_from"; else say "not installed: the peer in $1"; fi
}
