#!/usr/bin/env bash
# A tour of the drive with curl: every step is checked, and the first that is not as it should be ends it with 1.
#
#   docs/tour.sh                              starts a drive of its own, kills it once in the middle, and stops it
#   BASE=http://127.0.0.1:8080 docs/tour.sh   goes through a drive that runs already (and leaves out the kill)
#
# SIZE   bytes of the file (default 1,100,000,000)   CHUNK   bytes of a chunk (default 8 MiB)
# TMPDIR needs room for twice SIZE. Needs bash, curl, node and coreutils.
set -euo pipefail
export LC_ALL=C

size=${SIZE:-1100000000}
chunk=${CHUNK:-8388608}
base=${BASE:-}
root=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d "${TMPDIR:-/tmp}/sluice-tour.XXXXXX")
file=$work/film.bin
starter_pid= drive_pid= events_pid=

# ---- small tools

say() { printf '%5ss  %s\n' "$SECONDS" "$*"; }
fail() { printf 'tour: %s\n' "$*" >&2; exit 1; }
same() { [ "$2" = "$3" ] || fail "$1: wanted $3, got $2"; }

# json EXPRESSION: of the JSON on stdin, called `a`.
json() { node -e 'const a = JSON.parse(fs.readFileSync(0, "utf8")); console.log(String(eval(process.argv[1])))' "$1"; }

# ask STATUS CURL-ARGUMENT…: prints the answer's body; it must have that status.
ask() {
  local wanted=$1 answer status
  shift
  answer=$(curl -sS -w '\n%{http_code}' "$@") || fail "curl $* ended with $?"
  status=${answer##*$'\n'}
  [ "$status" = "$wanted" ] || fail "curl $*: wanted $wanted, got $answer"
  printf '%s' "${answer%$'\n'*}"
}

# post STATUS PATH JSON: as the user whose token is in $token.
post() { ask "$1" "$base$2" -H "Authorization: Bearer $token" -H 'Content-Type: application/json' -d "$3"; }
get() { ask "$1" "$base$2" -H "Authorization: Bearer $token"; }

# bytes INDEX: the bytes of a chunk, the first one being 1.
bytes() { dd if="$file" bs="$chunk" skip=$(($1 - 1)) count=1 status=none; }

# sha1_base64: of stdin, as Upload-Checksum has it.
sha1_base64() { printf '%b' "$(sha1sum | cut -c1-40 | sed 's/../\\x&/g')" | base64; }

# put INDEX CURL-ARGUMENT…: sends a chunk with its SHA-1; curl's exit code.
put() {
  local index=$1
  shift
  bytes "$index" | curl -sSf -o "$work/put.$index" "$@" -T - -H 'Expect:' -H "Authorization: Bearer $token" \
    -H "Upload-Checksum: sha1 $(bytes "$index" | sha1_base64)" \
    "$base/file/mpupload/uppart?uploadid=$upload&index=$index"
}

# put_and_note INDEX: what the drive acknowledged is written down. 255 makes xargs stop.
put_and_note() {
  put "$1" || exit 255
  echo "$1" >>"$work/acknowledged"
}

# put_all: sends the chunks whose indexes are on stdin, four at a time.
put_all() { xargs -P 4 -I{} bash -c 'put_and_note {}'; }

# ---- the drive

start_drive() { # PORT
  local old=${drive_pid:-none}
  # What `npm start` runs.
  HOST=127.0.0.1 PORT="$1" DATA_DIR="$work/data" node "$root/bin/run.mjs" gateway/main.ts >>"$work/drive.log" 2>&1 &
  starter_pid=$!
  # The drive writes its process id and, once it listens, its URL to lock.json.
  for _ in $(seq 600); do
    kill -0 "$starter_pid" 2>/dev/null || { cat "$work/drive.log" >&2; fail "the drive ended while it started"; }
    if [ -s "$work/data/lock.json" ]; then
      read -r drive_pid base < <(json '`${a.pid} ${a.url ?? ""}`' <"$work/data/lock.json")
      [ "$drive_pid" != "$old" ] && [ -n "$base" ] && return
    fi
    sleep 0.2
  done
  fail "the drive does not listen after two minutes"
}

# Ends only what was started here, by its process id: the curl that listens for events, and node with the drive below it.
clean_up() {
  local code=$? pid
  trap - EXIT
  for pid in $events_pid $starter_pid; do
    kill "$pid" 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
  done
  rm -rf "$work"
  exit "$code"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

if [ -z "$base" ]; then
  start_drive 0
  say "the drive listens on $base (process $drive_pid)"
fi
ask 200 "$base/readyz" >/dev/null

# ---- sign up, sign in

user=ann-$$-$RANDOM
ask 201 "$base/user" -H 'Content-Type: application/json' -d "{\"username\":\"$user\",\"password\":\"correct horse\"}" >/dev/null
token=$(ask 200 "$base/user/$user" -H 'Content-Type: application/json' -d '{"password":"correct horse"}' | json a.token)
ask 401 "$base/user/$user" -H 'Content-Type: application/json' -d '{"password":"wrong horse"}' >/dev/null
say "$user signed up and signed in; a wrong password is 401"

# ---- a small file by a form

printf 'hello\n' >"$work/hello.txt"
small=$(ask 201 "$base/file/upload" -H "Authorization: Bearer $token" -F "file=@$work/hello.txt" | json a.id)
same "the small file" "$(get 200 "/file/download?id=$small")" hello
say "a small file went up by a form and came back"

# ---- a large one by chunks, in parallel, over a connection that breaks and a drive that dies

head -c "$size" /dev/urandom >"$file"
sha1=$(sha1sum "$file" | cut -c1-40)
say "made a file of $size bytes, SHA-1 $sha1"

begin="{\"name\":\"film.bin\",\"size\":$size,\"sha1\":\"$sha1\",\"chunkSize\":$chunk}"
read -r upload chunk count < <(post 201 /file/mpupload/init "$begin" | json '`${a.uploadId} ${a.chunkSize} ${a.chunkCount}`')
export -f put put_and_note bytes sha1_base64
export file work chunk base token upload
say "upload $upload: $count chunks of $chunk bytes"

code=0
put 1 --limit-rate $((chunk / 4)) --max-time 1 2>/dev/null || code=$?
same "the cut connection (curl's code for time-out)" "$code" 28
same "a chunk that was cut counts for nothing" "$(get 200 "/file/mpupload/status?uploadid=$upload" | json a.received)" 0
say "a connection was cut in the middle of chunk 1: it counts for nothing"

wrong=$(bytes 1 | ask 422 "$base/file/mpupload/uppart?uploadid=$upload&index=1" -T - -H 'Expect:' \
  -H "Authorization: Bearer $token" -H "Upload-Checksum: sha1 $(printf x | sha1_base64)" | json a.code)
same "a chunk with another checksum" "$wrong" checksum-mismatch
say "a chunk that is not what its Upload-Checksum says is 422 $wrong"

: >"$work/acknowledged"
if [ -n "$drive_pid" ]; then
  seq "$count" | put_all 2>/dev/null &
  putting=$!
  until [ "$(wc -l <"$work/acknowledged")" -ge $(((count + 1) / 2)) ]; do
    kill -0 "$putting" 2>/dev/null || fail "the chunks ended before the drive was killed"
    sleep 0.02
  done
  kill -9 "$drive_pid"
  # In braces, since the shell itself would tell of what was killed.
  { wait "$putting" "$starter_pid"; } 2>/dev/null || true
  say "kill -9 of process $drive_pid after $(wc -l <"$work/acknowledged") of $count chunks"
  start_drive "${base##*:}"
  say "started again on the same folder: process $drive_pid; the old token is still good"
else
  seq $(((count + 1) / 2)) | put_all
  say "sent half of the chunks, four at a time"
fi

# The drive holds every chunk that it has acknowledged, whatever died since.
resumed=$(post 200 /file/mpupload/init "$begin")
same "init of the same content" "$(json a.uploadId <<<"$resumed")" "$upload"
get 200 "/file/mpupload/status?uploadid=$upload" | json 'a.missing.join("\n")' >"$work/missing"
[ -s "$work/missing" ] || fail "nothing is missing: the drive was killed too late"
lost=$(sort "$work/acknowledged" "$work/missing" | uniq -d)
same "chunks that were acknowledged and are missing" "$lost" ""
say "init again is 200 with $(json a.received <<<"$resumed") chunks received; none that was acknowledged is lost"

early=$(post 409 /file/mpupload/complete "{\"uploadId\":\"$upload\"}" | json a.missing.length)
same "chunks missing" "$early" "$(wc -l <"$work/missing")"
say "complete is 409 with the $early chunks that are missing"

curl -sSN -H "Authorization: Bearer $token" "$base/file/events" >"$work/events" 2>/dev/null &
events_pid=$!

put_all <"$work/missing"
put 1
say "sent them, and chunk 1 a second time: it is acknowledged again"

post 202 /file/mpupload/complete "{\"uploadId\":\"$upload\"}" >/dev/null
post 202 /file/mpupload/complete "{\"uploadId\":\"$upload\"}" >/dev/null
say "complete is 202, and 202 again"
for _ in $(seq 600); do
  read -r state id error < <(get 200 "/file/mpupload/status?uploadid=$upload" | json '`${a.state} ${a.fileId} ${a.error}`')
  [ "$state" = verifying ] || break
  sleep 0.2
done
same "the upload ($error)" "$state" done
say "the upload is done: file $id"

for _ in $(seq 100); do
  grep -q '"state":"stored"' "$work/events" && break
  sleep 0.1
done
for word in verifying done stored; do grep -q "\"state\":\"$word\"" "$work/events" || fail "no event said \"$word\""; done
kill "$events_pid"
wait "$events_pid" 2>/dev/null || true
events_pid=
say "the event stream told it: $(grep -c '^event:' "$work/events") events, from verifying to done to stored"

# ---- down again

same "SHA-1 of the download" "$(curl -sSf -H "Authorization: Bearer $token" "$base/file/download?id=$id" | sha1sum | cut -c1-40)" "$sha1"
say "downloaded it: the SHA-1 is the same"

middle=$((size / 2))
range() { curl -sSf -H "Authorization: Bearer $token" -r "$1" "$base/file/download?id=$id" | sha1sum; }
same "a range in the middle" "$(range "$middle-$((middle + 999999))")" "$(tail -c +$((middle + 1)) "$file" | head -c 1000000 | sha1sum)"
same "the last 1000 bytes" "$(range -1000)" "$(tail -c 1000 "$file" | sha1sum)"
ask 416 "$base/file/download?id=$id" -H "Authorization: Bearer $token" -r "$size-" >/dev/null
ask 304 "$base/file/download?id=$id" -H "Authorization: Bearer $token" -H "If-None-Match: \"$sha1\"" >/dev/null
say "ranges are right; one past the end is 416; a known ETag is 304"

url=$(get 200 "/file/downloadurl?id=$id" | json a.url)
same "the signed URL" "$(curl -sSf -r 0-999 "$url" | sha1sum)" "$(head -c 1000 "$file" | sha1sum)"
ask 401 "${url}x" -r 0-999 >/dev/null
ask 401 "$base/file/download?id=$id" >/dev/null
say "a signed URL works without a token; changed it is 401, and so is none"

# ---- instant upload, by somebody else who has the file

ann=$token
other=bob-$$-$RANDOM
token=$(ask 201 "$base/user" -H 'Content-Type: application/json' -d "{\"username\":\"$other\",\"password\":\"correct horse\"}" | json a.token)
# prove FILE: the answer to the challenge on stdin by one who has the file.
prove() {
  node -e '
    const { challenge } = JSON.parse(fs.readFileSync(0, "utf8"));
    const mac = crypto.createHmac("sha256", Buffer.from(challenge.nonce, "hex"));
    const file = fs.openSync(process.argv[1]);
    for (const [offset, length] of challenge.ranges) {
      const bytes = Buffer.alloc(length);
      fs.readSync(file, bytes, 0, length, offset);
      mac.update(bytes);
    }
    console.log(JSON.stringify({ challengeId: challenge.id, proof: mac.digest("hex"), name: "mine.bin" }));
  ' "$1"
}
known="{\"name\":\"mine.bin\",\"size\":$size,\"sha1\":\"$sha1\"}"
truncate -s "$size" "$work/guess.bin"
post 404 /file/fastupload "$(post 200 /file/fastupload "$known" | prove "$work/guess.bin")" >/dev/null
begun=$(date +%s%N)
instant=$(post 201 /file/fastupload "$(post 200 /file/fastupload "$known" | prove "$file")" | json a.id)
say "$other has $size bytes in $((($(date +%s%N) - begun) / 1000000)) ms by proving it; who knows the hash alone gets 404"
get 404 "/file/query?id=$id" >/dev/null
say "$other does not see $user's file: 404"

# ---- rename, find, delete

bob=$token
token=$ann
same "the new name" "$(post 200 /file/update "{\"id\":\"$id\",\"name\":\"holiday.bin\"}" | json a.name)" holiday.bin
same "found by name" "$(get 200 '/file/query?q=HOLI' | json 'a.files.map((f) => f.id).join()')" "$id"
post 409 /file/update "{\"id\":\"$id\",\"name\":\"hello.txt\"}" >/dev/null
say "renamed it and found it by its name; a name that is taken is 409"

post 204 /file/delete "{\"id\":\"$id\"}"
get 404 "/file/download?id=$id" >/dev/null
token=$bob
same "the other's file" "$(curl -sSf -H "Authorization: Bearer $token" -r 0-999 "$base/file/download?id=$instant" | sha1sum)" "$(head -c 1000 "$file" | sha1sum)"
say "$user deleted it: 404; $other still has it"

# ---- sign out

ask 204 -X DELETE "$base/token" -H "Authorization: Bearer $token"
# Where there are several gateways, the last of them knows within a second.
sleep 1
get 401 /file/query >/dev/null
say "$other signed out: the token is dead"

# Leaves nothing behind in a drive that was there before.
ask 204 -X DELETE "$base/user/$user" -H "Authorization: Bearer $ann"
token=$(ask 200 "$base/user/$other" -H 'Content-Type: application/json' -d '{"password":"correct horse"}' | json a.token)
ask 204 -X DELETE "$base/user/$other" -H "Authorization: Bearer $token"
say "both accounts are deleted with all they owned"
