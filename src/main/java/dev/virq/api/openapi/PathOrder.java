package dev.virq.api.openapi;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Where the path of an operation stands among those of its tag in the document: in the order in
 * which a reader would call them. One operation of a path is enough; a path without comes last.
 */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
public @interface PathOrder {
  /** Smaller ones come first; in steps of ten, so that a path fits between two others. */
  int value();
}
