package bulk

import (
	"errors"
	"fmt"
	"time"
)

// Config bounds a bulk request.
type Config struct {
	// Most bytes in one bulk request. 1 MiB suits small nodes; AWS's small instances
	// refuse more than 10485760, so that is the most it may be. Also the largest document.
	MaxBytes int `env:"BULK_MAX_BYTES" envDefault:"5242880"`
	// Most documents in one bulk request, 1 to 10000.
	MaxDocs int `env:"BULK_MAX_DOCS" envDefault:"1000"`
	// A request that OpenSearch works on for longer (its "took") makes the next ones
	// smaller and rarer. Default 5s; zero: none does.
	MaxTook time.Duration `env:"BULK_MAX_TOOK" envDefault:"5s"`
}

// Limits of Config.
const (
	hardBytes = 10_485_760
	hardDocs  = 10_000
)

// Validate reports every mistake.
func (c Config) Validate() error {
	var mistakes []error
	if c.MaxBytes < 1024 || c.MaxBytes > hardBytes {
		mistakes = append(mistakes, fmt.Errorf("BULK_MAX_BYTES is %d: give 1024 to %d", c.MaxBytes, hardBytes))
	}
	if c.MaxDocs < 1 || c.MaxDocs > hardDocs {
		mistakes = append(mistakes, fmt.Errorf("BULK_MAX_DOCS is %d: give 1 to %d", c.MaxDocs, hardDocs))
	}
	if c.MaxTook < 0 {
		mistakes = append(mistakes, errors.New("BULK_MAX_TOOK is negative: give a duration such as 5s"))
	}
	return errors.Join(mistakes...)
}
