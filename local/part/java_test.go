package part

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"golang.org/x/sync/errgroup"
)

func TestMissingJavaIsOneSentenceThatSaysHowToGetIt(t *testing.T) {
	t.Setenv("JAVA_HOME", "")
	t.Setenv("PATH", t.TempDir())
	for version, want := range map[string]string{
		OpenSearch2: "OpenSearch 2.19.6: Java 17 or later is missing: apt-get install openjdk-17-jdk-headless, or set JAVA_HOME to a JDK",
		OpenSearch3: "OpenSearch 3.8.0: Java 21 or later is missing: install a JDK 25 (adoptium.net), or set JAVA_HOME to a JDK",
	} {
		home := Home{Cache: t.TempDir(), Data: t.TempDir(), jvms: []string{filepath.Join(t.TempDir(), "*")}}
		_, err := StartOpenSearch(t.Context(), home, OpenSearchOptions{Version: version})
		if err == nil || err.Error() != want {
			t.Errorf("%v\nwant %s", err, want)
		}
	}
}

func TestJavaIsTheOldestThatSuffices(t *testing.T) {
	jvms := t.TempDir()
	for name, version := range map[string]string{"eleven": "11.0.2", "seventeen": "17.0.15", "twentyfive": "25.0.1"} {
		fakeJDK(t, filepath.Join(jvms, name), version)
	}
	os.Remove(filepath.Join(jvms, "seventeen", "bin", "javac")) // a runtime cannot compile
	fakeJDK(t, filepath.Join(jvms, "eighteen"), "18")
	found, _ := chooseJava(17, []string{"", filepath.Join(jvms, "eleven")}, []string{jvms + "/*"})
	if found.major != 18 {
		t.Errorf("found Java %d, want 18", found.major)
	}
	found, _ = chooseJava(17, []string{filepath.Join(jvms, "twentyfive")}, []string{jvms + "/*"})
	if found.major != 25 {
		t.Errorf("found Java %d, want the preferred 25", found.major)
	}
}

func TestMissingMavenSaysHowToGetIt(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	m := maven{home: Home{Cache: t.TempDir()}}
	_, err := m.classpath(context.Background(), "it", "<project/>", filepath.Join(t.TempDir(), "it"))
	if err == nil || !strings.Contains(err.Error(), "apt-get install maven") {
		t.Errorf("%v", err)
	}
}

func TestMissingPythonSaysHowToGetIt(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	_, err := StartMoto(t.Context(), Home{Cache: t.TempDir(), Data: t.TempDir()}, MotoOptions{})
	if err == nil || !strings.Contains(err.Error(), "apt-get install python3") {
		t.Errorf("%v", err)
	}
}

func fakeJDK(t *testing.T, home, version string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Join(home, "bin"), 0o755); err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string]string{"bin/javac": "", "release": "IMPLEMENTOR=\"x\"\nJAVA_VERSION=\"" + version + "\"\n"} {
		if err := os.WriteFile(filepath.Join(home, name), []byte(content), 0o755); err != nil {
			t.Fatal(err)
		}
	}
}

func TestCacheOfTwoRunsIsFetchedOnce(t *testing.T) {
	java, err := findJava(java17, defaultJVMs)
	if err != nil {
		t.Fatal(err)
	}
	var said atomic.Int32
	home := Home{Cache: t.TempDir(), Say: func(sentence string) {
		if strings.HasPrefix(sentence, "Fetched") {
			said.Add(1)
		}
	}}
	var runs errgroup.Group
	for range 2 {
		runs.Go(func() error {
			_, err := maven{home, java}.classpath(t.Context(), "ElasticMQ", elasticMQPom, filepath.Join(home.Cache, "elasticmq"))
			return err
		})
	}
	if err := runs.Wait(); err != nil || said.Load() != 1 {
		t.Errorf("fetched %d times: %v", said.Load(), err)
	}
}
