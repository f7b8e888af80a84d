package dev.virq.handover;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The directory of one instance. {@code left/NAME.json} is a sandbox that was left, and whole.
 * {@code taken} is what {@code left} was before this start, and {@code killed} the same of the last
 * start that was killed before it was over: nobody reads them again. {@code refused/NAME.json} is
 * one that was not taken. Nobody but their owner can read them.
 *
 * <p>One thread. As long as it is open no other process has it, where the file system has locks.
 */
final class HandoverDirectory implements Closeable {
  private static final Logger LOG = LoggerFactory.getLogger(HandoverDirectory.class);
  private static final String ENDING = ".json";
  private static final String PART = ".part";

  /** What is written to a file. */
  @FunctionalInterface
  interface Content {
    void writeTo(OutputStream out) throws IOException;
  }

  /** A file and how long it is. */
  private record Found(Path path, long bytes) {}

  private final Path path;
  private final Path left;
  private final Path taken;
  private final Path killed;
  private final Path refused;
  private final FileChannel lockFile;

  /** Held by the channel, and kept, for the JDK forgets one that nobody has. */
  @SuppressWarnings("unused")
  private final @Nullable FileLock lock;

  /** Whether what was left is in {@code taken}. */
  private boolean withdrawn;

  private HandoverDirectory(Path path, FileChannel lockFile, @Nullable FileLock lock) {
    this.path = path;
    this.left = path.resolve("left");
    this.taken = path.resolve("taken");
    this.killed = path.resolve("killed");
    this.refused = path.resolve("refused");
    this.lockFile = lockFile;
    this.lock = lock;
  }

  /**
   * Opens a directory, which is made if it is not there.
   *
   * @throws HandoverFailure it cannot be written or read, or another process has it
   */
  static HandoverDirectory open(Path path) {
    FileChannel file;
    try {
      makeDirectories(path);
      file = openForOwner(path.resolve(".lock"), StandardOpenOption.CREATE);
    } catch (FileAlreadyExistsException _) {
      throw new HandoverFailure(path, "is no directory");
    } catch (IOException e) {
      throw new HandoverFailure(path, "cannot be written: " + e);
    }
    HandoverDirectory directory = new HandoverDirectory(path, file, locked(path, file));
    directory.putAsideOfKilled();
    return directory;
  }

  private static @Nullable FileLock locked(Path path, FileChannel file) {
    FileLock lock = null;
    try {
      lock = file.tryLock();
    } catch (OverlappingFileLockException _) {
      // As when another process has it.
    } catch (IOException e) {
      LOG.warn("{} has no locks ({}): see that no other instance uses it", path, e.toString());
      return null;
    }
    if (lock == null) {
      try {
        file.close();
      } catch (IOException e) {
        LOG.warn("{} cannot be closed: {}", path, e.toString());
      }
      throw new HandoverFailure(path, "another process uses it, and each instance needs its own");
    }
    return lock;
  }

  private static void makeDirectories(Path directory) throws IOException {
    Path _ = Files.createDirectories(directory, ownersOnly(directory, "rwx------"));
  }

  private static FileChannel openForOwner(Path file, StandardOpenOption create) throws IOException {
    return FileChannel.open(
        file,
        Set.of(create, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS),
        ownersOnly(file, "rw-------"));
  }

  private static FileAttribute<?>[] ownersOnly(Path file, String permissions) {
    return file.getFileSystem().supportedFileAttributeViews().contains("posix")
        ? new FileAttribute<?>[] {
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions))
        }
        : new FileAttribute<?>[0];
  }

  /** Of a start that was killed: it may have answered calls, so nobody goes on with it. */
  private void putAsideOfKilled() {
    if (!Files.isDirectory(taken)) {
      return;
    }
    LOG.warn("a start was killed before it was over: what it had taken is in {}", killed);
    try {
      delete(killed);
      move(taken, killed);
    } catch (IOException | UncheckedIOException e) {
      throw new HandoverFailure(path, "cannot be written: " + e);
    }
  }

  // ---- the start

  /**
   * The sandboxes that were left, the longest first.
   *
   * @throws HandoverFailure they cannot be listed
   */
  List<Path> left() {
    List<Found> files = new ArrayList<>();
    if (Files.isDirectory(left)) {
      try (Stream<Path> all = Files.list(left)) {
        for (Path file : (Iterable<Path>) all::iterator) {
          if (file.getFileName().toString().endsWith(ENDING)) {
            BasicFileAttributes attributes =
                Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            if (attributes.isRegularFile()) {
              files.add(new Found(file, attributes.size()));
            } else {
              LOG.warn("{} is no file, and is not taken", file);
            }
          }
        }
      } catch (IOException | UncheckedIOException e) {
        throw new HandoverFailure(path, "cannot be read: " + e);
      }
    }
    return files.stream()
        .sorted(Comparator.comparingLong(Found::bytes).reversed())
        .map(Found::path)
        .toList();
  }

  /** The name of the sandbox that a file is of. */
  static String name(Path file) {
    String name = file.getFileName().toString();
    return name.substring(0, name.length() - ENDING.length());
  }

  /**
   * A file, to be read.
   *
   * @throws IllegalArgumentException it is longer
   */
  static InputStream read(Path file, long maxBytes) throws IOException {
    if (Files.size(file) > maxBytes) {
      throw new IllegalArgumentException("it is longer than %,d bytes".formatted(maxBytes));
    }
    return Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS);
  }

  /**
   * From here on nothing was left. All in one step, which a power failure does not undo.
   *
   * @param refusing whether there is something to be refused later
   * @throws HandoverFailure that is not possible
   */
  void withdraw(boolean refusing) {
    if (!Files.isDirectory(left)) {
      return;
    }
    try {
      if (refusing) {
        makeDirectories(refused);
      }
      move(left, taken);
      withdrawn = true;
      force();
    } catch (IOException e) {
      throw new HandoverFailure(path, "cannot be written: " + e);
    }
  }

  /** Has the names of its directories on the disk. */
  private void force() throws IOException {
    try (FileChannel entries = FileChannel.open(path, StandardOpenOption.READ)) {
      entries.force(true);
    }
  }

  /** All that was withdrawn is left again, as it was. */
  void putBack() {
    if (withdrawn) {
      try {
        move(taken, left);
        withdrawn = false;
        force();
      } catch (IOException e) {
        LOG.error("{} cannot be renamed to {}: {}", taken, left, e.toString());
      }
    }
  }

  /** What was withdrawn is put aside, in place of what was refused under its name before. */
  void refuse(String name) {
    Path file = refused.resolve(name + ENDING);
    try {
      move(taken.resolve(name + ENDING), file);
    } catch (IOException e) {
      LOG.warn("{} cannot be written: {}", file, e.toString());
    }
  }

  /** What was withdrawn is deleted. */
  void deleteTaken() {
    withdrawn = false;
    try {
      delete(taken);
    } catch (IOException | UncheckedIOException e) {
      LOG.warn("{} cannot be deleted: {}", taken, e.toString());
    }
  }

  private static void delete(Path directory) throws IOException {
    if (Files.isDirectory(directory)) {
      try (Stream<Path> all = Files.walk(directory)) {
        for (Path file : all.sorted(Comparator.reverseOrder()).toList()) {
          boolean _ = Files.deleteIfExists(file);
        }
      }
    }
  }

  // ---- the end

  /**
   * Writes the file of a sandbox, all of it or none. The disk is not waited for: with thousands of
   * files that takes longer than a shutdown may, and one that a power failure cuts is refused by
   * whoever reads it.
   */
  void write(String name, Content content) throws IOException {
    makeDirectories(left);
    Path part = left.resolve(name + ENDING + PART);
    boolean done = false;
    try {
      boolean _ = Files.deleteIfExists(part);
      try (FileChannel file = openForOwner(part, StandardOpenOption.CREATE_NEW)) {
        content.writeTo(Channels.newOutputStream(file));
      }
      move(part, left.resolve(name + ENDING));
      done = true;
    } finally {
      if (!done) {
        boolean _ = Files.deleteIfExists(part);
      }
    }
  }

  /** Takes back what was written. */
  void delete(String name) throws IOException {
    boolean _ = Files.deleteIfExists(left.resolve(name + ENDING));
  }

  private static void move(Path from, Path to) throws IOException {
    Path _ =
        Files.move(from, to, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
  }

  @Override
  public void close() throws IOException {
    lockFile.close();
  }
}
