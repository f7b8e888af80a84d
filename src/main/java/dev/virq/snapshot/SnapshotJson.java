package dev.virq.snapshot;

import dev.virq.errno.NearestName;
import java.lang.reflect.AnnotatedParameterizedType;
import java.lang.reflect.AnnotatedType;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.math.BigInteger;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Snapshots as values of JSON: objects are maps, arrays are lists. A record is an object with a
 * member for each component, left out when it is null. Numbers of 64 bits without sign are decimal
 * strings; numbers are taken, too.
 *
 * <p>Reading is strict: a member that is unknown, missing or of another type is refused by its
 * path, and so is a document that no sandbox can have been.
 */
public final class SnapshotJson {
  private static final Pattern DECIMAL = Pattern.compile("[0-9]{1,20}");

  private SnapshotJson() {}

  /** As a value of JSON. */
  @SuppressWarnings("unchecked") // a record is written as an object
  public static Map<String, Object> write(Snapshot snapshot) {
    return (Map<String, Object>) written(snapshot);
  }

  /**
   * From a value of JSON.
   *
   * @throws SnapshotFault the first fault, by its path in the document
   */
  public static Snapshot read(Map<String, Object> json) {
    // First: what another version has is not unknown, but of another version.
    Object schema = json.get("schema");
    if (schema == null) {
      throw new SnapshotFault("/schema", "is missing");
    }
    checkSchema(schema);
    Snapshot snapshot = (Snapshot) record("", json, Snapshot.class);
    SnapshotCheck.check(snapshot);
    return snapshot;
  }

  private static void checkSchema(Object json) {
    ((Schema) record("/schema", json, Schema.class)).check("/schema");
  }

  /**
   * A document that is read piece by piece, in its order, so that little of it is there as JSON at
   * a time. One thread.
   */
  public static final class Pieces {
    private final Map<String, Object> members = new LinkedHashMap<>();

    /** A member that is no list. */
    public void add(String member, @Nullable Object json) {
      if (member.equals("schema") && json != null) {
        checkSchema(json);
      }
      members.put(member, json);
    }

    /** The elements of a list, which is empty so far. */
    public Elements list(String member) {
      List<@Nullable Object> all = new ArrayList<>();
      members.put(member, all);
      return json -> all.add(element(member, all.size(), json));
    }

    /**
     * The snapshot.
     *
     * @throws SnapshotFault as {@link SnapshotJson#read(Map)}; so do the others
     */
    public Snapshot end() {
      return read(members);
    }
  }

  /** A list that is read element by element. */
  @FunctionalInterface
  public interface Elements {
    /** The next one. */
    void add(@Nullable Object json);
  }

  /** An element of a list of a snapshot; what cannot be one is left to whoever reads the whole. */
  private static @Nullable Object element(String member, int index, @Nullable Object json) {
    for (RecordComponent component : Snapshot.class.getRecordComponents()) {
      if (json != null
          && component.getName().equals(member)
          && component.getAnnotatedType() instanceof AnnotatedParameterizedType list) {
        return read("/" + member + "/" + index, json, list.getAnnotatedActualTypeArguments()[0]);
      }
    }
    return json;
  }

  // ---- writing

  private static Object written(Object value) {
    return switch (value) {
      case Record one -> members(one);
      case List<?> all -> new Written(all);
      case Enum<?> word -> word.name();
      case BigInteger unsigned -> unsigned.toString();
      default -> value;
    };
  }

  private static Map<String, Object> members(Record one) {
    Map<String, Object> members = new LinkedHashMap<>();
    for (RecordComponent component : one.getClass().getRecordComponents()) {
      Object value = value(one, component);
      if (value != null) {
        members.put(component.getName(), written(value));
      }
    }
    return members;
  }

  private static @Nullable Object value(Record one, RecordComponent component) {
    try {
      return component.getAccessor().invoke(one);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("no component " + component, e);
    }
  }

  /** A list that is written element by element, as it is looked at: documents are long. */
  private static final class Written extends AbstractList<Object> {
    private final List<?> all;

    Written(List<?> all) {
      this.all = all;
    }

    @Override
    public Object get(int index) {
      return written(all.get(index));
    }

    @Override
    public int size() {
      return all.size();
    }
  }

  // ---- reading

  private static Object record(String pointer, Object json, Class<?> type) {
    if (!(json instanceof Map<?, ?> members)) {
      throw wrong(pointer, json, "an object");
    }
    RecordComponent[] components = type.getRecordComponents();
    List<String> known = Arrays.stream(components).map(RecordComponent::getName).toList();
    for (Object member : members.keySet()) {
      if (!known.contains(String.valueOf(member))) {
        String name = String.valueOf(member);
        throw new SnapshotFault(
            pointer + "/" + escaped(name),
            "member \"%s\" is unknown; known members are %s%s"
                .formatted(SnapshotFault.shown(name), known, NearestName.hint(name, known)));
      }
    }
    @Nullable Object[] values = new Object[components.length];
    Class<?>[] types = new Class<?>[components.length];
    for (int i = 0; i < components.length; i++) {
      RecordComponent component = components[i];
      String place = pointer + "/" + component.getName();
      Object given = members.get(component.getName());
      types[i] = component.getType();
      if (given == null) {
        if (members.containsKey(component.getName())) {
          throw new SnapshotFault(place, "null is not allowed; leave the member out");
        }
        if (!optional(component)) {
          throw new SnapshotFault(place, "is missing");
        }
      } else {
        values[i] = read(place, given, component.getAnnotatedType());
      }
    }
    return made(type, types, values);
  }

  private static boolean optional(RecordComponent component) {
    return component.getAnnotatedType().isAnnotationPresent(Nullable.class);
  }

  private static Object made(Class<?> type, Class<?>[] types, @Nullable Object[] values) {
    try {
      Constructor<?> canonical = type.getDeclaredConstructor(types);
      return canonical.newInstance(values);
    } catch (InvocationTargetException | NoSuchMethodException e) {
      throw new IllegalStateException("no " + type, e);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("no " + type, e);
    }
  }

  private static Object read(String pointer, Object json, AnnotatedType as) {
    if (as instanceof AnnotatedParameterizedType list) {
      if (!(json instanceof List<?> all)) {
        throw wrong(pointer, json, "an array");
      }
      AnnotatedType element = list.getAnnotatedActualTypeArguments()[0];
      List<Object> read = new ArrayList<>(all.size());
      for (Object one : all) {
        String place = pointer + "/" + read.size();
        if (one == null) {
          throw new SnapshotFault(place, "null is not allowed");
        }
        read.add(read(place, one, element));
      }
      return read;
    }
    return single(pointer, json, as.getType());
  }

  private static Object single(String pointer, Object json, Type as) {
    if (!(as instanceof Class<?> type)) {
      throw new IllegalStateException("a component of type " + as);
    }
    if (type.isRecord()) {
      // One that was read as a piece is what it is.
      return type.isInstance(json) ? json : record(pointer, json, type);
    }
    if (type.isEnum()) {
      return word(pointer, json, type);
    }
    if (type == BigInteger.class) {
      return unsigned(pointer, json);
    }
    if (type == boolean.class && json instanceof Boolean flag) {
      return flag;
    }
    if (type == String.class && json instanceof String text) {
      return text;
    }
    if ((type == int.class || type == Integer.class) && json instanceof Integer number) {
      return number;
    }
    if ((type == long.class || type == Long.class)
        && (json instanceof Integer || json instanceof Long)) {
      return ((Number) json).longValue();
    }
    throw wrong(pointer, json, expected(type));
  }

  private static String expected(Class<?> type) {
    if (type == boolean.class) {
      return "true or false";
    }
    if (type == String.class) {
      return "a string";
    }
    return type == int.class || type == Integer.class
        ? "an integer of 32 bits"
        : "an integer of 64 bits";
  }

  private static Object word(String pointer, Object json, Class<?> type) {
    List<String> words = new ArrayList<>();
    for (Object constant : type.getEnumConstants()) {
      String word = ((Enum<?>) constant).name();
      if (word.equals(json)) {
        return constant;
      }
      words.add(word);
    }
    throw wrong(pointer, json, "one of " + words);
  }

  private static BigInteger unsigned(String pointer, Object json) {
    if (json instanceof String text && DECIMAL.matcher(text).matches()) {
      return new BigInteger(text);
    }
    return switch (json) {
      case Integer number -> BigInteger.valueOf(number);
      case Long number -> BigInteger.valueOf(number);
      case BigInteger number -> number;
      default ->
          throw wrong(pointer, json, "a number or decimal string in 0..18446744073709551615");
    };
  }

  private static SnapshotFault wrong(String pointer, Object json, String expected) {
    String found =
        switch (json) {
          case Map<?, ?> _ -> "an object";
          case List<?> _ -> "an array";
          case String text -> "\"" + SnapshotFault.shown(text) + "\"";
          default -> SnapshotFault.shown(String.valueOf(json));
        };
    return new SnapshotFault(pointer, found + " is not " + expected);
  }

  private static String escaped(String member) {
    return SnapshotFault.shown(member.replace("~", "~0").replace("/", "~1"));
  }
}
