package dev.virq.handover;

import com.fasterxml.jackson.annotation.Nulls;
import dev.virq.snapshot.Snapshot;
import dev.virq.snapshot.SnapshotJson;
import java.io.InputStream;
import java.io.OutputStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.StreamWriteFeature;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.ValueDeserializer;
import tools.jackson.databind.ValueSerializer;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.module.SimpleModule;

/**
 * Reads and writes sandboxes that were left. A file may be as long as the heap allows, so neither
 * has more of it than a VM in memory as JSON.
 */
final class LeftSandboxJson {
  private final JsonMapper json =
      JsonMapper.builder()
          .addModule(
              new SimpleModule()
                  .addSerializer(Snapshot.class, new Writer())
                  .addDeserializer(Snapshot.class, new Reader()))
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .changeDefaultNullHandling(nulls -> nulls.withContentNulls(Nulls.FAIL))
          // What is wrong with a snapshot, or with the stream, is said by whoever found it.
          .disable(DeserializationFeature.WRAP_EXCEPTIONS)
          .disable(SerializationFeature.WRAP_EXCEPTIONS)
          .disable(StreamWriteFeature.AUTO_CLOSE_TARGET)
          .build();

  LeftSandbox read(InputStream in) {
    return json.readValue(in, LeftSandbox.class);
  }

  void write(OutputStream out, LeftSandbox sandbox) {
    json.writeValue(out, sandbox);
  }

  private static final class Writer extends ValueSerializer<Snapshot> {
    @Override
    public void serialize(Snapshot snapshot, JsonGenerator out, SerializationContext context) {
      context.writeValue(out, SnapshotJson.write(snapshot));
    }
  }

  private static final class Reader extends ValueDeserializer<Snapshot> {
    @Override
    public Snapshot deserialize(JsonParser in, DeserializationContext context) {
      if (!in.isExpectedStartObjectToken()) {
        throw new IllegalArgumentException("snapshot is not an object");
      }
      SnapshotJson.Pieces pieces = new SnapshotJson.Pieces();
      for (String name = in.nextName(); name != null; name = in.nextName()) {
        if (in.nextToken() == JsonToken.START_ARRAY) {
          SnapshotJson.Elements elements = pieces.list(name);
          while (in.nextToken() != JsonToken.END_ARRAY) {
            elements.add(value(in, context));
          }
        } else {
          pieces.add(name, value(in, context));
        }
      }
      return pieces.end();
    }

    private static @Nullable Object value(JsonParser in, DeserializationContext context) {
      return in.hasToken(JsonToken.VALUE_NULL) ? null : context.readValue(in, Object.class);
    }
  }
}
