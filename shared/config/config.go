// Package config fills the owning packages' Config structs from the environment,
// the only place that reads it. It refuses a value that does not parse and a
// required one that is missing, and names all of them at once. Called once per
// cold start, by each function's run.
package config

import (
	"errors"
	"fmt"

	"github.com/caarlos0/env/v11"
)

// Load fills *into, a struct with `env:"NAME"` and `envDefault:"..."` tags, and calls
// its Validate method if it has one. The error lists every mistake.
func Load[T any](into *T) error { return load(into, env.ToMap(environ())) }

func load[T any](into *T, vars map[string]string) error {
	var mistakes []error
	if err := env.ParseWithOptions(into, env.Options{Environment: vars}); err != nil {
		if all, ok := errors.AsType[env.AggregateError](err); ok {
			mistakes = all.Errors
		} else {
			mistakes = []error{err}
		}
	}
	if len(mistakes) == 0 {
		if v, ok := any(into).(interface{ Validate() error }); ok {
			mistakes = append(mistakes, v.Validate())
		}
	}
	if err := errors.Join(mistakes...); err != nil {
		return fmt.Errorf("configuration: %w", err)
	}
	return nil
}
