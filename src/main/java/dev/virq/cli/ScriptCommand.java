package dev.virq.cli;

import dev.virq.errno.ErrnoException;
import dev.virq.host.Host;
import dev.virq.limits.Limits;
import dev.virq.limits.MemoryLimits;
import dev.virq.sandbox.SandboxFactory;
import dev.virq.sandbox.Sandboxes;
import dev.virq.script.Operation;
import dev.virq.script.Result;
import dev.virq.script.Script;
import dev.virq.script.ScriptRunner;
import dev.virq.trace.Probe;
import dev.virq.workqueue.Workers;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.CharacterCodingException;
import java.nio.file.NoSuchFileException;
import java.util.List;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.core.io.ClassPathResource;
import org.springframework.util.unit.DataSize;
import tools.jackson.databind.json.JsonMapper;

/** Runs one script on a host of its own, and writes each result as soon as it is there. */
final class ScriptCommand {
  private static final int WORKERS = 4;
  private static final String DEFAULTS = "application.yaml";

  private final InputStream in;
  private final PrintStream out;
  private final PrintStream err;

  ScriptCommand(InputStream in, PrintStream out, PrintStream err) {
    this.in = in;
    this.out = out;
    this.err = err;
  }

  /** Runs the script in that file; the exit code. */
  int run(String file) {
    String name = file.equals("-") ? "standard input" : file;
    try {
      Binder settings = defaults();
      Limits limits = settings.bind("virq.limits", Limits.class).get();
      Script script = Script.parse(TextFile.read(in, file), limits.scriptLines());
      return run(name, script, host(settings, limits), limits.maxWait().toNanos());
    } catch (ErrnoException e) {
      return refused(CommandLine.MISUSED, name, e.sentence());
    } catch (CharacterCodingException e) {
      return refused(CommandLine.MISUSED, name, "is not UTF-8");
    } catch (NoSuchFileException e) {
      return refused(CommandLine.MISUSED, name, "there is no such file");
    } catch (IOException e) {
      return refused(CommandLine.MISUSED, name, String.valueOf(e.getMessage()));
    }
  }

  private int run(String name, Script script, Host host, long timeoutNanos) {
    JsonMapper json = JsonMapper.shared();
    try (ScriptRunner runner = new ScriptRunner(host, timeoutNanos)) {
      for (Operation operation : script.operations()) {
        // One at a time, so that what ran before a stop has been told.
        for (Result result : runner.run(new Script(List.of(operation)))) {
          out.print(json.writeValueAsString(result.members()) + "\n");
        }
      }
      return CommandLine.OK;
    } catch (ErrnoException e) {
      return refused(CommandLine.STOPPED, name, e.errno() + ", " + e.sentence());
    } finally {
      out.flush();
    }
  }

  private int refused(int code, String name, String why) {
    err.println("virq: " + name + ": " + why);
    return code;
  }

  /** The settings of a server that is given none: a script meets the same limits here as there. */
  private static Binder defaults() throws IOException {
    return new Binder(
        ConfigurationPropertySources.from(
            new YamlPropertySourceLoader().load(DEFAULTS, new ClassPathResource(DEFAULTS))));
  }

  /** That of the default sandbox of a server in this process. */
  private static Host host(Binder settings, Limits limits) {
    MemoryLimits memory =
        MemoryLimits.shares(
            Runtime.getRuntime().maxMemory(),
            settings.bind("virq.memory.instance-share", Integer.class).get(),
            settings.bind("virq.memory.sandbox-share", Integer.class).get(),
            settings.bind("virq.memory.guaranteed", DataSize.class).get().toBytes());
    SandboxFactory factory =
        new SandboxFactory(
            limits,
            memory,
            Workers.virtual(),
            Probe.NONE,
            System::nanoTime,
            System::currentTimeMillis);
    return new Sandboxes(factory, WORKERS, true).find(Sandboxes.DEFAULT).host();
  }
}
