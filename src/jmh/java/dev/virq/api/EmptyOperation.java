package dev.virq.api;

import dev.virq.bench.Program;
import org.springframework.web.bind.annotation.RequestMethod;
import org.springframework.web.bind.annotation.ResponseBody;
import org.springframework.web.servlet.mvc.method.RequestMappingInfo;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;

/**
 * An operation that does nothing, called as those of controllers are. It is no component: every
 * program on this class path would have it.
 */
public final class EmptyOperation {
  static final String PATH = "/empty";

  private EmptyOperation() {}

  /** Adds it to a program that runs. */
  static void addTo(Program program) {
    RequestMappingHandlerMapping mapping =
        program.part("requestMappingHandlerMapping", RequestMappingHandlerMapping.class);
    RequestMappingInfo info =
        RequestMappingInfo.paths(PATH)
            .methods(RequestMethod.POST)
            .options(mapping.getBuilderConfiguration())
            .build();
    try {
      mapping.registerMapping(
          info, new EmptyOperation(), EmptyOperation.class.getDeclaredMethod("answer"));
    } catch (NoSuchMethodException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Answers 200, with nothing. */
  @ResponseBody
  public void answer() {}
}
