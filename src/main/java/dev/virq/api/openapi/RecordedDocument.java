package dev.virq.api.openapi;

import io.swagger.v3.core.util.Json;
import io.swagger.v3.core.util.Yaml;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.databind.json.JsonMapper;

/**
 * The document as it was committed with the code: a test holds it to what springdoc makes of the
 * code, which takes seconds when a process is young.
 */
final class RecordedDocument {
  /** Of OpenAPI, as springdoc's setting calls it. */
  static final String VERSION = "openapi_3_0";

  private static final String FILE = "openapi.json";

  private RecordedDocument() {}

  /** The document without the white space that half of the file is. */
  static byte[] json() {
    return from(RecordedDocument::compact);
  }

  /** The same in YAML, as springdoc writes it. */
  static byte[] yaml() {
    return from(file -> Yaml.mapper().writeValueAsBytes(Json.mapper().readTree(file)));
  }

  private interface Writing {
    byte[] write(InputStream file) throws IOException;
  }

  private static byte[] from(Writing writing) {
    try (InputStream file = RecordedDocument.class.getResourceAsStream(FILE)) {
      if (file == null) {
        throw new IllegalStateException("no " + FILE);
      }
      return writing.write(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static byte[] compact(InputStream file) {
    ByteArrayOutputStream compact = new ByteArrayOutputStream(1 << 20);
    JsonMapper mapper = JsonMapper.shared();
    try (JsonParser parser = mapper.createParser(file);
        JsonGenerator generator = mapper.createGenerator(compact)) {
      while (parser.nextToken() != null) {
        generator.copyCurrentEvent(parser);
      }
    }
    return compact.toByteArray();
  }
}
