package source

import (
	"context"
	"errors"
	"slices"

	"github.com/go-sql-driver/mysql"

	"github.com/sluice-dev/sluice/shared/sqlstate"
)

// failure is a database's error with a text for the log: which table, which class and
// code. The server's own words may quote what was searched for, or a row.
type failure struct {
	table string
	err   error
}

func (f failure) Error() string {
	if own, ok := errors.AsType[defect](f.err); ok {
		return f.table + ": " + own.Error()
	}
	return f.table + ": " + sqlstate.Text(f.err)
}

func (f failure) Unwrap() error { return f.err }

// defect is an error whose words are our own.
type defect string

func (d defect) Error() string { return string(d) }

// interrupted are MySQL's, MariaDB's and PostgreSQL's errors for a query that took too long.
func interrupted(err error) bool {
	if refusal, ok := errors.AsType[*mysql.MySQLError](err); ok {
		return refusal.Number == 3024 || refusal.Number == 1969 || refusal.Number == 1317
	}
	return errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) || sqlstate.Of(err) == "57014"
}

// misfits are MySQL's errors for a value that its column cannot be compared with: one that
// has no characters for it, or is no date.
var misfits = []uint16{1267, 1270, 1271, 1292, 1300, 1366, 1411, 1525, 1690, 3854}

// refused says that the database understood, and that a value does not fit its column:
// class 22 of SQLSTATE, and operators that a column's type does not have.
func refused(err error) bool {
	if refusal, ok := errors.AsType[*mysql.MySQLError](err); ok {
		return slices.Contains(misfits, refusal.Number)
	}
	state := sqlstate.Of(err)
	return state != "" && (state[:2] == "22" || state == "42883" || state == "42804")
}
