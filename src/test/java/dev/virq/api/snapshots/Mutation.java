package dev.virq.api.snapshots;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Makes one change to a document somewhere. */
final class Mutation {
  private static final List<Object> ODD =
      List.of(
          -1,
          0,
          1,
          2,
          3,
          7,
          255,
          256,
          4_095,
          4_096,
          65_536,
          Integer.MAX_VALUE,
          Integer.MIN_VALUE,
          0xffff_ffffL,
          0x1_0000_0000L,
          Long.MAX_VALUE,
          Long.MIN_VALUE,
          BigInteger.TWO.pow(64),
          1.5,
          true,
          false,
          "",
          "0",
          "18446744073709551615",
          "18446744073709551616",
          "-1",
          "KERNEL",
          "SPLIT",
          "PARKED",
          "HALTED",
          "SIPI_RECEIVED",
          "VIRTUAL",
          "\n",
          List.of(),
          List.of(0),
          Map.of(),
          Map.of("number", 1));

  /** What a number of most registers, and of most times, can be. */
  private static final List<Integer> LIKELY = List.of(0, 1, 2, 3, 1_000, 1_000_000);

  private final Random random;

  Mutation(Random random) {
    this.random = random;
  }

  /** A copy that can be changed. */
  static @Nullable Object copy(@Nullable Object json) {
    return switch (json) {
      case Map<?, ?> object -> {
        Map<Object, Object> copy = new LinkedHashMap<>();
        object.forEach((name, value) -> copy.put(name, copy(value)));
        yield copy;
      }
      case List<?> array -> {
        List<Object> copy = new ArrayList<>();
        array.forEach(one -> copy.add(copy(one)));
        yield copy;
      }
      case null -> null;
      default -> json;
    };
  }

  /** Changes the document; says what it did. */
  String mutate(Map<String, Object> document) {
    List<List<Object>> kinds = kinds(document);
    while (true) {
      // Each kind as often as any other: there are many pins and vectors, and few timers.
      List<Object> kind = kinds.get(random.nextInt(kinds.size()));
      Object container = kind.get(random.nextInt(kind.size()));
      String done =
          container instanceof Map<?, ?> object ? change(cast(object)) : change(array(container));
      if (!done.isEmpty()) {
        return done;
      }
    }
  }

  /** Objects with the same members are of one kind, and so are all arrays. */
  private static List<List<Object>> kinds(Map<String, Object> document) {
    List<Object> all = new ArrayList<>();
    containers(document, all);
    Map<Object, List<Object>> kinds = new LinkedHashMap<>();
    for (Object one : all) {
      Object kind = one instanceof Map<?, ?> object ? Set.copyOf(object.keySet()) : "array";
      kinds.computeIfAbsent(kind, _ -> new ArrayList<>()).add(one);
    }
    return List.copyOf(kinds.values());
  }

  private static void containers(Object json, List<Object> all) {
    if (json instanceof Map<?, ?> object) {
      all.add(object);
      object.values().forEach(value -> containers(value, all));
    } else if (json instanceof List<?> array) {
      all.add(array);
      array.forEach(value -> containers(value, all));
    }
  }

  private String change(Map<String, Object> object) {
    if (object.isEmpty()) {
      object.put("number", 1);
      return "added number";
    }
    List<String> names = List.copyOf(object.keySet());
    String one = names.get(random.nextInt(names.size()));
    String other = names.get(random.nextInt(names.size()));
    return switch (random.nextInt(13)) {
      case 0 -> {
        object.remove(one);
        yield "dropped " + one;
      }
      case 1 -> {
        object.put(one, null);
        yield "null " + one;
      }
      case 2 -> {
        object.put(one + "s", object.get(one));
        yield "added " + one + "s";
      }
      case 3 -> {
        Object value = object.get(one);
        object.put(one, object.get(other));
        object.put(other, value);
        yield "swapped " + one + " and " + other;
      }
      case 4, 5 -> {
        Object near = near(object.get(one));
        object.put(one, near);
        yield one + " to " + near;
      }
      case 6 -> {
        Object edge = edge(object.get(one));
        object.put(one, edge);
        yield one + " to " + edge;
      }
      case 7, 8, 9, 10 -> several(object, names);
      default -> {
        Object odd = copy(ODD.get(random.nextInt(ODD.size())));
        object.put(one, odd);
        yield one + " to " + odd;
      }
    };
  }

  /** Members that hang together, each to something that it alone could be. */
  private String several(Map<String, Object> object, List<String> names) {
    StringBuilder done = new StringBuilder();
    for (String name : names) {
      if (random.nextBoolean()) {
        Object likely = likely(object.get(name));
        object.put(name, likely);
        done.append(name).append(" to ").append(likely).append(' ');
      }
    }
    return done.toString();
  }

  private @Nullable Object likely(@Nullable Object value) {
    return switch (value) {
      case Integer _ -> LIKELY.get(random.nextInt(LIKELY.size()));
      case Long _ -> LIKELY.get(random.nextInt(LIKELY.size()));
      case Boolean _ -> random.nextBoolean();
      case String text when text.matches("[0-9]+") ->
          String.valueOf(LIKELY.get(random.nextInt(LIKELY.size())));
      case null, default -> value;
    };
  }

  private String change(List<Object> array) {
    if (array.isEmpty()) {
      Object odd = copy(ODD.get(random.nextInt(ODD.size())));
      array.add(odd);
      return "added element " + odd;
    }
    int one = random.nextInt(array.size());
    int other = random.nextInt(array.size());
    return switch (random.nextInt(8)) {
      case 0 -> {
        array.remove(one);
        yield "dropped element " + one;
      }
      case 1 -> {
        array.add(copy(array.get(one)));
        yield "repeated element " + one;
      }
      case 2 -> {
        Collections.swap(array, one, other);
        yield "swapped elements " + one + " and " + other;
      }
      case 3 -> {
        array.set(one, null);
        yield "null element " + one;
      }
      case 4, 5, 6 -> {
        Object near = near(array.get(one));
        array.set(one, near);
        yield "element " + one + " to " + near;
      }
      default -> {
        Object odd = copy(ODD.get(random.nextInt(ODD.size())));
        array.set(one, odd);
        yield "element " + one + " to " + odd;
      }
    };
  }

  /** A value of the same type, not far away. */
  private Object near(Object value) {
    int step = random.nextBoolean() ? 1 : -1;
    return switch (value) {
      case Integer number -> number + step;
      case Long number -> number + step;
      case Boolean flag -> !flag;
      case String text when text.matches("[0-9]+") ->
          new BigInteger(text).flipBit(random.nextInt(64)).toString();
      case String text -> text + "x";
      case null, default -> 1;
    };
  }

  /** A number at the end of what so many bits hold, where sums of two may hold more. */
  private Object edge(Object value) {
    long edge = (-1L >>> (1 + random.nextInt(Long.SIZE - 1))) + random.nextInt(3) - 1;
    return switch (value) {
      case Integer _, Long _ -> edge;
      case String text when text.matches("[0-9]+") -> Long.toUnsignedString(edge);
      case null, default -> near(value);
    };
  }

  @SuppressWarnings("unchecked") // an object
  private static Map<String, Object> cast(Object object) {
    return (Map<String, Object>) object;
  }

  @SuppressWarnings("unchecked") // an array
  private static List<Object> array(Object array) {
    return (List<Object>) array;
  }
}
