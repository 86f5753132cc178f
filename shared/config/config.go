// Package config fills the owning packages' Config structs from the environment,
// the only place that reads it. It refuses a value that does not parse and a
// required one that is missing, and names all of them at once. Called once per
// cold start, by each function's run.
package config

import (
	"errors"
	"fmt"
	"reflect"
	"strings"

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
			for i, m := range mistakes {
				mistakes[i] = named(m, reflect.TypeFor[T]())
			}
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

// named tells a value that does not parse by its variable; the library knows the field only.
func named(mistake error, settings reflect.Type) error {
	p, ok := errors.AsType[env.ParseError](mistake)
	if !ok {
		return mistake
	}
	return fmt.Errorf("%s: %w", variable(settings, p.Name), p.Err)
}

func variable(settings reflect.Type, field string) string {
	for i := range settings.NumField() {
		f := settings.Field(i)
		if name, tagged := f.Tag.Lookup("env"); tagged && f.Name == field {
			name, _, _ = strings.Cut(name, ",")
			return name
		}
		if f.Type.Kind() == reflect.Struct {
			if name := variable(f.Type, field); name != "" {
				return name
			}
		}
	}
	return ""
}
