package part

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// maven resolves the pinned poms of this package; the jars stay in Maven's own cache.
type maven struct {
	home Home
	java jdk
}

var errMaven = errors.New("Maven is missing: apt-get install maven")

// classpath returns the jars of a pom, resolved once and remembered in the folder until
// the pom changes or a jar is gone.
func (m maven) classpath(ctx context.Context, name, pom, dir string) (string, error) {
	jars := remembered(pom, dir)
	if jars != "" {
		return jars, nil
	}
	err := locked(ctx, filepath.Join(m.home.Cache, "maven.lock"), func() error { // Maven's cache is not made for two at once
		if jars = remembered(pom, dir); jars != "" {
			return nil
		}
		err := m.home.step("Fetching "+name+" with Maven, once", "Fetched "+name, func() error { return m.resolve(ctx, pom, dir) })
		jars = remembered(pom, dir)
		return err
	})
	return jars, err
}

func (m maven) resolve(ctx context.Context, pom, dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	file := filepath.Join(dir, "pom.xml")
	if err := os.WriteFile(file, []byte(pom), 0o644); err != nil {
		return err
	}
	fresh := filepath.Join(dir, "classpath.new")
	if err := m.run(ctx, "-f", file, "dependency:build-classpath", "-DincludeScope=runtime", "-Dmdep.outputFile="+fresh); err != nil {
		return err
	}
	jars, err := os.ReadFile(fresh)
	if err != nil {
		return err
	}
	if err := os.WriteFile(fresh, []byte(fingerprint(pom)+"\n"+string(jars)), 0o644); err != nil {
		return err
	}
	return os.Rename(fresh, filepath.Join(dir, "classpath")) // whole, or not there: others read it without the lock
}

func (m maven) run(ctx context.Context, args ...string) error {
	mvn, err := exec.LookPath("mvn")
	if err != nil {
		return errMaven
	}
	return command(ctx, []string{"JAVA_HOME=" + m.java.home}, append([]string{mvn, "-q", "-B"}, args...)...)
}

func remembered(pom, dir string) string {
	content, _ := os.ReadFile(filepath.Join(dir, "classpath"))
	print, jars, _ := strings.Cut(strings.TrimSpace(string(content)), "\n")
	if print != fingerprint(pom) {
		return ""
	}
	for _, jar := range filepath.SplitList(jars) {
		if _, err := os.Stat(jar); err != nil {
			return ""
		}
	}
	return jars
}

func fingerprint(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:8])
}
