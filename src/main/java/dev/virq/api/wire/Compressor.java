package dev.virq.api.wire;

import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.zip.GZIPOutputStream;
import org.apache.coyote.http11.OutputFilter;
import org.apache.coyote.http11.filters.GzipOutputFilter;

/**
 * Ends what compresses the answers of one connection. Tomcat ends it with the last byte of an
 * answer; when the client has gone before, Tomcat only forgets it, and its 268 kB outside of the
 * heap stay until a collection that nothing calls for.
 *
 * <p>Used by the request's thread.
 */
final class Compressor {
  /** Protected there. */
  private static final VarHandle STREAM = stream();

  private final OutputFilter[] filters;

  Compressor(OutputFilter[] filters) {
    this.filters = filters;
  }

  private static VarHandle stream() {
    try {
      return MethodHandles.privateLookupIn(GzipOutputFilter.class, MethodHandles.lookup())
          .findVarHandle(GzipOutputFilter.class, "compressionStream", GZIPOutputStream.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /** To be called when nothing more is written of an answer; does nothing if it has ended. */
  void end() {
    for (OutputFilter filter : filters) {
      if (filter instanceof GzipOutputFilter gzip
          && STREAM.get(gzip) instanceof GZIPOutputStream stream) {
        try {
          stream.close();
        } catch (IOException e) {
          // Its last bytes go nowhere; it has ended all the same.
        }
      }
    }
  }
}
