# What a container engine does with an image, of what matters to the program: the root of the image is the root,
# and read-only; /tmp is the one place to write to; the process has the given user and no capability; and it is
# process 1, because this is run as
#
#   unshare --mount --pid --fork --kill-child sh contain.sh ROOT DIRECTORY USER GROUP COMMAND...
#
# as root. The environment is the caller's.
set -eu
root=$1 directory=$2 user=$3 group=$4
shift 4
mount --make-rprivate /
mount --bind "$root" "$root"
mount -o remount,bind,ro "$root"
mount -t proc proc "$root/proc"
mount --bind /dev "$root/dev"
mount -t tmpfs -o mode=1777,size=64m,noexec,nosuid,nodev tmpfs "$root/tmp"
# The three that remain are what changing root and user takes; changing the user gives up these too.
exec setpriv --no-new-privs --bounding-set=-all,+setuid,+setgid,+sys_chroot -- \
  unshare --root "$root" --wd "$directory" --setgid "$group" --setuid "$user" -- "$@"
