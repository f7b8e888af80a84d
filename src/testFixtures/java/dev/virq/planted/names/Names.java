package dev.virq.planted.names;

/** Names that do not say what a thing is. */
public final class Names {
  private Names() {}

  static final class SignalManager {
    private SignalManager() {}
  }

  static final class SignalHelper {
    private SignalHelper() {}
  }

  static final class SignalUtil {
    private SignalUtil() {}
  }

  static final class SignalUtils {
    private SignalUtils() {}
  }

  static final class SignalImpl {
    private SignalImpl() {}
  }
}
