package dev.virq;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Which source files know each other in a circle, directly or through others: a knot, of which no
 * part can be understood, tested or moved alone.
 */
final class FileCycles {
  /** What each file refers to; files are named by their class, without the root package. */
  private final Map<String, Set<String>> references = new TreeMap<>();

  private FileCycles() {}

  /** The knots of the files below a package, each with its files in order. */
  static List<Set<String>> knots(JavaClasses classes, String root) {
    FileCycles files = new FileCycles();
    for (JavaClass one : classes) {
      if (isBelow(one, root)) {
        Set<String> known = files.references.computeIfAbsent(file(one, root), f -> new TreeSet<>());
        for (Dependency dependency : one.getDirectDependenciesFromSelf()) {
          JavaClass target = dependency.getTargetClass().getBaseComponentType();
          if (isBelow(target, root)) {
            known.add(file(target, root));
          }
        }
      }
    }
    return files.references.keySet().stream()
        .map(files::knotOf)
        .filter(knot -> knot.size() > 1)
        .distinct()
        .toList();
  }

  private static boolean isBelow(JavaClass one, String root) {
    return one.getName().startsWith(root + ".");
  }

  private static String file(JavaClass one, String root) {
    String name = one.getName();
    int nested = name.indexOf('$');
    return name.substring(root.length() + 1, nested < 0 ? name.length() : nested);
  }

  /** The files that it reaches and that reach it, itself included. */
  private Set<String> knotOf(String file) {
    Set<String> knot = new TreeSet<>();
    for (String other : reachedFrom(file)) {
      if (other.equals(file) || reachedFrom(other).contains(file)) {
        knot.add(other);
      }
    }
    knot.add(file);
    return knot;
  }

  private Set<String> reachedFrom(String file) {
    Set<String> reached = new TreeSet<>();
    Deque<String> open = new ArrayDeque<>(List.of(file));
    while (!open.isEmpty()) {
      for (String next : references.getOrDefault(open.pop(), Set.of())) {
        if (!next.equals(file) && reached.add(next)) {
          open.push(next);
        } else if (next.equals(file)) {
          reached.add(next);
        }
      }
    }
    return reached;
  }
}
