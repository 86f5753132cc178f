package part

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"path/filepath"
	"strconv"
)

// The lines of OpenSearch that we run; each has its pom beside this file.
const (
	OpenSearch2 = "2.19.6" // the default
	OpenSearch3 = "3.8.0"
)

// OpenSearchOptions choose the node. The zero value is OpenSearch 2.19.6 on a free port.
type OpenSearchOptions struct {
	Version  string         // OpenSearch2 if empty
	Port     int            // wanted for HTTP; a free one if zero or taken
	Heap     string         // as Java's -Xmx; 512m if empty
	Settings map[string]any // node settings over ours: what makes a node refuse for real
	Security bool           // with the security plugin: user admin, password admin; 2.19.6 only
}

// OpenSearch is one node that answers on loopback.
type OpenSearch struct {
	*Process
	URL     string
	Version string
	// Dir holds the node's config, data, logs and snapshots.
	Dir string
	// Admin is the user who may do everything; nil without the security plugin.
	Admin *Login
}

// StartOpenSearch fetches the node if need be, starts it over the data that it left, and
// returns when it answers.
func StartOpenSearch(ctx context.Context, home Home, o OpenSearchOptions) (*OpenSearch, error) {
	home, err := home.readyAt(&o.Port)
	if err != nil {
		return nil, err
	}
	o.Version, o.Heap = cmp.Or(o.Version, OpenSearch2), cmp.Or(o.Heap, "512m")
	n := &OpenSearch{URL: baseURL(o.Port), Version: o.Version, Dir: filepath.Join(home.Data, "opensearch-"+o.Version, "node_1")}
	c, err := n.command(ctx, home, o)
	if err != nil {
		return nil, fmt.Errorf("OpenSearch %s: %w", o.Version, err)
	}
	if o.Security {
		n.Admin = &Login{Name: "admin", Password: "admin"}
	}
	c.Name, c.Log, c.Line, c.Ready = "OpenSearch "+o.Version, home.log("opensearch"), home.lines("opensearch"), n.serves
	if n.Process, err = home.run(ctx, c, n.URL); err != nil {
		return nil, err
	}
	return n, nil
}

// SlowLog is the file of the slow searches and slow indexing that index settings ask for.
func (n *OpenSearch) SlowLog() string { return filepath.Join(n.Dir, "logs", "slowlog.log") }

func (n *OpenSearch) command(ctx context.Context, home Home, o OpenSearchOptions) (Command, error) {
	line, ok := openSearchLines[o.Version]
	if !ok {
		return Command{}, fmt.Errorf("this version has no pom here; %s and %s have", OpenSearch2, OpenSearch3)
	}
	java, err := findJava(line.java, home.jvms)
	switch {
	case err == nil:
		return n.onJava(ctx, home, o, line, java)
	case o.Security || !dockerAnswers(ctx):
		return Command{}, err
	}
	i := n.image(o)
	return Command{Args: i.args(), Clean: i.remove()}, nil
}

func (n *OpenSearch) onJava(ctx context.Context, home Home, o OpenSearchOptions, line openSearchLine, java jdk) (Command, error) {
	if err := unused(n.Dir); err != nil {
		return Command{}, err
	}
	p := preparation{
		home: home, version: o.Version, line: line,
		maven: maven{home, java}, dir: filepath.Join(home.Cache, "opensearch-"+o.Version),
	}
	classpath, err := p.node(ctx)
	if err != nil {
		return Command{}, err
	}
	flags := append(p.archive(ctx, classpath), "-Xms"+o.Heap, "-Xmx"+o.Heap)
	settings, plugins := nodeSettings(n.Dir, o.Port), []string(nil)
	if o.Security {
		plugins = []string{securityPlugin}
		if classpath, err = p.security(ctx, classpath, n.Dir, settings); err != nil {
			return Command{}, err
		}
	}
	maps.Copy(settings, o.Settings)
	return Command{Args: p.args(classpath, n.Dir, flags, plugins...)}, writeConfig(n.Dir, settings)
}

// image keeps the data in a volume named after the data folder: the image's user could
// not write to a folder of ours.
func (n *OpenSearch) image(o OpenSearchOptions) image {
	env := []string{"discovery.type=single-node", "DISABLE_SECURITY_PLUGIN=true", "DISABLE_INSTALL_DEMO_CONFIG=true",
		"cluster.routing.allocation.disk.threshold_enabled=false", "OPENSEARCH_JAVA_OPTS=-Xms" + o.Heap + " -Xmx" + o.Heap}
	for k, v := range o.Settings {
		env = append(env, fmt.Sprintf("%s=%v", k, v))
	}
	return image{
		name:      "opensearchproject/opensearch:" + o.Version,
		container: "sluice-opensearch-" + strconv.Itoa(o.Port),
		host:      o.Port, inside: 9200,
		env:    env,
		mounts: []string{"sluice-" + fingerprint(n.Dir) + ":/usr/share/opensearch/data"},
	}
}
