package dev.virq.limits;

import dev.virq.errno.NearestName;
import java.lang.reflect.RecordComponent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The limits that a sandbox was made with below those of its instance: a rig that is to find out
 * what happens at a limit need not make a million objects.
 *
 * @param lowered by the name that GET /v1 has for each, but that lengths of time, in nanoseconds,
 *     are named without saying so: {@code wait}, {@code hold}, {@code ttl}
 */
public record SandboxLimits(Map<String, Long> lowered) {
  /** The instance's. */
  public static final SandboxLimits NONE = new SandboxLimits(Map.of());

  /** The one that is not among {@link Limits}. */
  private static final String MEMORY = "memoryBytes";

  /** Those that hold for the instance. */
  private static final Set<String> OF_THE_INSTANCE =
      Set.of("sandboxes", "waitersTotal", "objectsTotal");

  private static final Map<String, RecordComponent> COMPONENTS = components();

  /** Copies them. */
  public SandboxLimits {
    lowered = Collections.unmodifiableMap(new TreeMap<>(lowered));
  }

  private static Map<String, RecordComponent> components() {
    Map<String, RecordComponent> components = new LinkedHashMap<>();
    for (RecordComponent component : Limits.class.getRecordComponents()) {
      if (!OF_THE_INSTANCE.contains(component.getName())) {
        components.put(name(component), component);
      }
    }
    return components;
  }

  /** The component's own, but that every one is a maximum without saying so. */
  public static String name(RecordComponent component) {
    String name = component.getName();
    return name.startsWith("max")
        ? name.substring(3, 4).toLowerCase(Locale.ROOT) + name.substring(4)
        : name;
  }

  /** All that there are. */
  public static List<String> names() {
    List<String> names = new ArrayList<>(COMPONENTS.keySet());
    names.add(MEMORY);
    return names;
  }

  /** Whether it is a length of time. */
  public static boolean isTime(String name) {
    RecordComponent component = COMPONENTS.get(name);
    return component != null && component.getType() == Duration.class;
  }

  /** What is wrong with a value for one of them, as a sentence; null when nothing is. */
  public static @Nullable String fault(
      String name, long value, Limits instance, MemoryLimits memory) {
    RecordComponent component = COMPONENTS.get(name);
    if (component == null && !name.equals(MEMORY)) {
      return "\"%s\" is no limit of a sandbox; those are %s%s"
          .formatted(name, names(), NearestName.hint(name, names()));
    }
    long most = component == null ? memory.memoryBytes() : number(value(instance, component));
    if (value > most) {
      return "%s is above this instance's limit of %s"
          .formatted(shown(name, value), shown(name, most));
    }
    if (component == null) {
      return value < memory.memoryGuaranteedBytes()
          ? value
              + " is below the "
              + memory.memoryGuaranteedBytes()
              + " that a sandbox has in any case"
          : null;
    }
    try {
      var _ = new SandboxLimits(Map.of(name, value)).of(instance);
      return null;
    } catch (IllegalArgumentException e) {
      return e.getMessage();
    }
  }

  private static String shown(String name, long value) {
    return isTime(name) ? Duration.ofNanos(value).toString() : Long.toString(value);
  }

  /**
   * The limits of the sandbox.
   *
   * @throws IllegalArgumentException when one is too low to run with
   */
  public Limits of(Limits instance) {
    if (lowered.isEmpty()) {
      return instance;
    }
    RecordComponent[] all = Limits.class.getRecordComponents();
    Class<?>[] types = new Class<?>[all.length];
    Object[] values = new Object[all.length];
    for (int i = 0; i < all.length; i++) {
      types[i] = all[i].getType();
      Long lower = OF_THE_INSTANCE.contains(all[i].getName()) ? null : lowered.get(name(all[i]));
      values[i] = lower == null ? value(instance, all[i]) : typed(types[i], lower);
    }
    try {
      return Limits.class.getDeclaredConstructor(types).newInstance(values);
    } catch (ReflectiveOperationException e) {
      if (e.getCause() instanceof IllegalArgumentException tooLow) {
        throw tooLow;
      }
      throw new IllegalStateException("limits cannot be made of " + lowered, e);
    }
  }

  /** The bounds in bytes of the sandbox. */
  public MemoryLimits of(MemoryLimits instance) {
    Long lower = lowered.get(MEMORY);
    return lower == null
        ? instance
        : new MemoryLimits(instance.memoryBytesTotal(), lower, instance.memoryGuaranteedBytes());
  }

  /** What they take of the heap. */
  public long bytes() {
    return lowered.isEmpty() ? 0 : Cost.LABEL.of(lowered.size() + 3L);
  }

  private static Object typed(Class<?> type, long value) {
    if (type == Duration.class) {
      return Duration.ofNanos(value);
    }
    // Too high a value was refused before, and too low a one is refused as such.
    return type == int.class ? (Object) (int) Math.max(value, Integer.MIN_VALUE) : (Object) value;
  }

  private static long number(Object value) {
    return value instanceof Duration time ? time.toNanos() : ((Number) value).longValue();
  }

  private static Object value(Limits limits, RecordComponent component) {
    try {
      return component.getAccessor().invoke(limits);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("no limit " + component, e);
    }
  }
}
