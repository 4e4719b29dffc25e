#!/usr/bin/env bash
# Builds everything and runs every test. Needs the .NET SDK; the last line counts what passed. The comparison with ENet is tested too where its library and a
# C compiler are: root on a Debian machine gets them from here, elsewhere those tests are skipped, and the output says so.
# Usage: eng/test.sh [arguments for dotnet test, such as --filter FullyQualifiedName~Delivery]
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

if ! command -v dotnet >/dev/null 2>&1; then
  echo "The .NET SDK is not on the PATH. Install .NET 10 (https://dotnet.microsoft.com/download) and run this again." >&2
  exit 1
fi
case "$(dotnet --version)" in
  [1-9].*) echo "The .NET SDK here is $(dotnet --version); ActorPeer needs 10.0 or newer." >&2; exit 1 ;;
esac

has_enet() { printf '#include <enet/enet.h>\nint main(void) { return enet_initialize(); }' | cc -x c - -o /dev/null -lenet 2>/dev/null; }
if ! has_enet && [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null 2>&1; then
  echo "== set-up: ENet, to compare with"
  { apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y libenet-dev gcc libc6-dev; } >/dev/null 2>&1 || true
fi
has_enet || echo "ATTENTION: no ENet to compare with; to have it: apt-get update && apt-get install -y libenet-dev gcc libc6-dev" >&2

if ! command -v godot3-server >/dev/null 2>&1 && [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null 2>&1; then
  echo "== set-up: Godot 3 without a window, to talk to"
  { apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y godot3-server; } >/dev/null 2>&1 || true
fi
command -v godot3-server >/dev/null 2>&1 || echo "ATTENTION: no Godot to talk to, those tests are skipped; to have it: apt-get update && apt-get install -y godot3-server" >&2

if ! command -v chromium >/dev/null 2>&1 && [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null 2>&1; then
  echo "== set-up: Chromium, to look at the page"
  { apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y chromium; } >/dev/null 2>&1 || true
fi
command -v chromium >/dev/null 2>&1 || echo "ATTENTION: no Chromium to look at the page with, those tests are skipped; to have it: apt-get update && apt-get install -y chromium" >&2

results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT

echo "== build"
dotnet build ActorPeer.sln -c Release -nologo || { echo "0 passed, 1 failed, 0 skipped"; exit 1; }

echo "== test"
dotnet test ActorPeer.sln -c Release --no-build -nologo --logger "console;verbosity=minimal" --logger "trx" \
  --results-directory "$results" "$@"
status=$?

count() { cat "$results"/*.trx 2>/dev/null | grep -o "<Counters [^>]*" | grep -o " $1=\"[0-9]*\"" | grep -o '[0-9]*' | paste -sd+ - | sed 's/^$/0/' | { read -r sum; echo $((sum)); }; }
passed=$(count passed) failed=$(count failed) total=$(count total)
skipped=$((total - passed - failed))
[ "$total" -gt 0 ] || { echo "no test ran" >&2; status=1; }

# Each of these counts as one test more.
check() {
  if "${@:2}"; then passed=$((passed + 1)); else failed=$((failed + 1)) status=1; echo "FAILED: $1"; fi
}
lab() { dotnet "Peer.Lab/bin/$1/net10.0/Peer.Lab.dll" simulate "${@:2}"; }
digest() { lab "$1" --seeds 1..8 --minutes 1 2>/dev/null | grep '^digest'; }
same_in_debug_and_release() {
  dotnet build Peer.Lab -c Debug -nologo -v q >/dev/null || return 1
  local release debug
  release=$(digest Release) debug=$(digest Debug)
  echo "Release: $release"
  echo "Debug:   $debug"
  [ -n "$release" ] && [ "$release" = "$debug" ]
}
if [ $# -eq 0 ]; then
  echo "== simulation"
  check "a sweep of 60 seeds, two virtual minutes each" lab Release --seeds 1..60 --minutes 2
  check "a seed gives the same trace twice" lab Release --seeds 61..70 --minutes 1 --verify-determinism
  check "a seed gives the same trace in Debug and Release" same_in_debug_and_release
  echo "== three nodes"
  # The books are strict whatever the machine; how soon everybody is back is measured on a quiet one, without --patience (docs/cluster.md).
  check "300 bots on three nodes: one is drained, one is killed" dotnet Peer.Lab/bin/Release/net10.0/Peer.Lab.dll nodes --patience 3 --return-limit 120
  echo "== fuzzing"
  check "60 seconds of fuzzing" dotnet Peer.Lab/bin/Release/net10.0/Peer.Lab.dll fuzz --target all --seconds 10 --seed $RANDOM --corpus Peer.Tests/Fuzz/Corpus
fi

[ "$skipped" -eq 0 ] || echo "ATTENTION: $skipped tests were skipped; the output above says which and why."
echo "$passed passed, $failed failed, $skipped skipped"
exit $status
