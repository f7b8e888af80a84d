package dev.virq.api.bulk;

import java.util.LinkedHashMap;
import java.util.Map;

/** Which call of the API does the same as an operation of the script language. */
final class RestCalls {
  /**
   * By the operation's word: method and path below the sandbox, then what to send if it matters.
   */
  static final Map<String, String> BY_WORD = new LinkedHashMap<>();

  private static final String VM = "/vms/{vm}";
  private static final String VCPU = VM + "/vcpus/{n}";
  private static final String EVENTFD = "/eventfds/{efd}";

  static {
    put("vm_create", "POST", "/vms", "");
    put("vm_close", "DELETE", VM, "");
    put("irqchip_create", "PUT", VM + "/irqchip", "kind KERNEL");
    put("split_irqchip_create", "PUT", VM + "/irqchip", "kind SPLIT, reservedPins");
    put("boot_vcpu", "PUT", VM + "/boot-vcpu", "");
    put("x2apic_api", "PUT", VM + "/x2apic-api", "flags; others are EINVAL");
    put("vcpu_create", "POST", VM + "/vcpus", "");
    put("vcpu_cpuid", "PUT", VCPU + "/cpuid", "");
    put("irqfd_assign", "POST", VM + "/irqfds", "");
    put("irqfd_assign_resample", "POST", VM + "/irqfds", "flags RESAMPLE, resampleFd");
    put("irqfd_deassign", "POST", VM + "/irqfds/deassign", "");
    put("irqfd_flags", "POST", VM + "/irqfds", "flags; those that it does not name are EINVAL");
    put("eventfd_create", "POST", "/eventfds", "flags NONBLOCK, and SEMAPHORE");
    put("eventfd_dup", "POST", EVENTFD + "/dup", "");
    put("eventfd_close", "DELETE", EVENTFD, "by descriptor number");
    put("eventfd_write", "POST", EVENTFD + "/signal", "");
    put("eventfd_read", "POST", EVENTFD + "/read", "");
    put("eventfd_poll", "GET", EVENTFD + "/poll", "");
    put("pipe_create", "POST", "/pipes", "");
    put("irq_line", "PUT", VM + "/gsis/{gsi}/line", "");
    put("irq_line_nostatus", "PUT", VM + "/gsis/{gsi}/line", "and pass over the status");
    put("advance", "POST", "/clock/advance", "by; a VIRTUAL clock only");
    put("signal_msi", "POST", VM + "/msi", "");
    put("routing_set", "PUT", VM + "/routing", "");
    put("get_pic", "GET", VM + "/irqchip", "member pic");
    put("pic_set", "PUT", VM + "/irqchip/pic/{half}", "");
    put("get_ioapic", "GET", VM + "/irqchip", "member ioapic");
    put("ioapic_set_redir", "PUT", VM + "/irqchip/ioapic/pins/{pin}", "");
    put("ioapic_set", "PUT", VM + "/irqchip/ioapic", "");
    put("pit_create", "PUT", VM + "/pit", "");
    put("get_pit", "GET", VM + "/pit", "");
    put("pit_set", "PUT", VM + "/pit/state", "");
    put("pit_reinject", "PUT", VM + "/pit/reinjection", "");
    put("get_lapic", "GET", VCPU + "/lapic", "");
    put("lapic_enable", "PUT", VCPU + "/lapic", "svr 511");
    put("lapic_set", "PUT", VCPU + "/lapic", "");
    put("lapic_ack", "POST", VCPU + "/ack", "");
    put("get_apic_base", "GET", VCPU + "/apic-base", "");
    put("apic_base_set", "PUT", VCPU + "/apic-base", "");
    put("nmi", "POST", VCPU + "/nmi", "");
    put("get_vcpu_events", "GET", VCPU, "");
    put("vcpu_events_set", "PUT", VCPU + "/nmi", "");
    put("mp_state_set", "PUT", VCPU + "/run-state", "");
    put("vcpu_wake", "POST", VCPU + "/wake", "");
    put("guest_out", "POST", VCPU + "/io", "port, value");
    put("guest_in", "POST", VCPU + "/io", "port");
    put("guest_port_write", "POST", VCPU + "/io", "port, bytes, value");
    put("guest_port_read", "POST", VCPU + "/io", "port, bytes");
    put("guest_memory_write", "POST", VCPU + "/io", "address, bytes, value");
    put("guest_memory_read", "POST", VCPU + "/io", "address, bytes");
    put("guest_lapic_write", "POST", VCPU + "/io", "lapic, value");
    put("guest_lapic_read", "POST", VCPU + "/io", "lapic");
    put("guest_wrmsr", "POST", VCPU + "/io", "msr, value, high");
    put("guest_rdmsr", "POST", VCPU + "/io", "msr");
    put("guest_eoi", "POST", VCPU + "/eoi", "");
    put("guest_serve", "POST", VCPU + "/serve", "");
    put("guest_ioapic_write", "POST", VCPU + "/io", "ioapic, value");
    put("guest_ioapic_read", "POST", VCPU + "/io", "ioapic");
    put("pic_ack", "POST", VCPU + "/ack", "?from=pic");
  }

  private RestCalls() {}

  private static void put(String word, String method, String path, String how) {
    String call = method + " /v1/sandboxes/{sb}" + path;
    BY_WORD.put(word, how.isEmpty() ? call : call + " (" + how + ")");
  }

  /** The call for that word; every operation has one. */
  static String of(String word) {
    String call = BY_WORD.get(word);
    if (call == null) {
      throw new IllegalStateException("no call of the API does what " + word + " does");
    }
    return call;
  }

  /** Method and path of a call, without what to send. */
  static String path(String call) {
    int how = call.indexOf(" (");
    return how < 0 ? call : call.substring(0, how);
  }
}
