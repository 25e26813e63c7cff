import static org.codelibs.opensearch.runner.OpenSearchRunner.newConfigs;

import org.codelibs.opensearch.runner.OpenSearchRunner;

/** One node of OpenSearch on this machine, until its input ends: HTTP_PORT TRANSPORT_PORT FOLDER [SETTING=VALUE...]. */
public final class OpenSearchNode {
  private static final int FIRST_SETTING = 3;

  private OpenSearchNode() {}

  public static void main(String[] arguments) throws Exception {
    OpenSearchRunner runner = new OpenSearchRunner();
    runner
        .onBuild(
            (number, settings) -> {
              settings.put("http.port", arguments[0]);
              settings.put("transport.port", arguments[1]);
              settings.put("network.host", "127.0.0.1");
              for (int i = FIRST_SETTING; i < arguments.length; i++) {
                String[] setting = arguments[i].split("=", 2);
                settings.put(setting[0], setting[1]);
              }
            })
        .build(newConfigs().basePath(arguments[2]).numOfNode(1).clusterName("tailrace").disableESLogger());
    while (System.in.read() >= 0) {
      // The test run holds the other end, and sends nothing.
    }
    runner.close();
    System.exit(0);
  }
}
