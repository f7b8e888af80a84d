package dev.virq.protocol;

import dev.virq.eventfd.SecondWaiter;
import java.util.function.Supplier;

/**
 * What decides whether bindings are safe, one decision each.
 *
 * <p>The product has {@link #SAFE}. Others differ in one or two of the parts, as a version of the
 * kernel did, and exist to be searched for. No part has state but {@link PendingRequest}, of which
 * each irqfd has its own.
 *
 * @param hold what keeps a VM while a binding to it is made
 * @param bind in which order a binding is made
 * @param second what becomes of a second binding of one eventfd
 * @param key how the events of a wake-up are read
 * @param request makes what waits for an injection, and says when it is taken
 * @param queue where bindings end
 * @param walk how the VM's close goes through its list
 * @param end in which order a binding ends
 */
public record Protocol(
    FileHold hold,
    BindProtocol bind,
    SecondWaiter second,
    WakeKey key,
    Supplier<PendingRequest> request,
    TearDownQueue queue,
    ListWalk walk,
    EndProtocol end) {
  /** The product's. */
  public static final Protocol SAFE =
      new Protocol(
          FileHold.COUNTED,
          BindProtocol.SAFE,
          SecondWaiter.REFUSED,
          WakeKey.BITS,
          PendingRequest::new,
          TearDownQueue.OWN,
          ListWalk.DETACHED,
          SafeEnd.PROTOCOL);

  /** The same, but for what keeps the VM. */
  public Protocol withHold(FileHold other) {
    return new Protocol(other, bind, second, key, request, queue, walk, end);
  }

  /** The same, but for the order in which a binding is made. */
  public Protocol withBind(BindProtocol other) {
    return new Protocol(hold, other, second, key, request, queue, walk, end);
  }

  /** The same, but for a second binding of one eventfd. */
  public Protocol withSecond(SecondWaiter other) {
    return new Protocol(hold, bind, other, key, request, queue, walk, end);
  }

  /** The same, but for how the events of a wake-up are read. */
  public Protocol withKey(WakeKey other) {
    return new Protocol(hold, bind, second, other, request, queue, walk, end);
  }

  /** The same, but for when a request is taken. */
  public Protocol withRequest(Supplier<PendingRequest> other) {
    return new Protocol(hold, bind, second, key, other, queue, walk, end);
  }

  /** The same, but for where bindings end. */
  public Protocol withQueue(TearDownQueue other) {
    return new Protocol(hold, bind, second, key, request, other, walk, end);
  }

  /** The same, but for how the VM's close goes through its list. */
  public Protocol withWalk(ListWalk other) {
    return new Protocol(hold, bind, second, key, request, queue, other, end);
  }

  /** The same, but for the order in which a binding ends. */
  public Protocol withEnd(EndProtocol other) {
    return new Protocol(hold, bind, second, key, request, queue, walk, other);
  }
}
