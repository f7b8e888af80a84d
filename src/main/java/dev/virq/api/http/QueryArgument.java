package dev.virq.api.http;

import io.swagger.v3.oas.annotations.Parameter;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springdoc.core.annotations.ParameterObject;
import org.springframework.beans.BeanUtils;
import org.springframework.core.MethodParameter;
import org.springframework.stereotype.Component;
import org.springframework.web.bind.support.WebDataBinderFactory;
import org.springframework.web.context.request.NativeWebRequest;
import org.springframework.web.method.support.HandlerMethodArgumentResolver;
import org.springframework.web.method.support.ModelAndViewContainer;

/**
 * Hands a handler query parameters that belong together, as a record. Each component is one of
 * them: the text as it was sent, or null when it was left out. Such a record is annotated with
 * {@link ParameterObject}, which describes it in the document.
 */
@Component
public final class QueryArgument implements HandlerMethodArgumentResolver {

  /** The query parameters that a handler's parameter takes; none when it is not such a record. */
  public static List<String> names(MethodParameter parameter) {
    Class<?> type = parameter.getParameterType();
    return type.isRecord() && type.isAnnotationPresent(ParameterObject.class)
        ? Arrays.stream(type.getRecordComponents()).map(QueryArgument::name).toList()
        : List.of();
  }

  /** The component's own, unless an annotation names what no component may be called. */
  private static String name(RecordComponent component) {
    Parameter named = component.getAccessor().getAnnotation(Parameter.class);
    return named == null || named.name().isEmpty() ? component.getName() : named.name();
  }

  @Override
  public boolean supportsParameter(MethodParameter parameter) {
    return !names(parameter).isEmpty();
  }

  @Override
  public Object resolveArgument(
      MethodParameter parameter,
      @Nullable ModelAndViewContainer model,
      NativeWebRequest request,
      @Nullable WebDataBinderFactory binders) {
    @Nullable Object[] values = names(parameter).stream().map(request::getParameter).toArray();
    return BeanUtils.instantiateClass(
        BeanUtils.getResolvableConstructor(parameter.getParameterType()), values);
  }
}
