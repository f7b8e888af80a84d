package dev.virq.deploy;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.virq.testing.Script;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Builds the image, with a storage of its own and without a registry. */
final class Buildah {
  /** Where the image is left for a look: its root is {@code rootfs}. */
  static final Path DIRECTORY = Path.of("target/image").toAbsolutePath();

  private static final String IMAGE = "localhost/virq";

  private Buildah() {}

  /**
   * Builds the image of the Dockerfile anew. Aborts the test, visibly, where that cannot be tried.
   */
  static void build() throws IOException, InterruptedException {
    var _ = buildah("--version");
    for (String command : List.of("unshare", "setpriv", "ldd", "tar", "curl")) {
      var _ = Script.run(command, "--version");
    }
    assumeTrue(
        Script.run("id", "-u").output().strip().equals("0"),
        "The image was not tried: without a registry's base images it takes root to build it.");
    Script.Result namespaces = Script.run("unshare", "--mount", "--pid", "--fork", "true");
    assumeTrue(
        namespaces.status() == 0,
        "The image was not tried: no process can be given namespaces here: " + namespaces);
    assumeTrue(
        StandIns.haveMaven(),
        "The image was not tried: /usr/bin/mvn and ~/.m2/wrapper are missing.");
    delete(DIRECTORY);
    Path temporary = Files.createDirectories(DIRECTORY.resolve("tmp"));
    StandIns standIns = new StandIns(temporary);
    Script.Result step = bud("localhost/jdk", standIns.jdk(), List.of());
    assumeTrue(
        step.status() == 0, "The image was not tried: buildah cannot run a step here: " + step);
    succeed(bud("localhost/base", standIns.base(), List.of()));
    succeed(
        bud(
            IMAGE,
            Path.of(""),
            List.of(
                "--build-arg=JDK_IMAGE=localhost/jdk",
                "--build-arg=BASE_IMAGE=localhost/base",
                "--build-arg=MAVEN_OPTIONS=--offline -Dmaven.repo.local=/repository")));
    String container = succeed(buildah("from", "--pull-never", IMAGE)).strip();
    Files.createSymbolicLink(
        DIRECTORY.resolve("rootfs"), Path.of(succeed(buildah("mount", container)).strip()));
  }

  /** The root of the image. */
  static Path root() throws IOException {
    return DIRECTORY.resolve("rootfs").toRealPath();
  }

  /** How the image says that it is to be run. */
  static JsonNode configuration() throws IOException, InterruptedException {
    return Yaml.one(succeed(buildah("inspect", "--type=image", IMAGE))).at("/OCIv1/config");
  }

  /**
   * A layer.
   *
   * @param bytes unpacked
   * @param files paths, directories left out
   */
  record Layer(long bytes, List<String> files) {}

  /** The layers, from the base upwards. */
  static List<Layer> layers() throws IOException, InterruptedException {
    Path directory = DIRECTORY.resolve("layers");
    var _ = succeed(buildah("push", "-q", "--disable-compression", IMAGE, "dir:" + directory));
    List<Layer> layers = new ArrayList<>();
    for (JsonNode layer :
        Yaml.one(Files.readString(directory.resolve("manifest.json"))).path("layers")) {
      Path archive = directory.resolve(layer.path("digest").asText().replace("sha256:", ""));
      List<String> files =
          succeed(Script.run("tar", "-tf", archive.toString()))
              .lines()
              .filter(path -> !path.endsWith("/"))
              .toList();
      layers.add(new Layer(layer.path("size").asLong(), files));
    }
    delete(directory);
    return layers;
  }

  private static Script.Result bud(String tag, Path context, List<String> options)
      throws IOException, InterruptedException {
    List<String> arguments =
        new ArrayList<>(List.of("bud", "--isolation=chroot", "--pull-never", "--layers"));
    StandIns.mounts()
        .forEach((inside, here) -> arguments.add("--volume=" + here + ":" + inside + ":ro"));
    arguments.addAll(options);
    arguments.addAll(List.of("--tag", tag, context.toAbsolutePath().toString()));
    return buildah(arguments.toArray(String[]::new));
  }

  private static Script.Result buildah(String... arguments)
      throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(
            List.of(
                "buildah",
                "--storage-driver=vfs",
                "--root=" + DIRECTORY.resolve("storage"),
                "--runroot=" + DIRECTORY.resolve("run")));
    command.addAll(List.of(arguments));
    return Script.run(command.toArray(String[]::new));
  }

  private static String succeed(Script.Result result) {
    if (result.status() != 0) {
      throw new AssertionError(result.output());
    }
    return result.output();
  }

  private static void delete(Path directory) throws IOException {
    if (!Files.exists(directory)) {
      return;
    }
    try (Stream<Path> paths = Files.walk(directory)) {
      for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }
}
