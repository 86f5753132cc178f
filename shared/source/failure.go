package source

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"

	"github.com/go-sql-driver/mysql"
)

// failure is a database's error with a text for the log: which table, which class and
// code. The server's own words may quote what was searched for, or a row.
type failure struct {
	table string
	err   error
}

func (f failure) Error() string { return f.table + ": " + told(f.err) }

func (f failure) Unwrap() error { return f.err }

// defect is an error whose words are our own.
type defect string

func (d defect) Error() string { return string(d) }

// told is what may be logged of an error: its words where no value can be among them, else
// its kind.
func told(err error) string {
	if refusal, ok := errors.AsType[*mysql.MySQLError](err); ok {
		return fmt.Sprintf("%s (MySQL error %d, SQLSTATE %s)", class(string(refusal.SQLState[:])), refusal.Number, refusal.SQLState[:])
	}
	if code := stateOf(err); code != "" {
		return fmt.Sprintf("%s (SQLSTATE %s)", class(code), code)
	}
	for _, known := range []error{context.DeadlineExceeded, context.Canceled, driver.ErrBadConn, mysql.ErrInvalidConn, io.EOF, io.ErrUnexpectedEOF} {
		if errors.Is(err, known) {
			return known.Error()
		}
	}
	if own, ok := errors.AsType[defect](err); ok {
		return own.Error()
	}
	if network, ok := errors.AsType[*net.OpError](err); ok {
		return network.Error()
	}
	if name, ok := errors.AsType[*net.DNSError](err); ok {
		return name.Error()
	}
	if certificate, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return certificate.Error()
	}
	if host, ok := errors.AsType[x509.HostnameError](err); ok {
		return host.Error()
	}
	return fmt.Sprintf("%T", innermost(err))
}

func innermost(err error) error {
	for inner := err; inner != nil; inner = errors.Unwrap(inner) {
		err = inner
	}
	return err
}

// classes are the first two characters of SQLSTATE that operators can do something about.
var classes = map[string]string{
	"08": "connection", "22": "data exception", "23": "constraint", "28": "authorization", "3D": "no such database", "40": "rolled back",
	"42": "syntax or access rule", "53": "insufficient resources", "54": "limit exceeded", "55": "not in the required state", "57": "operator intervention", "58": "system",
}

func class(state string) string {
	if name := classes[state[:min(2, len(state))]]; name != "" {
		return name
	}
	return "refused"
}

// stateOf is PostgreSQL's code of an error; empty: it is none of the server's.
func stateOf(err error) string {
	state, ok := errors.AsType[interface {
		error
		SQLState() string
	}](err)
	if !ok || len(state.SQLState()) != 5 {
		return ""
	}
	return state.SQLState()
}

// interrupted are MySQL's, MariaDB's and PostgreSQL's errors for a query that took too long.
func interrupted(err error) bool {
	if refusal, ok := errors.AsType[*mysql.MySQLError](err); ok {
		return refusal.Number == 3024 || refusal.Number == 1969 || refusal.Number == 1317
	}
	return errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) || stateOf(err) == "57014"
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
	state := stateOf(err)
	return state != "" && (state[:2] == "22" || state == "42883" || state == "42804")
}
