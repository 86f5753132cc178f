//go:build rows

package main

import (
	"errors"
	"fmt"
	"time"

	"github.com/sluice-dev/sluice/shared/source"
)

// openTables gives collections with rows their tables, without touching the network.
func (s *server) openTables(secrets source.Secrets, now func() time.Time) error {
	var database *source.Source
	driver := ""
	s.tables = map[string]table{}
	for _, v := range s.collections {
		if v.Rows == nil {
			continue
		}
		if s.cfg.RowsDSN == "" {
			return fmt.Errorf("collection %[1]s has rows, and ROWS_DSN is empty: set it to the DSN of their database (RowsDsn of the stack), or take rows: out of collections/%[1]s.yaml", v.Name)
		}
		if driver != "" && v.Rows.Driver != driver {
			return errors.New("collections with rows name two drivers: one deployment reads rows of one database")
		}
		if driver = v.Rows.Driver; database == nil {
			var err error
			database, err = source.New(source.Config{Driver: driver, DSN: s.cfg.RowsDSN, SecretARN: s.cfg.RowsSecretARN}, secrets, now)
			if err != nil {
				return err
			}
		}
		s.tables[v.Name] = database.Table(v.Collection)
	}
	return nil
}
