package dev.virq;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each root below {@code src} holds one kind of code; {@code src/test} mirrors the product. */
class SourceRootsTest {
  private static final String TOP = "dev.virq";
  private static final String PRODUCT = "main";
  private static final String MIRROR = "test";
  private static final String FIXTURES = "testFixtures";

  /** The packages that a root has of its own, with those below them. */
  private static final Map<String, Set<String>> OWN =
      Map.ofEntries(
          Map.entry(MIRROR, Set.of("docs")),
          Map.entry(FIXTURES, Set.of("testing", "lockorder", "planted", "conformance", "docs")),
          Map.entry("conformance", Set.of("conformance")),
          Map.entry("system", Set.of("system", "fuzz")),
          Map.entry("proof", Set.of("litmus", "lincheck", "models", "mutants", "torture")),
          Map.entry("live", Set.of("live")),
          Map.entry("deploy", Set.of("deploy")),
          Map.entry("clients", Set.of("client")),
          Map.entry("attacks", Set.of("attacks")),
          Map.entry("jcstress", Set.of("litmus")),
          Map.entry("jmh", Set.of("bench")));

  /** What the code of a root may use besides its own, the product and the fixtures. */
  private static final Map<String, Set<String>> MAY_USE = Map.of("jcstress", Set.of("proof"));

  /** In profiles of their own, not in every build. */
  private static final Set<String> IN_PROFILES = Set.of("jmh", "jcstress");

  private static final Pattern IMPORT =
      Pattern.compile("(?m)^import (?:static )?(dev\\.virq\\.[\\w.]+);");
  private static final Pattern TEST = Pattern.compile("\\w+(Test|IT)");

  /** One source file: its root, package and class. */
  private record Source(String root, String location, String type, Path file) {
    String name() {
      return location + "." + type;
    }

    boolean isTest() {
      return TEST.matcher(type).matches();
    }
  }

  @TempDir Path planted;

  @BeforeEach
  void plantTheProduct() throws IOException {
    plant("main", "dev.virq.vm", "Vm", "");
    plant("testFixtures", "dev.virq.testing", "Rig", "");
    plant("test", "dev.virq.vm", "VmTest", "import dev.virq.testing.Rig;");
    plant("test", "dev.virq", "RulesTest", "import dev.virq.vm.Vm;");
    plant("proof", "dev.virq.litmus", "Litmus", "import dev.virq.vm.Vm;");
    plant("jcstress", "dev.virq.litmus.stress", "Run", "import dev.virq.litmus.Litmus;");
  }

  @Test
  void everyRootHoldsItsKind() throws IOException {
    assertThat(faults(Path.of("src"))).isEmpty();
  }

  @Test
  void everyTestIsCompiled() throws IOException {
    List<Source> tests =
        sources(Path.of("src")).stream()
            .filter(source -> source.isTest() && !IN_PROFILES.contains(source.root()))
            .toList();

    assertThat(tests)
        .extracting(Source::root)
        .contains(MIRROR, "proof", "live", "deploy", "attacks");
    assertThat(tests)
        .allSatisfy(test ->
            assertThat(getClass().getResource("/" + test.name().replace('.', '/') + ".class"))
                .as("class of %s, whose root the pom has to name", test.file())
                .isNotNull());
  }

  @Test
  void whatIsInItsPlaceIsNoFault() throws IOException {
    assertThat(faults(planted)).isEmpty();
  }

  @Test
  void testOfAPackageThatTheProductLacksIsFound() throws IOException {
    plant("test", "dev.virq.wm", "WmTest", "");

    assertThat(faults(planted)).containsExactly("test: dev.virq.wm is no package of the product");
  }

  @Test
  void testOfTheProductInAnotherRootIsFound() throws IOException {
    plant("proof", "dev.virq.vm", "VmProofTest", "");
    plant("testFixtures", "dev.virq.vm", "VmTwoTest", "");

    assertThat(faults(planted))
        .containsExactly(
            "proof: dev.virq.vm belongs elsewhere",
            "testFixtures: dev.virq.vm.VmTwoTest tests the product: src/test is for that");
  }

  @Test
  void useOfAnotherKindIsFound() throws IOException {
    plant("test", "dev.virq.vm", "VmIT", "import dev.virq.litmus.Litmus;");
    plant("testFixtures", "dev.virq.testing", "Other", "import static dev.virq.vm.VmTest.X;");

    assertThat(faults(planted))
        .containsExactly(
            "test: dev.virq.vm.VmIT uses dev.virq.litmus.Litmus of proof",
            "testFixtures: dev.virq.testing.Other uses dev.virq.vm.VmTest of test");
  }

  @Test
  void rootThatIsNotListedIsFound() throws IOException {
    plant("more", "dev.virq.more", "MoreTest", "");

    assertThat(faults(planted)).containsExactly("more: dev.virq.more belongs elsewhere");
  }

  private void plant(String root, String location, String type, String code) throws IOException {
    Path file =
        planted.resolve(root + "/java/" + location.replace('.', '/') + "/" + type + ".java");
    Path _ = Files.createDirectories(file.getParent());
    Path _ = Files.writeString(file, "package " + location + ";\n" + code + "\n");
  }

  /** What stands in the wrong root below a directory such as {@code src}. */
  private static Set<String> faults(Path directory) throws IOException {
    List<Source> sources = sources(directory);
    Set<String> product = new TreeSet<>();
    Map<String, String> roots = new HashMap<>();
    for (Source source : sources) {
      if (source.root().equals(PRODUCT)) {
        product.add(source.location());
      }
      roots.put(source.name(), source.root());
    }
    Set<String> faults = new TreeSet<>();
    for (Source source : sources) {
      if (!source.root().equals(PRODUCT)) {
        misplaced(source, product).forEach(fault -> faults.add(source.root() + ": " + fault));
        used(source, roots)
            .forEach((used, root) ->
                faults.add(
                    "%s: %s uses %s of %s".formatted(source.root(), source.name(), used, root)));
      }
    }
    return faults;
  }

  private static List<String> misplaced(Source source, Set<String> product) {
    boolean mirrors = product.contains(source.location());
    return switch (source.root()) {
      case MIRROR ->
          mirrors || owns(source) || source.location().equals(TOP)
              ? List.of()
              : List.of(source.location() + " is no package of the product");
      // What several kinds need of a package of the product, and benchmarks of it.
      case FIXTURES, "jmh" ->
          !mirrors && !owns(source)
              ? List.of(source.location() + " belongs elsewhere")
              : mirrors && source.isTest()
                  ? List.of(source.name() + " tests the product: src/test is for that")
                  : List.of();
      default -> owns(source) ? List.of() : List.of(source.location() + " belongs elsewhere");
    };
  }

  private static boolean owns(Source source) {
    return OWN.getOrDefault(source.root(), Set.of()).stream()
        .map(own -> TOP + "." + own + ".")
        .anyMatch((source.location() + ".")::startsWith);
  }

  /** The classes of roots of other kinds that a file imports, with their roots. */
  private static Map<String, String> used(Source source, Map<String, String> roots)
      throws IOException {
    Map<String, String> used = new TreeMap<>();
    Matcher imports = IMPORT.matcher(Files.readString(source.file()));
    while (imports.find()) {
      // A member, or a class inside a class, is of the class that has a file.
      for (String name = imports.group(1); name.length() > TOP.length(); ) {
        String root = roots.get(name);
        if (root != null) {
          boolean fine =
              List.of(PRODUCT, FIXTURES, source.root()).contains(root)
                  || MAY_USE.getOrDefault(source.root(), Set.of()).contains(root);
          if (!fine) {
            used.put(name, root);
          }
          break;
        }
        name = name.substring(0, name.lastIndexOf('.'));
      }
    }
    return used;
  }

  private static List<Source> sources(Path directory) throws IOException {
    List<Source> sources = new ArrayList<>();
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.filter(one -> one.toString().endsWith(".java")).toList()) {
        Path path = directory.relativize(file);
        String type = path.getFileName().toString().replace(".java", "");
        if (path.getNameCount() > 3 && !type.equals("package-info")) {
          String location = path.subpath(2, path.getNameCount() - 1).toString().replace('/', '.');
          sources.add(new Source(path.getName(0).toString(), location, type, file));
        }
      }
    }
    return sources;
  }
}
