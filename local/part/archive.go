package part

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// archive returns the JVM's flag for a file of classes that it maps instead of loading them
// again: a start takes three fifths of the work. The file is made once for a classpath and a
// Java, by a node that starts and stops on an empty folder. Without one, starts are just slower.
func (p preparation) archive(ctx context.Context, classpath string) []string {
	file := filepath.Join(p.dir, "classes-"+fingerprint(classpath+p.maven.java.release)+".jsa")
	err := locked(ctx, p.dir+".lock", func() error {
		if _, err := os.Stat(file); err == nil {
			return nil
		}
		name := "OpenSearch " + p.version
		return p.home.step("Preparing "+name+" for quick starts, once", "Prepared "+name, func() error {
			return p.train(ctx, classpath, file)
		})
	})
	if err != nil {
		p.home.say("Starts of OpenSearch %s stay slow: %v", p.version, err)
		return nil
	}
	return []string{"-XX:SharedArchiveFile=" + file}
}

func (p preparation) train(ctx context.Context, classpath, file string) error {
	dir, err := os.MkdirTemp(p.dir, "training")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	port, err := Port(0)
	if err != nil {
		return err
	}
	node, fresh := filepath.Join(dir, "node_1"), filepath.Join(dir, "classes.jsa")
	if err := writeConfig(node, nodeSettings(node, port)); err != nil {
		return err
	}
	process, err := Run(ctx, Command{
		Name:  "OpenSearch " + p.version,
		Args:  p.args(classpath, node, []string{"-Xmx512m", "-XX:ArchiveClassesAtExit=" + fresh}),
		Log:   filepath.Join(dir, "log"),
		Ready: func(ctx context.Context) error { return answers(ctx, baseURL(port), nil) },
	})
	if err != nil {
		return err
	}
	defer process.Kill()
	process.signal(syscall.SIGTERM)
	select {
	case <-process.Done():
		return os.Rename(fresh, file)
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(startWithin):
		return errors.New("the archive of classes was not written in time")
	}
}
