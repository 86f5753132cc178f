package part

import (
	"context"
	_ "embed"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

const debeziumVersion = "3.4.1.Final"

var (
	//go:embed debezium/pom.xml
	debeziumPom string
	//go:embed debezium/Changes.java
	debeziumSource string
)

// Debezium is a connector that writes each change to a file, one line each:
// {"topic": ..., "key": ..., "value": ...}.
type Debezium struct {
	*Process
	Changes string // the file
}

// StartDebezium fetches the connector if need be and returns when it follows its
// database; settings are Debezium's own.
func StartDebezium(ctx context.Context, home Home, settings map[string]string) (*Debezium, error) {
	home, err := home.ready()
	if err != nil {
		return nil, err
	}
	c, changes, err := debeziumCommand(ctx, home, settings)
	if err != nil {
		return nil, fmt.Errorf("Debezium %s: %w", debeziumVersion, err)
	}
	d := &Debezium{Changes: changes}
	err = home.step("Starting "+c.Name, c.Name+" follows its database", func() (err error) {
		d.Process, err = Run(ctx, c)
		return err
	})
	if err != nil {
		return nil, err
	}
	return d, nil
}

func debeziumCommand(ctx context.Context, home Home, settings map[string]string) (c Command, changes string, err error) {
	java, err := findJava(java17, home.jvms)
	if err != nil {
		return c, "", err
	}
	dir := filepath.Join(home.Cache, "debezium-"+debeziumVersion)
	m := maven{home, java}
	jars, err := m.classpath(ctx, "Debezium "+debeziumVersion, debeziumPom, dir)
	if err != nil {
		return c, "", err
	}
	main := filepath.Join(dir, fmt.Sprintf("changes-%d-%s.jar", java.major, fingerprint(debeziumSource)))
	if err := compiled(ctx, java, dir, "Changes.java", debeziumSource, jars, main); err != nil {
		return c, "", err
	}
	file, started := filepath.Join(home.Data, "debezium.properties"), filepath.Join(home.Data, "debezium.started")
	changes = filepath.Join(home.Data, "debezium.changes")
	if err := os.RemoveAll(started); err != nil {
		return c, "", err
	}
	if err := os.WriteFile(file, []byte(properties(settings)), 0o600); err != nil {
		return c, "", err
	}
	return Command{
		Name: "Debezium " + debeziumVersion, Log: home.log("debezium"), Line: home.lines("debezium"),
		Args: []string{java.tool("java"), "-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
			"-cp", main + string(os.PathListSeparator) + jars, "Changes", file, changes, started},
		Ready: func(context.Context) error {
			_, err := os.Stat(started)
			return err
		},
	}, changes, nil
}

// compiled makes a jar of a source once for each text of it.
func compiled(ctx context.Context, java jdk, dir, name, text, jars, jar string) error {
	return locked(ctx, dir+".lock", func() error {
		if _, err := os.Stat(jar); err == nil {
			return nil
		}
		source := filepath.Join(dir, name)
		if err := os.WriteFile(source, []byte(text), 0o644); err != nil {
			return err
		}
		return java.compile(ctx, source, jars, jar)
	})
}

func properties(settings map[string]string) string {
	lines := make([]string, 0, len(settings))
	for name, value := range settings {
		lines = append(lines, name+"="+strings.ReplaceAll(value, `\`, `\\`))
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n") + "\n"
}
