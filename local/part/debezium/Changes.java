import io.debezium.engine.ChangeEvent;
import io.debezium.engine.DebeziumEngine;
import io.debezium.engine.format.Json;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Properties;

/** Runs a connector and writes each change as a line: {"topic", "key", "value"}. */
public class Changes {
  public static void main(String[] args) throws Exception {
    Properties settings = new Properties();
    try (var reader = Files.newBufferedReader(Path.of(args[0]))) {
      settings.load(reader);
    }
    BufferedWriter out = Files.newBufferedWriter(Path.of(args[1]));
    Path started = Path.of(args[2]);
    DebeziumEngine<ChangeEvent<String, String>> engine = DebeziumEngine.create(Json.class)
        .using(settings)
        .notifying((batch, committer) -> {
          write(out, batch);
          for (var event : batch) {
            committer.markProcessed(event);
          }
          committer.markBatchFinished();
        })
        .using(new DebeziumEngine.ConnectorCallback() {
          @Override
          public void taskStarted() {
            try {
              Files.createFile(started);
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
          }
        })
        .using((ok, message, error) -> {
          System.err.println(message);
          System.exit(ok ? 0 : 1);
        })
        .build();
    engine.run();
  }

  private static void write(BufferedWriter out, List<ChangeEvent<String, String>> batch) {
    try {
      for (var event : batch) {
        out.write("{\"topic\":\"" + event.destination() + "\",\"key\":" + event.key() + ",\"value\":" + event.value() + "}\n");
      }
      out.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
