package part

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// When PARENT names a file, this test binary is the parent: it starts a part and waits to be killed.
func TestMain(m *testing.M) {
	if file, ok := os.LookupEnv("PARENT"); ok {
		parent(file)
	}
	os.Exit(m.Run())
}

func parent(file string) {
	p := &Process{command: Command{Name: "child", Args: []string{"sleep", "60"}, Log: file}}
	if err := p.start(); err != nil {
		panic(err)
	}
	os.Stdout.WriteString(strconv.Itoa(p.Pid()) + "\n")
	<-p.Done()
}

func TestPartsDieWithAKilledParent(t *testing.T) {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(cmd.Environ(), "PARENT="+filepath.Join(t.TempDir(), "log"))
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	pid, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	cmd.Process.Kill()
	cmd.Wait()
	for range 100 {
		if state, err := os.ReadFile("/proc/" + strings.TrimSpace(pid) + "/stat"); err != nil || strings.Contains(string(state), ") Z ") {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Error("the part outlived its parent")
}
