package dev.virq.api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.not;

import dev.virq.errno.Errno;
import io.restassured.response.Response;
import io.swagger.v3.oas.annotations.Hidden;
import java.io.ByteArrayInputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.List;
import org.hamcrest.Matchers;
import org.junit.jupiter.api.Test;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.context.annotation.Import;
import org.springframework.test.context.TestPropertySource;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** Each errno once, with its status. */
@Import(ErrnoIT.Broken.class)
@TestPropertySource(
    properties = {
      "virq.limits.vms=2",
      "virq.limits.objects-total=1000",
      "virq.limits.sandboxes=100",
      "virq.max-body=1KB"
    })
class ErrnoIT extends OverHttp {

  /** An operation with a bug. */
  @TestConfiguration(proxyBeanMethods = false)
  @RestController
  @Hidden
  static class Broken {
    @GetMapping("/broken")
    void broken() {
      throw new IllegalStateException("the secret of the bug");
    }
  }

  private static void refused(Response response, int status, Errno errno) {
    response
        .then()
        .statusCode(status)
        .body("errno", equalTo(errno.name()))
        .body("errnoNumber", equalTo(errno.number()))
        .body("title", equalTo(errno.title()));
  }

  @Test
  void badValuesNameTheMember() {
    bound();
    Response response = hostile("{\"fd\":3,\"gsi\":-1}").post(sandbox + "/vms/vm-1/irqfds");

    refused(response, 400, Errno.EINVAL);
    response
        .then()
        .body("errors[0].pointer", equalTo("/gsi"))
        .body("errors[0].detail", equalTo("-1 is outside 0..4294967295"))
        .body("sandbox", equalTo(name))
        .body("instance", equalTo(sandbox + "/vms/vm-1/irqfds"));
    refused(
        hostile("{\"value\":\"18446744073709551615\"}").post(sandbox + "/eventfds/3/signal"),
        400,
        Errno.EINVAL);
    refused(
        hostile("{\"point\":\"inject.mutex\"}").post(sandbox + "/breakpoints"), 400, Errno.EINVAL);
  }

  @Test
  void unknownObjects() {
    refused(call().get("/v1/sandboxes/nobody"), 404, Errno.ENOENT);
    refused(call().get(sandbox + "/vms/vm-9"), 404, Errno.ENOENT);
    refused(call().get(sandbox + "/signals/sig-9"), 404, Errno.ENOENT);
    refused(call().get(sandbox + "/breakpoints/bp-9"), 404, Errno.ENOENT);
    refused(hostile().post("/nowhere"), 404, Errno.ENOENT);
  }

  @Test
  void closedDescriptorsInThePathAndInTheBody() {
    call("{}").post(sandbox + "/vms").then().statusCode(201);

    refused(call().get(sandbox + "/eventfds/7"), 404, Errno.EBADF);
    Response body = call("{\"fd\":7,\"gsi\":5}").post(sandbox + "/vms/vm-1/irqfds");
    refused(body, 422, Errno.EBADF);
    body.then().body("errors[0].pointer", equalTo("/fd"));
    call("{}").post(sandbox + "/eventfds").then().statusCode(201);
    Response resample =
        call("{\"fd\":3,\"gsi\":5,\"flags\":[\"RESAMPLE\"],\"resampleFd\":9}")
            .post(sandbox + "/vms/vm-1/irqfds");
    refused(resample, 422, Errno.EBADF);
    resample.then().body("errors[0].pointer", equalTo("/resampleFd"));
  }

  @Test
  void conflicts() {
    bound();
    call("{\"irqchip\":\"NONE\"}").post(sandbox + "/vms").then().statusCode(201);

    Response busy = call("{\"fd\":3,\"gsi\":6}").post(sandbox + "/vms/vm-1/irqfds");
    refused(busy, 409, Errno.EBUSY);
    busy.then().body("conflict.irqfd", equalTo("irqfd-1")).body("conflict.gsi", equalTo(5));
    refused(call("{\"kind\":\"KERNEL\"}").put(sandbox + "/vms/vm-1/irqchip"), 409, Errno.EEXIST);
    refused(call("{\"level\":1}").put(sandbox + "/vms/vm-2/gsis/5/line"), 409, Errno.ENXIO);
    refused(call().post(sandbox + "/eventfds/3/read"), 409, Errno.EAGAIN);
    refused(call("{}").post(sandbox + "/vms"), 409, Errno.EMFILE);
    refused(call("{\"fd\":3,\"gsi\":6}").post(sandbox + "/vms/vm-2/irqfds"), 400, Errno.EINVAL);
  }

  @Test
  void waitsThatFail() {
    held();

    refused(call("{\"for\":\"settled\"}").post(sandbox + "/wait"), 409, Errno.EDEADLK);
    call().post(sandbox + "/breakpoints/bp-1/release").then().statusCode(200);
    settled();
    refused(
        call("{\"for\":\"injected\",\"irqfd\":\"irqfd-1\",\"atLeast\":0,\"atMost\":0}")
            .post(sandbox + "/wait"),
        409,
        Errno.ERANGE);
    refused(
        call("{\"for\":\"injected\",\"eventfd\":\"efd-1\",\"atLeast\":2,\"timeout\":\"PT0S\"}")
            .post(sandbox + "/wait"),
        504,
        Errno.ETIMEDOUT);
  }

  @Test
  void whatConfigurationForbids() {
    refused(call().delete("/v1/sandboxes/default"), 403, Errno.EPERM);
  }

  @Test
  void tooLargeAnnouncedOrNot() throws Exception {
    String body = "{\"name\":\"" + "x".repeat(2000) + "\"}";

    refused(hostile(body).post(sandbox + "/vms"), 413, Errno.E2BIG);

    try (HttpClient client = HttpClient.newHttpClient()) {
      // A publisher of unknown length is sent in chunks, without Content-Length.
      HttpRequest chunked =
          HttpRequest.newBuilder(URI.create("http://localhost:" + port + sandbox + "/vms"))
              .header("Content-Type", "application/json")
              .POST(
                  BodyPublishers.ofInputStream(
                      () -> new ByteArrayInputStream(body.getBytes(UTF_8))))
              .build();
      HttpResponse<String> answer = client.send(chunked, BodyHandlers.ofString());

      assertThat(answer.statusCode()).isEqualTo(413);
      assertThat(answer.body()).contains("\"errno\":\"E2BIG\"");
    }
  }

  @Test
  void wrongMethodsAndMediaTypes() {
    refused(hostile().delete("/v1"), 405, Errno.EOPNOTSUPP);
    hostile().delete("/v1").then().header("Allow", containsString("GET"));
    refused(hostile().accept("text/html").get("/v1"), 406, Errno.EOPNOTSUPP);
    refused(
        hostile().contentType("text/plain").body("x").post(sandbox + "/vms"),
        415,
        Errno.EOPNOTSUPP);
  }

  @Test
  void fullInstanceSaysWhenToComeBack() {
    List<String> made = new ArrayList<>();
    Response last = call("{}").post("/v1/sandboxes");
    while (last.statusCode() == 201 && made.size() <= 100) {
      made.add(last.path("name"));
      last = call("{}").post("/v1/sandboxes");
    }

    refused(last, 429, Errno.ENFILE);
    last.then().header("Retry-After", Matchers.notNullValue());
    for (String name : made) {
      hostile().delete("/v1/sandboxes/" + name).then().statusCode(200);
    }
  }

  @Test
  void bugsTellOnlyTheRequest() {
    Response response = hostile().header("X-Request-Id", "my-request").get("/broken");

    refused(response, 500, Errno.EIO);
    response
        .then()
        .header("X-Request-Id", "my-request")
        .body("requestId", equalTo("my-request"))
        .body("detail", not(containsString("secret")));
  }

  @Test
  void everyProblemTypeHasItsText() {
    for (Errno errno : Errno.values()) {
      call()
          .get("/problems/" + errno)
          .then()
          .statusCode(200)
          .body("errnoNumber", equalTo(errno.number()));
    }
    refused(hostile().get("/problems/EWHAT"), 404, Errno.ENOENT);
    call().get("/v1").then().body("limits.keySet()", hasItem("vms"));
  }

  @Test
  void aBodyThatCannotBeReadIsRefusedBeforeTheSandboxIsLookedUp() {
    hostile("{").post("/v1/sandboxes/nobody/vms").then().statusCode(400);
    hostile("{}").post("/v1/sandboxes/nobody/vms").then().statusCode(404);
  }
}
