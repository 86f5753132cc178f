package main

import "errors"

// Config is rotate's own part of the environment.
type Config struct {
	// DryRun: true makes every run a dry run: it answers what it would do, and why. Default false.
	DryRun bool `env:"ROTATE_DRY_RUN" envDefault:"false"`
	// MaxDeletes is the most indices that one run deletes, of all collections together,
	// the oldest first; the others wait for later runs. Default 10; zero: none is deleted.
	MaxDeletes int `env:"ROTATE_MAX_DELETES" envDefault:"10"`
}

// Validate reports every mistake.
func (c Config) Validate() error {
	if c.MaxDeletes < 0 {
		return errors.New("ROTATE_MAX_DELETES is negative: give the number of indices that a run may delete, or 0 for none")
	}
	return nil
}
