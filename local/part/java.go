package part

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"

	"github.com/sluice-dev/sluice/shared/config"
)

// jdk is a Java home with a compiler.
type jdk struct {
	home    string
	release string // what its release file says
	major   int
}

func (j jdk) tool(name string) string { return filepath.Join(j.home, "bin", name) }

// javaNeed is the least major version that serves and how one gets it.
type javaNeed struct {
	least  int
	remedy string
}

var java17 = javaNeed{17, "apt-get install openjdk-17-jdk-headless"}

// findJava returns a JDK that suffices: JAVA_HOME's or PATH's before the oldest installed one.
func findJava(need javaNeed, jvms []string) (jdk, error) {
	var env struct {
		Home string `env:"JAVA_HOME"`
	}
	if err := config.Load(&env); err != nil {
		return jdk{}, err
	}
	preferred := []string{env.Home}
	if javac, err := exec.LookPath("javac"); err == nil {
		if real, err := filepath.EvalSymlinks(javac); err == nil {
			preferred = append(preferred, filepath.Dir(filepath.Dir(real)))
		}
	}
	if found, ok := chooseJava(need.least, preferred, jvms); ok {
		return found, nil
	}
	return jdk{}, fmt.Errorf("Java %d or later is missing: %s, or set JAVA_HOME to a JDK", need.least, need.remedy)
}

func chooseJava(least int, preferred, patterns []string) (jdk, bool) {
	for _, home := range preferred {
		if j := readJava(home); j.major >= least {
			return j, true
		}
	}
	var all []jdk
	for _, pattern := range patterns {
		homes, _ := filepath.Glob(pattern)
		for _, home := range homes {
			if j := readJava(home); j.major >= least {
				all = append(all, j)
			}
		}
	}
	if len(all) == 0 {
		return jdk{}, false
	}
	return slices.MinFunc(all, func(a, b jdk) int { return cmp.Compare(a.major, b.major) }), true
}

var javaVersion = regexp.MustCompile(`(?m)^JAVA_VERSION="(\d+)`)

// readJava reads a home's release file. A runtime without a compiler counts as none.
func readJava(home string) jdk {
	if _, err := os.Stat(filepath.Join(home, "bin", "javac")); err != nil || home == "" {
		return jdk{}
	}
	release, _ := os.ReadFile(filepath.Join(home, "release"))
	match := javaVersion.FindSubmatch(release)
	if match == nil {
		return jdk{}
	}
	major, _ := strconv.Atoi(string(match[1]))
	return jdk{home: home, release: string(release), major: major}
}

// compile makes a jar of one source file: the JVM's class archive takes no folders.
func (j jdk) compile(ctx context.Context, source, classpath, jar string) error {
	classes, err := os.MkdirTemp(filepath.Dir(jar), "classes")
	if err != nil {
		return err
	}
	defer os.RemoveAll(classes)
	if err := command(ctx, nil, j.tool("javac"), "-cp", classpath, "-d", classes, source); err != nil {
		return err
	}
	return command(ctx, nil, j.tool("jar"), "--create", "--file", jar, "-C", classes, ".")
}
