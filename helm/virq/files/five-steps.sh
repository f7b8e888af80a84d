#!/bin/sh
# The five steps of the thread: the scenario that virq has of them. Fails on the first difference. Needs sh, curl, sed, tr.
# Usage: five-steps.sh URL, such as http://virq:8080
# Where virq asks for tokens, VIRQ_TOKENS is the path of its file of tokens; the first of them is used.
set -eu

line=
[ -z "${VIRQ_TOKENS:-}" ] || line=$(sed -e 's/[[:space:]]//g' -e '/^#/d' -e '/^$/d' "$VIRQ_TOKENS" | sed -n 1p)
token=${line#*:}
prefix=${line%"$token"}

base=$1/v1/sandboxes
name=${prefix%:}five-steps-$(date +%s)-$$
sandbox=$base/$name
answer=
status=

# ask ARGUMENTS OF CURL
ask() {
  curl -sS -m 30 -H "Sandbox: $name" ${token:+-H "Authorization: Bearer $token"} "$@"
}

# call METHOD URL [BODY]: sets status and answer.
call() {
  if [ $# -gt 2 ]; then
    answer=$(ask -X "$1" -H 'Content-Type: application/json' -d "$3" -w '\n%{http_code}' "$2")
  else
    answer=$(ask -X "$1" -w '\n%{http_code}' "$2")
  fi
  status=$(printf '%s\n' "$answer" | sed -n '$p')
  answer=$(printf '%s\n' "$answer" | sed '$d' | tr -d '\n')
}

differs() {
  echo "DIFFERS: $1: expected $2, but the answer was $status $answer" >&2
  exit 1
}

# expect TEXT STATUS PART...: the last answer had that status and contains each part.
expect() {
  text=$1
  [ "$status" = "$2" ] || differs "$text" "status $2"
  shift 2
  for part in "$@"; do
    case $answer in
      *"$part"*) ;;
      *) differs "$text" "$part" ;;
    esac
  done
  echo "ok: $text"
}

trap 'ask -o /dev/null -X DELETE "$sandbox" || true' EXIT

call PUT "$sandbox" '{"ttl":"PT2M"}'
expect "a sandbox" 201
call POST "$sandbox/scenarios/five-steps/run"
# A line a step that was taken: what it does, and how it differs if it does.
printf '%s\n' "$answer" | sed 's/{"n":/\
&/g' | sed -n \
  -e 's/^{"n":[0-9]*,"text":"\([^"]*\)".*"ok":true.*/ok: \1/p' \
  -e 's/^{"n":[0-9]*,"text":"\([^"]*\)".*"ok":false,"fault":\("[^}]*\)}.*/DIFFERS: \1 \2/p'
expect "the five steps, in order" 200 '"verdict":"OK"'
