package dev.virq.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasKey;
import static org.hamcrest.Matchers.matchesPattern;
import static org.hamcrest.Matchers.not;

import dev.virq.VirqApplication;
import io.restassured.RestAssured;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.web.server.servlet.context.ServletWebServerApplicationContext;

/** A client can tell one life of a sandbox, and of an instance, from the next. */
class LifeIT extends OverHttp {
  private static final String UUID = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}";

  private String uid() {
    return call().get(sandbox).then().statusCode(200).extract().path("uid");
  }

  private RequestSpecification forLife(String uid) {
    return call().header("If-Match", '"' + uid + '"');
  }

  @Test
  void everyAnswerOfASandboxTellsItsUid() {
    String uid = uid();

    assertThat(uid).matches(UUID);
    Response shown = call().get(sandbox);
    assertThat(shown.header("ETag")).isEqualTo('"' + uid + '"');
    assertThat(shown.header("Sandbox-Uid")).isEqualTo(uid);
    Response put = call().put(sandbox);
    assertThat(put.statusCode()).isEqualTo(200);
    assertThat(put.jsonPath().getString("uid")).isEqualTo(uid);
    assertThat(put.header("ETag")).isEqualTo('"' + uid + '"');
    assertThat(put.header("Sandbox-Uid")).isEqualTo(uid);
    assertThat(call("{}").post(sandbox + "/vms").header("Sandbox-Uid")).isEqualTo(uid);
    assertThat(call().get(sandbox + "/vms/vm-9").header("Sandbox-Uid")).isEqualTo(uid);
    Response posted = call("{}").post("/v1/sandboxes");
    assertThat(posted.statusCode()).isEqualTo(201);
    assertThat(posted.header("Sandbox-Uid")).isEqualTo(posted.jsonPath().getString("uid"));
    assertThat(posted.jsonPath().getString("name")).matches("sb-[a-z2-7]{10}");
    call().delete("/v1/sandboxes/" + posted.jsonPath().getString("name")).then().statusCode(200);
  }

  @Test
  void everyAnswerTellsTheEpochOfItsInstance() {
    Response service = call().get("/v1");
    String epoch = service.header("X-Epoch");

    assertThat(service.jsonPath().getString("kernel.release")).isEqualTo("6.18");
    assertThat(service.jsonPath().getList("kernel.without"))
        .containsExactly("CONFIG_KVM_HYPERV", "CONFIG_KVM_XEN");
    assertThat(epoch).matches(UUID).isEqualTo(service.jsonPath().getString("epoch"));
    assertThat(call().get(sandbox).header("X-Epoch")).isEqualTo(epoch);
    hostile()
        .get("/v1/sandboxes/nobody")
        .then()
        .statusCode(404)
        .header("X-Epoch", epoch)
        .body("epoch", equalTo(epoch));
    // What Tomcat refuses by itself.
    RestAssured.given()
        .port(port)
        .urlEncodingEnabled(false)
        .get("/v1/sandboxes/%2f")
        .then()
        .statusCode(400)
        .header("X-Epoch", epoch)
        .body("epoch", equalTo(epoch));
  }

  @Test
  void callForThisLifeIsMade() {
    bound();

    forLife(uid()).post(sandbox + "/eventfds/efd-1/signal").then().statusCode(200);
    call().header("If-Match", "*").get(sandbox).then().statusCode(200);
    call()
        .header("If-Match", "\"other\", \"" + uid() + '"')
        .get(sandbox + "/stats")
        .then()
        .statusCode(200)
        .body("signals", equalTo(1));
  }

  @Test
  void callForAnotherLifeIsRefusedAndDoesNothing() {
    bound();
    String before = uid();
    Response reset = forLife(before).post(sandbox + "/reset");
    String now = reset.jsonPath().getString("uid");
    assertThat(reset.header("Sandbox-Uid")).isEqualTo(now);
    assertThat(uid()).isEqualTo(now).isNotEqualTo(before);
    bound();

    // The same names, other objects.
    forLife(before)
        .post(sandbox + "/eventfds/efd-1/signal")
        .then()
        .statusCode(412)
        .body("errno", equalTo("ESTALE"))
        .body("errnoNumber", equalTo(116))
        .body("uid", equalTo(now))
        .body("expected", contains(before))
        .body("detail", containsString(before))
        .body("detail", containsString(now));
    for (String path : List.of("", "/stats", "/vms", "/vms/vm-1", "/breakpoints")) {
      forLife(before).get(sandbox + path).then().statusCode(412);
    }
    forLife(before).post(sandbox + "/renew").then().statusCode(412);
    forLife(before).post(sandbox + "/reset").then().statusCode(412);
    forLife(before).delete(sandbox).then().statusCode(412);
    forLife(before).put(sandbox).then().statusCode(412);
    forLife(before)
        .contentType("text/plain")
        .body("vm_create")
        .post(sandbox + "/scripts")
        .then()
        .statusCode(412);

    call().get(sandbox + "/stats").then().body("signals", equalTo(0));
    assertThat(uid()).isEqualTo(now);
    forLife(now)
        .delete(sandbox)
        .then()
        .statusCode(200)
        .header("Sandbox-Uid", now)
        .body("$", not(hasKey("uid")));
  }

  @Test
  void sandboxThatIsNotThereIsUnknownUnlessItWouldBeMade() {
    String uid = uid();
    call().delete(sandbox).then().statusCode(200);

    forLife(uid).get(sandbox).then().statusCode(404).body("errno", equalTo("ENOENT"));
    call().header("If-Match", "*").get(sandbox).then().statusCode(404);
    forLife(uid).put(sandbox).then().statusCode(412).body("errno", equalTo("ESTALE"));
    call().header("If-Match", "*").put(sandbox).then().statusCode(412);

    call().get(sandbox).then().statusCode(404);
  }

  @Test
  void putThatWantsItNewIsRefusedWhereItIsThere() {
    call()
        .header("If-None-Match", "*")
        .put(sandbox)
        .then()
        .statusCode(412)
        .body("errno", equalTo("EEXIST"))
        .body("uid", equalTo(uid()))
        .body("unwanted", contains("*"));
    call().delete(sandbox).then().statusCode(200);

    call()
        .header("If-None-Match", "*")
        .put(sandbox)
        .then()
        .statusCode(201)
        .body("uid", matchesPattern(UUID));
  }

  @Test
  void uidIsNoStateThatAnAnswerCouldBeSparedFor() {
    call().header("If-None-Match", '"' + uid() + '"').get(sandbox).then().statusCode(200);
  }

  @Test
  void weakTagMatchesNoLifeThatACallIsFor() {
    call().header("If-Match", "W/\"" + uid() + '"').get(sandbox).then().statusCode(412);
  }

  @Test
  void weakTagMatchesALifeThatIsNotWanted() {
    call().header("If-None-Match", "W/\"" + uid() + '"').put(sandbox).then().statusCode(412);
  }

  @ParameterizedTest
  @ValueSource(strings = {"uid", "\"", "\"a\" \"b\"", "*, \"a\"", "w/\"a\"", ""})
  void conditionThatIsNoneIsRefused(String value) {
    hostile()
        .header("If-Match", value)
        .get(sandbox)
        .then()
        .statusCode(400)
        .body("errno", equalTo("EINVAL"))
        .body("detail", containsString("If-Match " + value))
        .body("detail", containsString("uids in double quotes"));
  }

  /** Another instance, as after a restart or behind the same gateway. */
  @Test
  void lifeOfAnotherInstanceIsToldFromThisOne() {
    String here = uid();
    try (var other =
        (ServletWebServerApplicationContext)
            SpringApplication.run(VirqApplication.class, "--server.port=0")) {
      RequestSpecification there = RestAssured.given().port(other.getWebServer().getPort());

      Response made = there.contentType("application/json").body("{}").put(sandbox);

      assertThat(made.statusCode()).isEqualTo(201);
      assertThat(made.header("X-Epoch")).isNotEqualTo(call().get("/v1").header("X-Epoch"));
      // The client has begun anew there, and is led here again: the old sandbox is not taken for
      // it.
      String anew = made.jsonPath().getString("uid");
      forLife(anew).get(sandbox).then().statusCode(412).body("uid", equalTo(here));
      call().put(sandbox).then().statusCode(200).body("uid", equalTo(here));
    }
  }
}
