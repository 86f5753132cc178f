package main

import (
	"debug/buildinfo"
	"debug/elf"
	"errors"
	"fmt"
	"strings"
)

var machines = map[string]elf.Machine{"arm64": elf.EM_AARCH64, "amd64": elf.EM_X86_64}

// checkELF wants a binary that needs no loader and no libc, without symbols.
func checkELF(path, arch string) error {
	f, err := elf.Open(path)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	var mistakes []error
	if f.Machine != machines[arch] {
		mistakes = append(mistakes, fmt.Errorf("is for %s, not %s", f.Machine, arch))
	}
	for _, p := range f.Progs {
		if p.Type == elf.PT_INTERP {
			mistakes = append(mistakes, errors.New("is not static"))
		}
	}
	if f.Section(".symtab") != nil || f.Section(".debug_info") != nil || f.Section(".zdebug_info") != nil {
		mistakes = append(mistakes, errors.New("is not stripped"))
	}
	return errors.Join(mistakes...)
}

// checkBuild wants the settings of sam.mk.
func checkBuild(path, arch string) error {
	info, err := buildinfo.ReadFile(path)
	if err != nil {
		return err
	}
	have := map[string]string{}
	for _, s := range info.Settings {
		have[s.Key] = s.Value
	}
	have["-tags"], _ = optional(have["-tags"])
	var mistakes []error
	for key, want := range map[string]string{
		"-tags": "lambda.norpc,nomsgpack", "-trimpath": "true", "CGO_ENABLED": "0", "GOARCH": arch, "GOOS": "linux",
	} {
		if have[key] != want {
			mistakes = append(mistakes, fmt.Errorf("built with %s=%q, want %q", key, have[key], want))
		}
	}
	return errors.Join(mistakes...)
}

// optional takes off the tags that the Makefile sets where a collection needs a library.
func optional(tags string) (rest string, larger bool) {
	var kept []string
	for tag := range strings.SplitSeq(tags, ",") {
		if tag == "expr" || tag == "rows" {
			larger = true
		} else {
			kept = append(kept, tag)
		}
	}
	return strings.Join(kept, ","), larger
}

// sizes are the limits of a binary and of its zip. With one of these libraries the linker
// keeps what can be called by name alone, which is twice as much.
func sizes(path string) (bootstrap, zip int64, err error) {
	info, err := buildinfo.ReadFile(path)
	if err != nil {
		return 0, 0, err
	}
	for _, s := range info.Settings {
		if _, larger := optional(s.Value); s.Key == "-tags" && larger {
			return 2 * maxBootstrap, 2 * maxZip, nil
		}
	}
	return maxBootstrap, maxZip, nil
}
