package dev.virq.mutants;

import com.sun.source.tree.BlockTree;
import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.Tree;
import com.sun.source.tree.VariableTree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.SourcePositions;
import com.sun.source.util.Trees;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import javax.tools.JavaCompiler;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;

/** The source of a class, in which edits find what they change. */
final class SourceFile extends SimpleJavaFileObject {
  private static final List<Path> ROOTS =
      List.of(Path.of("src/main/java"), Path.of("src/testFixtures/java"));
  private static final JavaCompiler JAVAC = ToolProvider.getSystemJavaCompiler();

  private final String text;

  /** A source file with this text. */
  SourceFile(String name, String text) {
    super(URI.create("mem:///" + name), Kind.SOURCE);
    this.text = text;
  }

  /** The sources with the edits applied. */
  static List<SourceFile> edited(List<Edit> edits) {
    Map<String, List<Edit>> byFile =
        edits.stream()
            .collect(
                Collectors.groupingBy(
                    edit -> file(edit.owner()), LinkedHashMap::new, Collectors.toList()));
    return byFile.entrySet().stream()
        .map(file -> read(file.getKey()).apply(file.getValue()))
        .toList();
  }

  /** This source with the edits applied; each finds its statement as it was before the others. */
  SourceFile apply(List<Edit> edits) {
    record Change(Code.Range range, String replacement) {}
    List<Change> changes =
        edits.stream()
            .map(edit -> new Change(find(edit), edit.replacement()))
            .sorted(Comparator.comparingInt(change -> -change.range().start()))
            .toList();
    StringBuilder edited = new StringBuilder(text);
    int next = text.length();
    for (Change change : changes) {
      if (change.range().end() > next) {
        throw new AssertionError("two edits change the same code: " + edits);
      }
      edited.replace(change.range().start(), change.range().end(), change.replacement());
      next = change.range().start();
    }
    return new SourceFile(getName().substring(1), edited.toString());
  }

  @Override
  public String getCharContent(boolean ignoreEncodingErrors) {
    return text;
  }

  private Code.Range find(Edit edit) {
    List<Code.Range> found = Code.of(text, member(edit)).find(Code.of(edit.statement()));
    if (found.size() != 1) {
      throw new AssertionError(
          "%s: expected once, found %d times: %s%nWhere the product has changed, change the edit."
              .formatted(edit, found.size(), edit.statement()));
    }
    return found.getFirst();
  }

  /** Where the declaration of the edit's member stands. */
  private Code.Range member(Edit edit) {
    JavacTask task = (JavacTask) JAVAC.getTask(null, null, null, null, null, List.of(this));
    CompilationUnitTree unit;
    try {
      unit = task.parse().iterator().next();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    ClassTree declared = declaration(unit, edit.owner());
    List<? extends Tree> members =
        declared.getMembers().stream().filter(one -> edit.names(name(one))).toList();
    if (members.size() != 1) {
      throw new AssertionError(
          "%s: %s. Its members: %s"
              .formatted(
                  edit,
                  members.isEmpty()
                      ? "the class declares no such member"
                      : "more than one, so name the types of its parameters",
                  declared.getMembers().stream().map(SourceFile::name).distinct().toList()));
    }
    SourcePositions positions = Trees.instance(task).getSourcePositions();
    Tree member = members.getFirst();
    return new Code.Range(
        (int) positions.getStartPosition(unit, member),
        (int) positions.getEndPosition(unit, member));
  }

  private static ClassTree declaration(CompilationUnitTree unit, Class<?> type) {
    Class<?> around = type.getEnclosingClass();
    List<? extends Tree> candidates =
        around == null ? unit.getTypeDecls() : declaration(unit, around).getMembers();
    return candidates.stream()
        .filter(ClassTree.class::isInstance)
        .map(ClassTree.class::cast)
        .filter(one -> one.getSimpleName().contentEquals(type.getSimpleName()))
        .findFirst()
        .orElseThrow(() -> new AssertionError("the source does not declare " + type));
  }

  /** What an {@link Edit} calls a member of a class. */
  private static String name(Tree member) {
    return switch (member) {
      case MethodTree method ->
          method.getName()
              + method.getParameters().stream()
                  .map(parameter -> String.valueOf(parameter.getType()))
                  .collect(Collectors.joining(", ", "(", ")"));
      case VariableTree field -> "field " + field.getName();
      case BlockTree block -> block.isStatic() ? "<clinit>()" : "{}";
      case ClassTree type -> "class " + type.getSimpleName();
      default -> member.getKind().toString();
    };
  }

  private static String file(Class<?> type) {
    return type.getName().replaceFirst("\\$.*", "").replace('.', '/') + ".java";
  }

  private static SourceFile read(String file) {
    for (Path root : ROOTS) {
      Path path = root.resolve(file);
      if (Files.exists(path)) {
        try {
          return new SourceFile(file, Files.readString(path));
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }
    }
    throw new AssertionError("no source file " + file + " below " + ROOTS);
  }
}
