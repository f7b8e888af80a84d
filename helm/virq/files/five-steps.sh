#!/bin/sh
# The five steps of the thread, over HTTP. Fails on the first difference. Needs sh, curl, sed, tr.
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

# call METHOD URL [BODY]: sets status and answer; blanks are taken out of the answer.
call() {
  if [ $# -gt 2 ]; then
    answer=$(ask -X "$1" -H 'Content-Type: application/json' -d "$3" -w '\n%{http_code}' "$2")
  else
    answer=$(ask -X "$1" -w '\n%{http_code}' "$2")
  fi
  status=$(printf '%s\n' "$answer" | sed -n '$p')
  answer=$(printf '%s\n' "$answer" | sed '$d' | tr -d ' \n')
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

# number MEMBER: that member of the last answer, with or without quotes.
number() {
  printf '%s' "$answer" | sed -n "s/.*\"$1\":\"\{0,1\}\([0-9][0-9]*\).*/\1/p"
}

trap 'ask -o /dev/null -X DELETE "$sandbox" || true' EXIT

call PUT "$sandbox" '{"ttl":"PT2M"}'
expect "a sandbox" 201
call POST "$sandbox/vms" '{}'
expect "a VM" 201 '"id":"vm-1"'
call POST "$sandbox/eventfds" '{}'
expect "an eventfd" 201 '"id":"efd-1"' '"fds":[3]'
call POST "$sandbox/vms/vm-1/irqfds" '{"fd":3,"gsi":5}'
expect "the eventfd is bound to line 5" 201 '"id":"irqfd-1"' '"state":"ACTIVE"'

call POST "$sandbox/breakpoints" '{"point":"inject.dereferenced","maxHold":"PT1M"}'
expect "a breakpoint at mark [4]" 201 '"id":"bp-1"'
call POST "$sandbox/eventfds/3/signal"
expect "a signal" 200 '"id":"sig-1"'
call POST "$sandbox/wait" '{"for":"parked","breakpoint":"bp-1"}'
expect "step 1: CPU 0 has picked up the pointer and stands still" 200 '"met":true'

call DELETE "$sandbox/vms/vm-1?wait=none"
expect "step 2: CPU 1 closes the VM and has to wait" 202 '"settled":false'
call POST "$sandbox/wait" '{"for":"settled"}'
expect "step 2: the wait is hopeless while the reader is held" 409 '"errno":"EDEADLK"' 'bp-1'
call GET "$sandbox/vms/vm-1"
expect "step 2: the VM is closing, not freed" 200 '"state":"CLOSING"' '"refs":1'

call POST "$sandbox/breakpoints/bp-1/release"
expect "step 3: CPU 0 goes on" 200
call POST "$sandbox/wait" '{"for":"settled"}'
expect "step 4: the grace period ends" 200 '"met":true'
call GET "$sandbox/signals/sig-1"
expect "step 4: the interrupt was injected, although the VM was closing" 200 '"outcome":"INJECTED"'
signalled=$(number finalSeq)
call GET "$sandbox/vms/vm-1"
expect "step 5: the VM is freed" 200 '"state":"RELEASED"'
released=$(number releasedSeq)
[ -n "$signalled" ] && [ -n "$released" ] && [ "$released" -gt "$signalled" ] \
  || differs "step 5: the VM is freed after the signal" "releasedSeq above finalSeq $signalled"
echo "ok: the five steps, in order"
