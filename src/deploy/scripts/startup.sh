#!/bin/sh
# Start to readiness, and resident memory then: the image's layout against the plain jar, side by side.
#
#   ./mvnw verify                        leaves both: the jar, and the image's root in target/image/rootfs
#   sudo src/deploy/scripts/startup.sh     5 pairs; another number as an argument
#
# Both run with the image's JVM options as to heap and collector, on two free ports, one after the other and in
# turns. Needs Linux, root (for the image's root), a JDK 25 (JAVA_HOME or java on PATH), curl and perl.
set -eu
cd "$(dirname "$0")/../../.."
pairs=${1:-5}
java=${JAVA_HOME:+$JAVA_HOME/bin/}java
root=$(readlink -f target/image/rootfs)
jar=$(ls target/virq-*.jar | grep -v -e -domain.jar)
api=18080 management=18081
export SERVER_PORT=$api MANAGEMENT_SERVER_PORT=$management

now() { perl -MTime::HiRes=time -e 'printf "%d", time * 1000'; }

plain() {
  exec "$java" -XX:+UseG1GC -XX:MaxRAMPercentage=60 -jar "$jar"
}

image() {
  exec unshare --mount --pid --fork sh src/deploy/resources/deploy/contain.sh "$root" /virq 10001 10001 \
    /opt/java/bin/java @jvm.options -XX:AOTCache=virq.aot -XX:AOTMode=on -jar virq.jar
}

# measure LAYOUT: milliseconds to readiness, and kilobytes resident.
measure() {
  begin=$(now)
  "$1" >target/startup.log 2>&1 &
  started=$!
  until curl -fso /dev/null "http://127.0.0.1:$management/actuator/health/readiness"; do
    kill -0 $started 2>/dev/null || { cat target/startup.log >&2; exit 1; }
    # Between two questions the program has the processor for itself.
    sleep 0.01
  done
  end=$(now)
  program=$started
  while child=$(cat /proc/$program/task/$program/children) && [ -n "$child" ]; do program=${child%% *}; done
  resident=$(sed -n 's/^VmRSS:[^0-9]*\([0-9]*\).*/\1/p' /proc/$program/status)
  kill $program
  wait $started || :
  echo "$1 $((end - begin)) ms, $resident kB" >&2
  echo "$1 $((end - begin)) $resident"
}

for pair in $(seq "$pairs"); do
  measure plain
  measure image
done | awk '
  { n[$1]++; ms[$1, n[$1]] = $2; kb[$1, n[$1]] = $3 }
  function median(values, kind,    i, j, k, a) {
    k = n[kind]
    for (i = 1; i <= k; i++) a[i] = values[kind, i]
    for (i = 2; i <= k; i++) for (j = i; j > 1 && a[j - 1] > a[j]; j--) { x = a[j]; a[j] = a[j - 1]; a[j - 1] = x }
    return a[int((k + 1) / 2)]
  }
  END {
    printf "median of %d   plain jar %d ms, %.0f MiB   image %d ms, %.0f MiB   ratio %.2f\n", n["plain"],
      median(ms, "plain"), median(kb, "plain") / 1024, median(ms, "image"), median(kb, "image") / 1024,
      median(ms, "image") / median(ms, "plain")
  }'
