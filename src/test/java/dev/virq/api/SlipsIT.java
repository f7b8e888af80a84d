package dev.virq.api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;

import io.restassured.response.Response;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a newcomer gets wrong: each refusal names the value, what is wanted, and where. */
class SlipsIT extends OverHttp {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          /vms/vm-1/irqfds  | {"fd":3,"gsi":"5"}            | gsi: "5" is a string, not an integer in 0..4294967295
          /vms/vm-1/irqfds  | {"fd":3,"gsi":1.5}            | gsi: 1.5 is not an integer in 0..4294967295
          /vms/vm-1/irqfds  | {"fd":3,"gsi":true}           | gsi: true is not an integer in 0..4294967295
          /vms/vm-1/irqfds  | {"fd":3,"gsi":{"id":5}}       | gsi: an object is not an integer in 0..4294967295
          /vms/vm-1/irqfds  | {"fd":3,"gsi":[5]}            | gsi: an array is not an integer in 0..4294967295
          /vms/vm-1/irqfds  | {"fd":3,"gsi":99999999999999999999} | gsi: 99999999999999999999 is not an integer in 0..4294967295
          /vms/vm-1/irqfds  | {"fd":3,"gsi":4294967296}     | gsi: 4294967296 is outside 0..4294967295
          /vms/vm-1/irqfds  | {"fd":{},"gsi":5}             | fd: an object is not an integer in 0..2147483647
          /vms/vm-1/irqfds  | {"fd":3,"gsi":5,"flags":"RESAMPLE"} | flags: "RESAMPLE" is a string, not an array
          /vms/vm-1/irqfds  | {"fd":3,"gsi":5,"flags":["resampel"]} | flags/0: "resampel" is not one of [RESAMPLE]; did you mean RESAMPLE?
          /vms              | {"reservedPins":5000000000}   | reservedPins: 5000000000 is not an integer in 0..4096
          /vms              | {"name":5}                    | name: 5 is not a string
          /vms              | {"irqchip":"KERNAL"}          | irqchip: "KERNAL" is not one of [KERNEL, SPLIT, NONE]; did you mean KERNEL?
          /vms              | {"irqchip":1}                 | irqchip: 1 is not one of [KERNEL, SPLIT, NONE]
          /vms              | ["name"]                      | body: an array is not an object
          /vms              | "name"                        | body: "name" is a string, not an object
          /vms              | {"nmae":"a"}                  | nmae: member "nmae" is unknown; known members are [irqchip, name, reservedPins]; did you mean name?
          /vms              | {"a/b~c":1}                   | a~1b~0c: member "a/b~c" is unknown; known members are [irqchip, name, reservedPins]
          /vms              | {"name":"a","name":"b"}       | body: is not valid JSON: Duplicate Object property "name", at line 1, column 19
          /vms              | {"name":                      | body: is not valid JSON: Unexpected end-of-input within/between Object entries, at line 1, column 9
          /vms              | {"name":"a"                   | body: is not valid JSON: Unexpected end-of-input: expected close marker for Object, at line 1, column 12
          /vms              | {"name":"a"} {}               | body: is not valid JSON: it goes on after its end, at line 1, column 14
          /vms              | {name:"a"}                    | body: is not valid JSON: Unexpected character ('n' (code 110)): was expecting double-quote to start property name, at line 1, column 2
          /eventfds         | {"initval":true}              | initval: true is not a number or decimal string in 0..18446744073709551615
          /eventfds         | {"initval":"x"}               | initval: "x" is not a number or decimal string in 0..18446744073709551615
          /breakpoints      | {"point":"inject.derefrenced"} | point: "inject.derefrenced" is none of the points that GET /v1/points lists; did you mean inject.dereferenced?
          /breakpoints      | {"point":"elsewhere"}         | point: "elsewhere" is none of the points that GET /v1/points lists
          /breakpoints      | {"point":"sync.begin","maxHold":5} | maxHold: 5 is not an ISO-8601 duration such as PT5S
          /breakpoints      | {"point":"sync.begin","maxHold":"PTNaNS"} | maxHold: "PTNaNS" is not an ISO-8601 duration such as PT5S
          /breakpoints      | {"point":"sync.begin","hits":"2"} | hits: "2" is a string, not an integer in 1..2147483647
          /breakpoints      | {"point":"sync.begin","match":{"irqdf":"irqfd-1"}} | match/irqdf: member "irqdf" is unknown; known members are [eventfd, gsi, irqfd, vm]; did you mean irqfd?
          /breakpoints      | {"point":"sync.begin","match":"irqfd-1"} | match: "irqfd-1" is a string, not an object
          /reset            | {"keepBreakpoints":"true"}    | keepBreakpoints: "true" is a string, not true or false
          /wait             | {"for":"setled"}              | for: "setled" is not one of [settled, parked, injected, released]; did you mean settled?
          /scripts          | vm_crate v0                   | line 1: "vm_crate" is not an operation; did you mean vm_create?
          """)
  void inTheBody(String path, String body, String detail) {
    Response refused =
        hostile(body)
            .contentType(path.equals("/scripts") ? "text/plain" : "application/json")
            .post(sandbox + path);

    refused.then().statusCode(400).body("detail", equalTo(detail));
  }

  @Test
  void inALineOfABulk() {
    String answer =
        hostile()
            .contentType("application/x-ndjson")
            .body("{\"eventfd\":\"efd-1\",\"repeat\":\"2\"}\n{\"eventfd\":\n".getBytes(UTF_8))
            .post(sandbox + "/signals")
            .asString();

    assertThat(answer)
        .contains(
            "the line is no item: repeat: \\\"2\\\" is a string, not an integer in 1..2147483647")
        .contains("the line is no item: is not valid JSON: Unexpected end-of-input")
        .doesNotContain("Source", "java.");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          GET    | /v1/sandboxes/X/vms?pagesize=5       | query parameter "pagesize" is unknown; known ones are [pageSize, pageToken]; did you mean pageSize?
          GET    | /v1/sandboxes/X/vms/vm-1?verbose=1   | query parameter "verbose" is unknown; this operation takes none
          DELETE | /v1/sandboxes/X/vms/vm-1?wait=non    | wait "non" is not one of [none, settled]; did you mean none?
          GET    | /v1/sandboxes/X/vms/vm-1/irqfds?state=active | state "active" is not one of [ACTIVE, UNHOOKED, FLUSHING, DISCONNECTED, GRACE, FREED]; did you mean ACTIVE?
          """)
  void inTheQuery(String method, String target, String detail) {
    call("{}").post(sandbox + "/vms").then().statusCode(201);

    hostile()
        .request(method, target.replace("X", name))
        .then()
        .statusCode(400)
        .body("detail", equalTo(detail));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          GET  | /v1/sandboxes/X/wait    | 405 | method GET is not supported; only POST is
          POST | /v1/sandboxes/X         | 405 | method POST is not supported; only DELETE, GET, PUT are
          GET  | /nowhere                | 404 | no such path
          PUT  | /v1/v1/sandboxes/X      | 404 | no such path: /v1 stands in it twice; the base address must not end in /v1
          """)
  void inTheMethodOrThePath(String method, String path, int status, String why) {
    String at = path.replace("X", name);

    hostile()
        .request(method, at)
        .then()
        .statusCode(status)
        .body("detail", equalTo(method + " " + at + ": " + why));
  }
}
