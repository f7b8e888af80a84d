package dev.virq.deploy;

import dev.virq.testing.Script;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * Stand-ins for the two images that the Dockerfile begins with, made of what this machine has, so
 * that no registry is needed.
 *
 * <p>The one for building is empty: it sees this machine's programs, this JVM's JDK and the local
 * Maven repository through read-only mounts. The one for running is as bare as the real one, the C
 * library and nothing else. The mounts are there in every step of a build, so they stand where the
 * image itself has nothing.
 */
final class StandIns {
  private static final Path JDK = Path.of(System.getProperty("java.home"));
  private static final Pattern LIBRARY = Pattern.compile("/[^ ]+");

  private final Path directory;

  StandIns(Path directory) {
    this.directory = directory;
  }

  /** What is mounted while a step of a build runs: a path inside, and the path here. */
  static Map<String, Path> mounts() {
    Path home = Path.of(System.getProperty("user.home"));
    String repository = home.resolve(".m2/repository").toString();
    Map<String, Path> mounts = new TreeMap<>();
    mounts.put("/usr", Path.of("/usr"));
    mounts.put("/opt/jdk", JDK);
    mounts.put("/repository", Path.of(System.getProperty("localRepository", repository)));
    mounts.put("/maven/wrapper", home.resolve(".m2/wrapper"));
    // Where Debian's commands, Maven and JDK lead to by links.
    for (String configuration : List.of("/etc/alternatives", "/etc/maven", "/etc/ssl")) {
      mounts.put(configuration, Path.of(configuration));
    }
    mounts.values().removeIf(path -> !Files.isDirectory(path));
    return mounts;
  }

  /** Whether there is a Maven that the mounts show; one must not be downloaded. */
  static boolean haveMaven() {
    return mounts().containsKey("/maven/wrapper") || Files.exists(Path.of("/usr/bin/mvn"));
  }

  /** Writes the context of the image to build in. */
  Path jdk() throws IOException {
    Path context = root("jdk", "opt", "root", "var/tmp");
    open(context.resolve("root/var/tmp"));
    for (String link : List.of("bin", "lib", "lib64", "sbin")) {
      Files.createSymbolicLink(context.resolve("root").resolve(link), Path.of("usr/" + link));
    }
    for (String mount : mounts().keySet()) {
      Files.createDirectories(context.resolve("root" + mount));
    }
    return dockerfile(
        context,
        """
        ENV PATH=/opt/jdk/bin:/usr/bin:/bin MAVEN_USER_HOME=/maven
        RUN true
        """);
  }

  /** Writes the context of the image to run on. */
  Path base() throws IOException, InterruptedException {
    Path context = root("base");
    String needed = Script.run("ldd", JDK.resolve("lib/server/libjvm.so").toString()).output();
    List<String> libraries =
        LIBRARY.matcher(needed).results().map(MatchResult::group).distinct().toList();
    for (String library : libraries) {
      Path copy = context.resolve("root" + library);
      Files.createDirectories(copy.getParent());
      Files.copy(Path.of(library), copy);
    }
    return dockerfile(context, "");
  }

  private Path root(String name, String... directories) throws IOException {
    Path context = directory.resolve(name);
    List<String> all = new ArrayList<>(List.of("dev", "etc", "proc", "sys", "tmp"));
    all.addAll(List.of(directories));
    for (String inside : all) {
      Files.createDirectories(context.resolve("root").resolve(inside));
    }
    open(context.resolve("root/tmp"));
    return context;
  }

  private static void open(Path path) throws IOException {
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxrwxrwx"));
  }

  private static Path dockerfile(Path context, String steps) throws IOException {
    Files.writeString(context.resolve("Dockerfile"), "FROM scratch\nCOPY root /\n" + steps);
    return context;
  }
}
