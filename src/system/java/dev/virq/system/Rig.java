package dev.virq.system;

import static org.assertj.core.api.Assertions.assertThat;

import dev.virq.system.Rest.Answer;

/**
 * A client with a sandbox of its own, which it names itself, so that its first call hashes right.
 * It says with each call which life it is meant for. By one thread.
 */
final class Rig {
  private final String path;
  private final Rest rest;
  private Rest mine;
  private String node = "";
  private String epoch = "";
  private String uid = "";
  private int sent;

  Rig(Rest rest, String name) {
    this.path = "/v1/sandboxes/" + name;
    this.rest = rest;
    this.mine = rest;
  }

  String path() {
    return path;
  }

  /** Where its sandbox is, in which epoch, and which life it is in. */
  String node() {
    return node;
  }

  String epoch() {
    return epoch;
  }

  String uid() {
    return uid;
  }

  /** Signals that were acknowledged since it began. */
  int sent() {
    return sent;
  }

  /** Makes the sandbox, which must not be there, and binds descriptor 3. */
  Rig begin() {
    assertThat(tryBegin().status()).isEqualTo(201);
    return this;
  }

  /** As {@link #begin}; what refused it, or the answer that it is bound. */
  Answer tryBegin() {
    Answer made = rest.with("If-None-Match", "*").put(path, "{}");
    if (made.status() != 201) {
      return made;
    }
    uid = made.text("uid");
    node = made.node();
    epoch = made.epoch();
    sent = 0;
    mine = rest.with("If-Match", '"' + uid + '"');
    Answer answer = mine.post(path + "/vms", "{}");
    if (answer.status() == 201) {
      answer = mine.post(path + "/eventfds", "{}");
    }
    if (answer.status() == 201) {
      answer = mine.post(path + "/vms/vm-1/irqfds", "{\"fd\":3,\"gsi\":5}");
    }
    return answer;
  }

  /** One signal, whose outcome is waited for; counted when it was. */
  Answer signal() {
    Answer answer = mine.post(path + "/eventfds/3/signal?wait=settled&timeout=PT1M", null);
    if (answer.status() == 200) {
      assertThat(answer.text("outcome")).isEqualTo("INJECTED");
      sent++;
    }
    return answer;
  }

  /** What the line counted. */
  long injected() {
    return mine.get(path + "/vms/vm-1/gsis/5").ok().number("injected");
  }

  /** The sandbox, whichever is there. */
  Answer look() {
    return rest.get(path);
  }

  /** Gives up whatever is there under its name. */
  Answer remove() {
    return rest.delete(path);
  }
}
