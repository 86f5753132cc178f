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
	have["-tags"] = strings.TrimSuffix(have["-tags"], ",expr") // where a collection has expressions
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
