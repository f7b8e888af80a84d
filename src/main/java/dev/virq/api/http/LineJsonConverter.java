package dev.virq.api.http;

import org.springframework.http.converter.json.JacksonJsonHttpMessageConverter;
import tools.jackson.core.JsonGenerator;
import tools.jackson.databind.json.JsonMapper;

/** JSON that ends with its line: else a shell's prompt stands right behind it. */
final class LineJsonConverter extends JacksonJsonHttpMessageConverter {

  LineJsonConverter(JsonMapper mapper) {
    super(mapper);
  }

  @Override
  protected void writeSuffix(JsonGenerator generator, Object object) {
    generator.writeRaw('\n');
  }
}
