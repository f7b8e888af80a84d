package dev.virq.api.openapi;

import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.models.media.IntegerSchema;
import org.jspecify.annotations.Nullable;

/** The range of a number in a body, as the document has it: what a refusal says is what it says. */
public final class MemberRange {
  private MemberRange() {}

  /**
   * Such as {@code 0..4294967295}.
   *
   * @param body the record that the member is of, or null where that is not known
   * @param member its name
   * @param type Integer or Long
   */
  public static String of(@Nullable Class<?> body, String member, Class<?> type) {
    IntegerSchema number = new IntegerSchema();
    number.setFormat(type == Integer.class ? "int32" : "int64");
    MemberBounds.bound(body == null ? "" : name(body), member, number);
    return number.getMinimum() + ".." + number.getMaximum();
  }

  private static String name(Class<?> body) {
    Schema named = body.getAnnotation(Schema.class);
    return named == null || named.name().isEmpty() ? body.getSimpleName() : named.name();
  }
}
