package dev.virq.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.nullValue;

import io.restassured.response.ValidatableResponse;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

/** The chips and the guest's side over HTTP. */
class ChipIT extends OverHttp {
  private static final String MSI = "{\"address\":4276092928,\"data\":65}";

  private String vm() {
    return sandbox + "/vms/vm-1";
  }

  /** vm-1 with vCPU 0, its local APIC enabled, and pin 16 a level pin of vector 65. */
  private void levelPin() {
    call("{}").post(sandbox + "/vms").then().statusCode(201);
    call("{\"id\":0}")
        .post(vm() + "/vcpus")
        .then()
        .statusCode(201)
        .body("runState", equalTo("RUNNABLE"));
    call("{\"svr\":511}").put(vm() + "/vcpus/0/lapic").then().body("svr", equalTo(511));
    call("{\"vector\":65,\"triggerMode\":\"LEVEL\",\"mask\":false}")
        .put(vm() + "/irqchip/ioapic/pins/16")
        .then()
        .statusCode(200)
        .body("pin", equalTo(16))
        .body("triggerMode", equalTo("LEVEL"))
        .body("mask", equalTo(false));
  }

  @Test
  void aLevelInterruptGoesRoundToTheResampleEventfd() {
    levelPin();
    call("{}").post(sandbox + "/eventfds").then().statusCode(201);
    call("{}").post(sandbox + "/eventfds").then().statusCode(201);
    call("{\"fd\":3,\"gsi\":16,\"flags\":[\"RESAMPLE\"],\"resampleFd\":4}")
        .post(vm() + "/irqfds")
        .then()
        .statusCode(201);

    call()
        .post(sandbox + "/eventfds/3/signal?wait=settled&timeout=PT30S")
        .then()
        .body("outcome", equalTo("INJECTED"))
        .body("lineStatus", equalTo("DELIVERED"));
    call()
        .get(vm() + "/irqchip")
        .then()
        .body("kind", equalTo("KERNEL"))
        .body("ioapic.pins", hasSize(24))
        .body("ioapic.pins[16].remoteIrr", equalTo(true))
        .body("pic.master.irr", equalTo(0));
    call().get(vm() + "/gsis/16").then().body("level", equalTo(1));
    call().get(vm() + "/vcpus/0/lapic").then().body("irr", contains(65)).body("isr", empty());
    call().post(vm() + "/vcpus/0/ack").then().statusCode(200).body("vector", equalTo(65));
    call().get(vm() + "/vcpus/0/lapic").then().body("irr", empty()).body("isr", contains(65));
    call()
        .post(vm() + "/vcpus/0/eoi")
        .then()
        .statusCode(200)
        .body("vector", equalTo(65))
        .body("resampled", contains("irqfd-1"));
    call().post(sandbox + "/eventfds/4/read").then().body("value", equalTo("1"));
    call().get(vm() + "/gsis/16").then().body("level", equalTo(0));
    call().post(vm() + "/vcpus/0/ack").then().body("vector", nullValue());
    call().post(vm() + "/vcpus/0/eoi").then().body("vector", nullValue());
  }

  @Test
  void aHostRestoresTheErrorStatus() {
    levelPin();
    call("{\"esr\":96}")
        .put(vm() + "/vcpus/0/lapic")
        .then()
        .statusCode(200)
        .body("esr", equalTo(96));
    call("{\"tpr\":16}")
        .put(vm() + "/vcpus/0/lapic")
        .then()
        .statusCode(200)
        .body("esr", equalTo(96));
    call().get(vm() + "/vcpus/0/lapic").then().body("esr", equalTo(96)).body("tpr", equalTo(16));
  }

  @Test
  void lineStatusesAreCountedApartFromInjections() {
    bound();

    for (int i = 0; i < 3; i++) {
      call()
          .post(sandbox + "/eventfds/3/signal?wait=settled&timeout=PT30S")
          .then()
          .body("outcome", equalTo("INJECTED"))
          .body("lineStatus", equalTo(i == 0 ? "DELIVERED" : "COALESCED"));
    }
    call("{\"level\":1}").put(vm() + "/gsis/16/line").then().body("status", equalTo(-1));

    call()
        .get(vm() + "/gsis/5")
        .then()
        .body("injected", equalTo(3))
        .body("status.delivered", equalTo(1))
        .body("status.coalesced", equalTo(2))
        .body("status.ignored", equalTo(0));
    call().get(vm() + "/gsis/16").then().body("status.ignored", equalTo(1));
  }

  @Test
  void aMessageRouteIsInjectedWithinTheWrite() {
    levelPin();
    call("{}").post(sandbox + "/eventfds").then().statusCode(201);
    call("{\"fd\":3,\"gsi\":40}").post(vm() + "/irqfds").then().statusCode(201);
    call("{\"entries\":[{\"gsi\":40,\"msi\":"
            + MSI
            + "},{\"gsi\":1,\"chip\":\"SLAVE\",\"pin\":7}]}")
        .put(vm() + "/routing")
        .then()
        .statusCode(200);

    // The breakpoint would hold a deferred injection.
    call("{\"point\":\"inject.enter\"}").post(sandbox + "/breakpoints").then().statusCode(201);
    call().post(sandbox + "/eventfds/3/signal").then().body("outcome", equalTo("INJECTED"));

    call().get(vm() + "/vcpus/0/lapic").then().body("irr", contains(65));
    call()
        .get(vm() + "/routing")
        .then()
        .body("entries", hasSize(2))
        .body("entries[0].msi.data", equalTo(65))
        .body("entries[1].chip", equalTo("SLAVE"));
  }

  @Test
  void aRefusedTableLeavesTheOldOne() {
    call("{}").post(sandbox + "/vms").then().statusCode(201);

    hostile("{\"entries\":[{\"gsi\":40,\"chip\":\"IOAPIC\",\"pin\":24}]}")
        .put(vm() + "/routing")
        .then()
        .statusCode(400)
        .body("errno", equalTo("EINVAL"))
        .body("detail", containsString("pin 24"));
    hostile("{\"entries\":[{\"gsi\":40,\"chip\":\"IOAPIC\",\"pin\":1,\"msi\":" + MSI + "}]}")
        .put(vm() + "/routing")
        .then()
        .statusCode(400);

    call().get(vm() + "/routing").then().body("entries", hasSize(40));
  }

  @Test
  void messagesAreAnsweredAsTheIoctlDoes() {
    call("{}").post(sandbox + "/vms").then().statusCode(201);
    call(MSI).post(vm() + "/msi").then().statusCode(403).body("errno", equalTo("EPERM"));
    call("{\"id\":0}").post(vm() + "/vcpus").then().statusCode(201);
    call(MSI).post(vm() + "/msi").then().statusCode(200).body("status", equalTo(0));
    call("{\"svr\":511}").put(vm() + "/vcpus/0/lapic").then().statusCode(200);
    call(MSI).post(vm() + "/msi").then().body("status", equalTo(1));
    // A non-maskable interrupt: data bits 10-8 are 4.
    call("{\"address\":4276092928,\"data\":1024}")
        .post(vm() + "/msi")
        .then()
        .body("status", equalTo(1));
    call().get(vm() + "/vcpus/0").then().body("nmiPending", equalTo(1));
    call("{\"lapic\":240}")
        .post(vm() + "/vcpus/0/io")
        .then()
        .body("value", equalTo(511))
        .body("nmis", equalTo(1))
        .body("handled", equalTo(true));
  }

  @Test
  void theGuestProgramsThePairAndTakesItsInterrupt() {
    call("{}").post(sandbox + "/vms").then().statusCode(201);
    call("{\"id\":0}").post(vm() + "/vcpus").then().statusCode(201);
    call("{\"irqBase\":32}")
        .put(vm() + "/irqchip/pic/master")
        .then()
        .statusCode(200)
        .body("irqBase", equalTo(32));
    call("{\"level\":1}").put(vm() + "/gsis/4/line").then().body("status", equalTo(1));
    call().post(vm() + "/vcpus/0/ack?from=pic").then().body("vector", equalTo(36));
    call("{\"port\":32,\"value\":32}")
        .post(vm() + "/vcpus/0/io")
        .then()
        .body("handled", equalTo(true));
    call("{\"port\":33}").post(vm() + "/vcpus/0/io").then().body("value", equalTo(0));
    call("{\"port\":128}").post(vm() + "/vcpus/0/io").then().body("handled", equalTo(false));
    call("{\"ioapic\":1}").post(vm() + "/vcpus/0/io").then().body("value", equalTo(0x170011));
  }

  @Test
  void aGuestAccessesAnyNumberOfBytesAtAnyAddress() {
    call("{}").post(sandbox + "/vms").then().statusCode(201);
    call("{\"id\":0}").post(vm() + "/vcpus").then().statusCode(201);

    // The version register: a byte of it, and across the end of its page, where half is nobody's.
    io("{\"address\":4276092976,\"bytes\":1}").body("value", equalTo(0x14));
    io("{\"address\":4276092978,\"bytes\":2}").body("value", equalTo(5));
    io("{\"address\":4276097023}").body("handled", equalTo(false));
    // A select of one byte, and a window of eight.
    io("{\"address\":4273995776,\"bytes\":1,\"value\":1}").body("handled", equalTo(true));
    io("{\"address\":4273995792,\"bytes\":8}")
        .body("value", equalTo(0x170011))
        .body("high", equalTo(0));
    io("{\"address\":4273995792,\"bytes\":8,\"value\":1,\"high\":1}")
        .body("handled", equalTo(true));
    io("{\"port\":32,\"bytes\":2}").body("value", equalTo(0)).body("handled", equalTo(true));
    io("{\"port\":33,\"bytes\":2}").body("handled", equalTo(false));

    for (String wrong :
        List.of(
            "{\"address\":4276092976,\"bytes\":3}",
            "{\"port\":32,\"bytes\":8}",
            "{\"lapic\":48,\"bytes\":4}",
            "{\"address\":4276092976,\"bytes\":2,\"value\":65536}",
            "{\"address\":4276092976,\"bytes\":4,\"value\":1,\"high\":1}",
            "{\"address\":4276092976,\"lapic\":48}")) {
      hostile(wrong).post(vm() + "/vcpus/0/io").then().statusCode(400);
    }
  }

  private ValidatableResponse io(String access) {
    return call(access).post(vm() + "/vcpus/0/io").then().statusCode(200);
  }

  @Test
  void valuesThatKvmTakesAreTaken() {
    call("{}").post(sandbox + "/vms").then().statusCode(201);
    call("{\"id\":0}").post(vm() + "/vcpus").then().statusCode(201);
    call("{\"svr\":511}").put(vm() + "/vcpus/0/lapic").then().statusCode(200);

    // An address above 32 bits, whose upper half has no effect.
    call("{\"address\":1103787720704,\"data\":65}")
        .post(vm() + "/msi")
        .then()
        .statusCode(200)
        .body("status", equalTo(1));
    call("{\"entries\":[{\"gsi\":40,\"msi\":{\"address\":1103787720704,\"data\":66}}]}")
        .put(vm() + "/routing")
        .then()
        .statusCode(200)
        .body("entries[0].msi.address", equalTo(1103787720704L));
    // Any level but 0 is high.
    call("{\"level\":4294967295}")
        .put(vm() + "/gsis/40/line")
        .then()
        .statusCode(200)
        .body("status", equalTo(1));
    call().get(vm() + "/vcpus/0/lapic").then().body("irr", contains(65, 66));
    hostile("{\"level\":4294967296}").put(vm() + "/gsis/40/line").then().statusCode(400);
  }

  @Test
  void aRestoreOfAPinKeepsWhatTheGuestWroteElsewhere() {
    call("{}").post(sandbox + "/vms").then().statusCode(201);
    call("{\"id\":0}").post(vm() + "/vcpus").then().statusCode(201);
    io("{\"ioapic\":49,\"value\":1193046}").body("handled", equalTo(true));

    call("{\"vector\":81}").put(vm() + "/irqchip/ioapic/pins/16").then().statusCode(200);

    io("{\"ioapic\":49}").body("value", equalTo(1193046));
  }

  @Test
  void aParkedVcpuWaitsForItsStartUpMessage() {
    call("{}").post(sandbox + "/vms").then().statusCode(201);
    call("{\"id\":1}").post(vm() + "/vcpus").then().statusCode(201);
    call("{\"svr\":511}").put(vm() + "/vcpus/1/lapic").then().statusCode(200);
    call("{\"address\":4276097024,\"data\":1280}").post(vm() + "/msi").then().statusCode(200);

    call().get(vm() + "/vcpus/1").then().body("runState", equalTo("PARKED"));
    call().post(vm() + "/vcpus/1/eoi").then().statusCode(409).body("errno", equalTo("EAGAIN"));
    call("{\"address\":4276097024,\"data\":1536}").post(vm() + "/msi").then().statusCode(200);
    call().get(vm() + "/vcpus").then().body("items[0].runState", equalTo("RUNNABLE"));
  }

  @Test
  void initLeavesTheChosenBootProcessorRunning() {
    call("{}").post(sandbox + "/vms").then().statusCode(201).body("bootVcpu", equalTo(0));
    call("{\"vcpu\":1}")
        .put(vm() + "/boot-vcpu")
        .then()
        .statusCode(200)
        .body("bootVcpu", equalTo(1));
    hostile("{\"vcpu\":4097}").put(vm() + "/boot-vcpu").then().statusCode(400);
    call("{\"id\":0}").post(vm() + "/vcpus").then().statusCode(201);
    call("{\"id\":1}").post(vm() + "/vcpus").then().statusCode(201);
    hostile("{\"vcpu\":0}")
        .put(vm() + "/boot-vcpu")
        .then()
        .statusCode(409)
        .body("errno", equalTo("EBUSY"));
    call().get(vm() + "/vcpus/1/lapic").then().body("lvt0", equalTo(0x700));
    for (String address : new String[] {"4276092928", "4276097024"}) {
      call("{\"svr\":511}").put(vm() + "/vcpus/0/lapic").then().statusCode(200);
      call("{\"address\":" + address + ",\"data\":1280}").post(vm() + "/msi");
    }

    call().get(vm() + "/vcpus").then().body("items.runState", contains("PARKED", "RUNNABLE"));
    call().get(vm()).then().body("bootVcpu", equalTo(1));
  }

  @Test
  void anNmiOfTheHostIsTakenByTheNextAccess() {
    call("{}").post(sandbox + "/vms").then().statusCode(201);
    call("{\"id\":0}").post(vm() + "/vcpus").then().statusCode(201);

    call().post(vm() + "/vcpus/0/nmi").then().statusCode(200).body("nmiPending", equalTo(1));
    call().post(vm() + "/vcpus/0/nmi").then().body("nmiPending", equalTo(2));
    call().post(vm() + "/vcpus/0/nmi").then().body("nmiPending", equalTo(2));
    call().post(vm() + "/vcpus/0/eoi").then().body("nmis", equalTo(2));

    call().get(vm() + "/vcpus/0").then().body("nmiPending", equalTo(0));
    hostile().post(vm() + "/vcpus/1/nmi").then().statusCode(404);
  }

  @Test
  void aMessageRightAfterAnInitIsNotWiped() {
    call("{}").post(sandbox + "/vms").then().statusCode(201);
    call("{\"id\":0}").post(vm() + "/vcpus").then().statusCode(201);
    call("{\"svr\":511}").put(vm() + "/vcpus/0/lapic").then().statusCode(200);
    call("{\"entries\":[{\"gsi\":40,\"msi\":{\"address\":4276092928,\"data\":1280}},"
            + "{\"gsi\":41,\"msi\":{\"address\":4276092928,\"data\":1024}}]}")
        .put(vm() + "/routing")
        .then()
        .statusCode(200);
    call("{}").post(sandbox + "/eventfds").then().statusCode(201);
    call("{}").post(sandbox + "/eventfds").then().statusCode(201);
    call("{\"fd\":3,\"gsi\":40}").post(vm() + "/irqfds").then().statusCode(201);
    call("{\"fd\":4,\"gsi\":41}").post(vm() + "/irqfds").then().statusCode(201);

    // INIT, then an NMI, each within its write: the reset comes before the NMI, not after it.
    call().post(sandbox + "/eventfds/3/signal").then().body("outcome", equalTo("INJECTED"));
    call().post(sandbox + "/eventfds/4/signal").then().body("outcome", equalTo("INJECTED"));

    call().get(vm() + "/vcpus/0").then().body("nmiPending", equalTo(1));
    call().get(vm() + "/vcpus/0/lapic").then().body("svr", equalTo(255));
  }

  @Test
  void whatWasReadMayBeSentBack() {
    levelPin();
    call("{\"level\":1}").put(vm() + "/gsis/16/line").then().body("status", equalTo(1));
    call().post(vm() + "/vcpus/0/ack").then().body("vector", equalTo(65));

    sameAgain("/vcpus/0/lapic", "/vcpus/0/lapic", "");
    sameAgain("/irqchip/ioapic/pins/16", "/irqchip", "ioapic.pins[16]");
    sameAgain("/irqchip/pic/master", "/irqchip", "pic.master");
    // Vectors in service and remote IRR are restored, too: the end of interrupt is that of pin 16.
    call("{\"isr\":[]}").put(vm() + "/vcpus/0/lapic").then().body("isr", empty());
    call("{\"isr\":[65,49]}").put(vm() + "/vcpus/0/lapic").then().body("isr", contains(49, 65));
    call("{\"remoteIrr\":false}")
        .put(vm() + "/irqchip/ioapic/pins/16")
        .then()
        .body("remoteIrr", equalTo(true));
    hostile("{\"irr\":[256]}")
        .put(vm() + "/vcpus/0/lapic")
        .then()
        .statusCode(400)
        .body("detail", containsString("256"));
    hostile("{\"irr\":[null]}").put(vm() + "/vcpus/0/lapic").then().statusCode(400);
    hostile("{\"pin\":3}").put(vm() + "/irqchip/ioapic/pins/16").then().statusCode(400);
  }

  /** Sends back what a GET tells, or a part of it; it tells the same afterwards. */
  private void sameAgain(String put, String get, String part) {
    Map<String, Object> before = call().get(vm() + get).path(part);
    assertThat(before).isNotEmpty();
    call(new JsonMapper().writeValueAsString(before)).put(vm() + put).then().statusCode(200);
    Map<String, Object> after = call().get(vm() + get).path(part);
    assertThat(after).isEqualTo(before);
  }

  @Test
  void whatIsNotThereIsRefused() {
    call("{\"irqchip\":\"SPLIT\",\"reservedPins\":24}")
        .post(sandbox + "/vms")
        .then()
        .statusCode(201);
    call().get(vm() + "/irqchip").then().statusCode(409).body("errno", equalTo("ENXIO"));
    call().get(vm() + "/vcpus/3").then().statusCode(404).body("errno", equalTo("ENOENT"));
    call("{\"id\":3}").post(vm() + "/vcpus").then().statusCode(201);
    call("{\"id\":3}")
        .post(vm() + "/vcpus")
        .then()
        .statusCode(409)
        .body("errno", equalTo("EEXIST"));
    hostile("{\"id\":4096}").post(vm() + "/vcpus").then().statusCode(400);
    hostile().get(vm() + "/vcpus/x").then().statusCode(400);
    hostile().post(vm() + "/vcpus/3/ack?from=nmi").then().statusCode(400);
    hostile("{\"port\":1,\"lapic\":1}").post(vm() + "/vcpus/3/io").then().statusCode(400);
    hostile("{}").post(vm() + "/vcpus/3/io").then().statusCode(400);
    hostile("{}").put(vm() + "/irqchip/pic/third").then().statusCode(400);
    hostile("{}").put(vm() + "/irqchip/ioapic/pins/24").then().statusCode(400);
    hostile("{\"vector\":256}").put(vm() + "/irqchip/ioapic/pins/1").then().statusCode(409);

    call("{\"irqchip\":\"NONE\"}").post(sandbox + "/vms").then().statusCode(201);
    call().get(sandbox + "/vms/vm-2/routing").then().statusCode(400);
    call("{\"id\":0}").post(sandbox + "/vms/vm-2/vcpus").then().statusCode(201);
    call().get(sandbox + "/vms/vm-2/vcpus/0/lapic").then().statusCode(400);
    call().post(sandbox + "/vms/vm-2/vcpus/0/eoi").then().body("handled", equalTo(false));
  }
}
