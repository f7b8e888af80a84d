package dev.virq.errno;

/** An error that virq answers: Linux's name, its x86-64 number, and what it means here. */
public enum Errno {
  EPERM(1, "Operation not permitted", "the configuration or the token forbids this"),
  ENOENT(2, "No such object", "there is no sandbox, VM, irqfd, signal or path of that name"),
  EIO(5, "Internal error", "a bug in virq: an invariant was broken"),
  ENXIO(6, "No such device", "the VM has no controller that could answer"),
  E2BIG(7, "Too large", "the body, the script or the list is longer than allowed"),
  EBADF(9, "Bad file descriptor", "the descriptor is not open"),
  EAGAIN(11, "Try again", "the call would have to block: empty on read, full on write"),
  EACCES(13, "No access", "the request has no token that is valid here"),
  EBUSY(
      16,
      "Busy",
      "the eventfd is bound to an interrupt line already, or the run takes a step just now"),
  EEXIST(17, "Already exists", "the name, the controller or the vCPU is there already"),
  EINVAL(22, "Invalid argument", "a value, member, flag or object of the wrong kind"),
  ENFILE(23, "Instance limit reached", "the limit of the whole instance is reached"),
  EMFILE(24, "Sandbox limit reached", "the limit of this sandbox is reached"),
  ENOTTY(25, "Not a VM", "the descriptor is open, and not a VM"),
  ERANGE(34, "Out of range", "more interrupts came than the caller allowed"),
  EDEADLK(35, "Would wait for ever", "what is waited for is held at a breakpoint"),
  EOPNOTSUPP(95, "Not supported", "the method, media type or operation is not supported here"),
  ESHUTDOWN(108, "Shutting down", "the instance drains and takes no new work"),
  ETIMEDOUT(110, "Timed out", "the wait ended before what it waited for came"),
  ESTALE(
      116, "Stale", "the sandbox was reset or made anew: it is another than the call is meant for"),
  ECANCELED(125, "Canceled", "the object was reset under the call");

  private final int number;
  private final String title;
  private final String meaning;

  Errno(int number, String title, String meaning) {
    this.number = number;
    this.title = title;
    this.meaning = meaning;
  }

  /** The number that Linux gives this error on x86-64. */
  public int number() {
    return number;
  }

  /** A few words for people, the same for every occurrence. */
  public String title() {
    return title;
  }

  /** One clause that says when virq answers this error. */
  public String meaning() {
    return meaning;
  }
}
