package dev.virq.api.http;

import org.jspecify.annotations.Nullable;
import org.springframework.core.MethodParameter;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.converter.HttpMessageConverter;
import org.springframework.http.server.ServerHttpRequest;
import org.springframework.http.server.ServerHttpResponse;
import org.springframework.http.server.ServletServerHttpResponse;
import org.springframework.web.bind.annotation.ControllerAdvice;
import org.springframework.web.servlet.mvc.method.annotation.ResponseBodyAdvice;

/** Says in each answer 201 where to find what was made: the header Location. */
@ControllerAdvice
final class LocationAdvice implements ResponseBodyAdvice<Object> {

  @Override
  public boolean supports(
      MethodParameter returned, Class<? extends HttpMessageConverter<?>> converter) {
    return true;
  }

  @Override
  public @Nullable Object beforeBodyWrite(
      @Nullable Object body,
      MethodParameter returned,
      MediaType type,
      Class<? extends HttpMessageConverter<?>> converter,
      ServerHttpRequest request,
      ServerHttpResponse response) {
    if (response instanceof ServletServerHttpResponse answer
        && answer.getServletResponse().getStatus() == HttpStatus.CREATED.value()) {
      String path = request.getURI().getRawPath();
      if (HttpMethod.PUT.equals(request.getMethod())) {
        // What is put is where it was put.
        answer.getHeaders().set(HttpHeaders.LOCATION, path);
      } else if (body instanceof Located made) {
        answer.getHeaders().set(HttpHeaders.LOCATION, made.madeBy(path));
      } else {
        throw new IllegalStateException("201 without a place: " + returned);
      }
    }
    return body;
  }
}
