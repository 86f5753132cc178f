package part

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// Home is where parts live and to whom they talk.
type Home struct {
	// Cache keeps what is fetched once and shared by all runs. Empty: DefaultCache.
	Cache string
	// Data keeps what this run writes: indices and logs. Empty: the folder data in Cache.
	// Two runs at once need two of them.
	Data string
	// Say is told the progress in plain sentences. Nil: nobody.
	Say func(sentence string)
	// Line is given each log line of each part as it is written, from several goroutines.
	// It must not block. Nil: nobody.
	Line func(part, line string)

	jvms []string // where Java homes are, as patterns
}

var defaultJVMs = []string{"/usr/lib/jvm/*", "/opt/java/*", "/Library/Java/JavaVirtualMachines/*/Contents/Home"}

// DefaultCache is the folder .local beside the go.mod above the working directory.
func DefaultCache() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return filepath.Join(dir, ".local"), nil
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", errors.New("no go.mod above the working directory: run this inside the repository")
		}
		dir = parent
	}
}

// ready fills what was left empty and makes the folders.
func (h Home) ready() (Home, error) {
	if h.Cache == "" {
		cache, err := DefaultCache()
		if err != nil {
			return h, err
		}
		h.Cache = cache
	}
	if h.jvms == nil {
		h.jvms = defaultJVMs
	}
	h.Data = cmp.Or(h.Data, filepath.Join(h.Cache, "data"))
	for _, dir := range []*string{&h.Cache, &h.Data} {
		absolute, err := filepath.Abs(*dir)
		if err != nil {
			return h, err
		}
		if err := os.MkdirAll(absolute, 0o755); err != nil {
			return h, err
		}
		*dir = absolute
	}
	return h, nil
}

// readyAt is ready, and makes port one that is free.
func (h Home) readyAt(port *int) (Home, error) {
	h, err := h.ready()
	if err == nil {
		*port, err = Port(*port)
	}
	return h, err
}

func (h Home) say(format string, args ...any) {
	if h.Say != nil {
		h.Say(fmt.Sprintf(format, args...))
	}
}

func (h Home) log(name string) string { return filepath.Join(h.Data, name+".log") }

func (h Home) lines(name string) func(string) {
	if h.Line == nil {
		return nil
	}
	return func(line string) { h.Line(name, line) }
}
