#!/bin/sh
# Makes a Debian package of a published folder: build.sh FOLDER VERSION ARCHITECTURE OUTPUT-FOLDER
#   dotnet publish src/Bioscope.Server -p:PublishProfile=linux-x64 -o artifacts/linux-x64
#   packaging/debian/build.sh artifacts/linux-x64 0.1.0 amd64 artifacts
set -eu
umask 022
[ $# -eq 4 ] || { sed -n '2,4s/^# *//p' "$0" >&2; exit 2; }
published=$1 version=$2 architecture=$3 output=$4
here=$(dirname "$0")
[ -f "$published/bioscope" ] || { echo "$published has no program: publish first." >&2; exit 1; }

tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
chmod 755 "$tree"
install -d "$tree/DEBIAN" "$tree/usr/lib/bioscope" "$tree/usr/share/doc/bioscope"
cp -R "$published/." "$tree/usr/lib/bioscope/"
find "$tree/usr/lib/bioscope" -type d -exec chmod 755 {} + -o -type f -exec chmod 644 {} +
chmod 755 "$tree/usr/lib/bioscope/bioscope"
install -Dm755 "$here/bioscope" "$tree/usr/bin/bioscope"
install -Dm644 "$here/bioscope.service" "$tree/lib/systemd/system/bioscope.service"
# Passwords and secrets may be set in it: postinst gives it to the service's group.
install -Dm640 "$here/bioscope.conf" "$tree/etc/bioscope/bioscope.conf"
install -m644 "$here/../../LICENSE" "$tree/usr/share/doc/bioscope/copyright"
install -m755 "$here/postinst" "$here/prerm" "$here/postrm" "$tree/DEBIAN/"
echo /etc/bioscope/bioscope.conf > "$tree/DEBIAN/conffiles"
cat > "$tree/DEBIAN/control" <<CONTROL
Package: bioscope
Version: $version
Architecture: $architecture
Maintainer: Bioscope <bioscope@localhost>
Installed-Size: $(du -sk --exclude=DEBIAN "$tree" | cut -f1)
Depends: libc6 (>= 2.34), libgcc-s1, libstdc++6, passwd, util-linux
Recommends: ca-certificates, libssl3 | libssl3t64
Section: web
Priority: optional
Description: self-hosted analytics for link-in-bio pages
 Shows where the visitors of a page of links come from, exactly, and stores
 nothing that identifies them. One program, with SQLite or PostgreSQL.
CONTROL
dpkg-deb --root-owner-group -Z"${COMPRESSION:-xz}" --build "$tree" "$output/bioscope_${version}_$architecture.deb"
