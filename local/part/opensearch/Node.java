import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import org.codelibs.opensearch.runner.OpenSearchRunner;

/** One OpenSearch node in the folder given, with exactly the settings of its config/opensearch.yml. */
public class Node {
    public static void main(String[] args) throws Exception {
        Path settings = Path.of(args[0], "node_1", "config", "opensearch.yml");
        OpenSearchRunner node = new OpenSearchRunner();
        CountDownLatch closed = new CountDownLatch(1);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            try {
                node.close();
            } catch (Exception e) {
                e.printStackTrace();
            } finally {
                closed.countDown();
            }
        }));
        node.setMaxHttpPort(-1); // the runner would refuse ports over 9299
        node.onBuild((number, builder) -> {
            try {
                builder.loadFromPath(settings); // in the file alone, the runner's own port and roles would win
            } catch (Exception e) {
                throw new IllegalStateException("cannot read " + settings, e);
            }
        });
        OpenSearchRunner.Configs configs = OpenSearchRunner.newConfigs()
            .basePath(args[0]).numOfNode(1).useLogger();
        try {
            node.build(args.length > 1 ? configs.pluginTypes(args[1]) : configs);
        } catch (Throwable e) { // the runner leaves threads behind that would keep a dead node up
            for (Throwable cause = e; cause != null; cause = cause.getCause()) {
                System.err.println(cause);
            }
            System.exit(1);
        }
        closed.await();
    }
}
