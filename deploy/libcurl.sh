# libcurl as lifehook uses it, HTTP/1.1 over OpenSSL and nothing else, of Debian's source: read by ./dev, whose `need` and
# `say` install and tell. Why: docs/decisions/size.md.

readonly libcurl_place=build/lib/lifehook  # ../lib/lifehook of the program, in the image too
# Without what the transport never asks of it (aws/curl_connection.cc). Names, SOCKS, proxies and their passwords stay.
readonly libcurl_options=(
  -DBUILD_CURL_EXE=OFF -DBUILD_TESTING=OFF -DENABLE_MANUAL=OFF -DHTTP_ONLY=ON -DCURL_USE_OPENSSL=ON
  -DCURL_CA_BUNDLE=/etc/ssl/certs/ca-certificates.crt -DCURL_CA_PATH=/etc/ssl/certs
  -DCURL_USE_LIBSSH2=OFF -DCURL_USE_LIBPSL=OFF -DUSE_LIBIDN2=OFF -DUSE_NGHTTP2=OFF
  -DCURL_ZLIB=OFF -DCURL_BROTLI=OFF -DCURL_ZSTD=OFF -DENABLE_UNIX_SOCKETS=OFF
  -DCURL_DISABLE_ALTSVC=ON -DCURL_DISABLE_COOKIES=ON -DCURL_DISABLE_DOH=ON -DCURL_DISABLE_GETOPTIONS=ON
  -DCURL_DISABLE_HSTS=ON -DCURL_DISABLE_MIME=ON -DCURL_DISABLE_NETRC=ON -DCURL_DISABLE_NTLM=ON
)
readonly libcurl_flags='-w -ffunction-sections -fdata-sections -fstack-protector-strong -D_FORTIFY_SOURCE=2'
readonly libcurl_link='-fuse-ld=lld-19 -Wl,--gc-sections -Wl,-z,pack-relative-relocs -Wl,-z,relro -Wl,-z,now'

# fetch_curl DIRECTORY: this Debian's newest source into DIRECTORY/source, from where the machine has its packages, also when
# it is not set up to fetch sources. Leaves the machine's own lists alone.
fetch_curl() {
  local codename apt=(apt-get -q -o "Dir::Etc::sourcelist=$1/sources.list" -o Dir::Etc::sourceparts=-
    -o "Dir::State::lists=$1/lists" -o "Dir::Cache=$1/cache" -o APT::Sandbox::User=root)
  need dpkg-dev debian-archive-keyring
  mkdir -p "$1/lists/partial" "$1/cache/archives/partial"
  codename=$(. /etc/os-release && printf '%s' "$VERSION_CODENAME")
  [[ -n $(apt-get indextargets) ]] || as_root apt-get update -q
  apt-get indextargets --format '$(ORIGIN)|$(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' | sort -u |
    sed -n "s,^Debian|\\([^ ]* $codename\\(-updates\\|-security\\)\\? \\),deb-src [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] \\1,p" \
      >"$1/sources.list"
  "${apt[@]}" update
  (cd "$1" && "${apt[@]}" source --download-only curl)
  dpkg-source --no-check -x "$1"/curl_*.dsc "$1/source"
}

# make_libcurl DIRECTORY: DIRECTORY/libcurl.so.4, and the copyright that belongs beside it.
make_libcurl() {
  fetch_curl "$1"
  cmake -S "$1/source" -B "$1/build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DCMAKE_C_COMPILER=clang-19 \
    -DCMAKE_C_FLAGS="$libcurl_flags" -DCMAKE_C_FLAGS_RELEASE='-O2 -DNDEBUG' \
    -DCMAKE_SHARED_LINKER_FLAGS="$libcurl_link" "${libcurl_options[@]}"
  ninja -C "$1/build" --quiet
  strip -o "$1/libcurl.so.4" "$1/build/lib/libcurl.so.4"
  cp "$1/source/debian/copyright" "$1/libcurl.copyright"
}

libcurl_mark() { sha256sum deploy/libcurl.sh && dpkg-query -W -f='${Version}' libcurl4-openssl-dev; }

# Makes $libcurl_place/libcurl.so.4 when this file or the machine's curl is another than it was made of. Where that cannot be
# done the one before it serves, or Debian's own library; it is tried again by `./dev setup`.
need_libcurl() {
  local wanted made status
  wanted=$(libcurl_mark)
  [[ -f $libcurl_place/tried && $(<"$libcurl_place/tried") == "$wanted" ]] && return
  say "making libcurl, of Debian's source"
  mkdir -p "$libcurl_place"
  made=$(mktemp -d)
  set +e
  (set -e; make_libcurl "$made") >"$libcurl_place/made.txt" 2>&1
  status=$?
  set -e
  rm -f "$libcurl_place/no_source"
  if [[ $status == 0 ]]; then
    mv "$made"/libcurl.so.4 "$made"/libcurl.copyright "$libcurl_place"
  else
    say "could not ($PWD/$libcurl_place/made.txt): linking the one before it, or Debian's, which works as well and brings 27 libraries more"
    [[ -d $made/source ]] || touch "$libcurl_place/no_source"
  fi
  printf '%s' "$wanted" >"$libcurl_place/tried"
  rm -rf "$made"
}
