package part

import (
	"context"
	_ "embed"
	"fmt"
	"os"
	"path/filepath"

	"go.yaml.in/yaml/v3"
)

var (
	//go:embed opensearch/pom-2.19.6.xml
	pom2 string
	//go:embed opensearch/pom-3.8.0.xml
	pom3 string
	//go:embed opensearch/Node.java
	nodeSource string
	//go:embed opensearch/log4j2.properties
	nodeLogging []byte
)

// openSearchLine is what differs between the lines.
type openSearchLine struct {
	pom   string
	java  javaNeed
	flags []string
}

var openSearchLines = map[string]openSearchLine{
	OpenSearch2: {pom: pom2, java: java17},
	OpenSearch3: {
		pom:   pom3,
		java:  javaNeed{21, "install a JDK 25 (adoptium.net)"},
		flags: []string{"--enable-native-access=ALL-UNNAMED", "--add-modules", "jdk.incubator.vector"},
	},
}

// preparation fetches a node into its folder of the cache.
type preparation struct {
	home    Home
	version string
	line    openSearchLine
	maven   maven
	dir     string
}

// node returns the classpath: our main, compiled once for each text of it, and the pom's jars.
func (p preparation) node(ctx context.Context) (string, error) {
	jars, err := p.maven.classpath(ctx, "OpenSearch "+p.version, p.line.pom, p.dir)
	if err != nil {
		return "", err
	}
	main := filepath.Join(p.dir, fmt.Sprintf("node-%d-%s.jar", p.maven.java.major, fingerprint(nodeSource)))
	err = compiled(ctx, p.maven.java, p.dir, "Node.java", nodeSource, jars, main)
	return main + string(os.PathListSeparator) + jars, err
}

// args start the node of a folder, with plugins by class name.
func (p preparation) args(classpath, node string, flags []string, plugins ...string) []string {
	args := []string{p.maven.java.tool("java"), "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"}
	args = append(append(args, flags...), p.line.flags...)
	return append(append(args, "-cp", classpath, "Node", filepath.Dir(node)), plugins...)
}

func nodeSettings(dir string, port int) map[string]any {
	return map[string]any{
		"cluster.name":     "sluice",
		"node.name":        "local",
		"node.roles":       []string{"cluster_manager", "data", "ingest"},
		"network.host":     "127.0.0.1",
		"http.port":        port,
		"transport.port":   0, // whichever is free: nobody else joins
		"discovery.type":   "single-node",
		"index.store.type": "fs",
		"path.repo":        filepath.Join(dir, "snapshots"),
		// a developer's disk is often nearly full; a node must not refuse work for that
		"cluster.routing.allocation.disk.threshold_enabled": false,
	}
}

func writeConfig(dir string, settings map[string]any) error {
	content, err := yaml.Marshal(settings)
	if err != nil {
		return err
	}
	config := filepath.Join(dir, "config")
	if err := os.MkdirAll(config, 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(config, "log4j2.properties"), nodeLogging, 0o644); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(config, "opensearch.yml"), content, 0o644)
}

// serves is nil once every index that the node had can be written and searched again.
// The security plugin says 503 until its own index is ready.
func (n *OpenSearch) serves(ctx context.Context) error {
	return answers(ctx, n.URL+"/_cluster/health?wait_for_status=yellow&timeout=2s", n.Admin)
}
