// Package outbox makes the writes of a Go application that uses GORM arrive as changes. As
// a plugin it writes each changed row, as it is after the change, into an outbox table in
// the transaction of the change: what commits is there, what rolls back is not. A Relay
// sends it to Sluice's queue or stream. It refuses, with an error that rolls the statement
// back, a write whose rows it could not name for certain, and one outside a transaction;
// it does not see SQL that is written by hand (see Record). Used by applications
// (docs/rows.md).
package outbox

import (
	_ "embed"
	"errors"
	"fmt"
	"strings"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/schema"
)

// Schemas of the outbox table, for migrations of your own.
var (
	//go:embed schema/postgres.sql
	PostgreSQL string
	//go:embed schema/mysql.sql
	MySQL string
)

// Table is the outbox.
const Table = "sluice_outbox"

// Config says which changes are written down.
type Config struct {
	// Models whose tables are followed, such as &Order{}. Required.
	Models []any
	// What stands before a table's name where a collection names its source: MySQL's
	// database, PostgreSQL's schema. Required.
	Schema string
	// Most rows that one update or delete by a condition may change. Default 10,000.
	MostRows int
}

// Plugin is a gorm.Plugin: db.Use(outbox.New(...)).
type Plugin struct {
	config Config
	tables map[string]*table
}

// table is a followed table.
type table struct {
	*schema.Schema
	source string   // as collections call it
	keys   []string // columns of the primary key
	bools  []string
}

// entry is a row of the outbox.
type entry struct {
	ID        int64 `gorm:"primaryKey;autoIncrement"`
	Source    string
	RowKey    string
	Op        string
	Body      string
	CreatedAt time.Time
	Error     *string
}

func (entry) TableName() string { return Table }

// New makes the plugin.
func New(c Config) *Plugin {
	if c.MostRows == 0 {
		c.MostRows = 10_000
	}
	return &Plugin{config: c, tables: map[string]*table{}}
}

// Migrate makes the outbox table if it is not there.
func Migrate(db *gorm.DB) error {
	text := MySQL
	if db.Name() == "postgres" {
		text = PostgreSQL
	}
	return db.Exec(text).Error
}

// Name implements gorm.Plugin.
func (p *Plugin) Name() string { return "sluice:outbox" }

// Initialize implements gorm.Plugin.
func (p *Plugin) Initialize(db *gorm.DB) error {
	if p.config.Schema == "" || len(p.config.Models) == 0 {
		return errors.New("outbox: Config needs Models and Schema")
	}
	for _, model := range p.config.Models {
		if err := p.follow(db, model); err != nil {
			return err
		}
	}
	c := db.Callback()
	return errors.Join(
		c.Create().Before("gorm:create").Register("sluice:before_create", p.beforeCreate),
		c.Create().After("gorm:create").Before("gorm:save_after_associations").Register("sluice:after_create", p.afterCreate),
		c.Update().Before("gorm:update").Register("sluice:before_update", p.beforeUpdate),
		c.Update().After("gorm:update").Before("gorm:save_after_associations").Register("sluice:after_update", p.afterUpdate),
		c.Delete().Before("gorm:delete").Register("sluice:before_delete", p.beforeDelete),
		c.Delete().After("gorm:delete").Before("gorm:after_delete").Register("sluice:after_delete", p.afterDelete),
	)
}

func (p *Plugin) follow(db *gorm.DB, model any) error {
	stmt := &gorm.Statement{DB: db}
	if err := stmt.Parse(model); err != nil {
		return fmt.Errorf("outbox: %T: %w", model, err)
	}
	s := stmt.Schema
	if len(s.PrimaryFields) == 0 {
		return fmt.Errorf("outbox: %T has no primary key: a change could not name its row", model)
	}
	t := &table{Schema: s, source: s.Table}
	if !strings.Contains(t.source, ".") {
		t.source = p.config.Schema + "." + t.source
	}
	for _, f := range s.PrimaryFields {
		t.keys = append(t.keys, f.DBName)
	}
	for _, f := range s.Fields {
		if f.DBName != "" && f.DataType == schema.Bool {
			t.bools = append(t.bools, f.DBName)
		}
	}
	p.tables[s.Table] = t
	return nil
}

// followed is the table that a statement writes to, if its changes are written down.
func (p *Plugin) followed(db *gorm.DB) (*table, bool) {
	if db.Error != nil || db.DryRun {
		return nil, false
	}
	t, ok := p.tables[db.Statement.Table]
	if !ok {
		return nil, false
	}
	if _, inside := db.Statement.ConnPool.(gorm.TxCommitter); !inside {
		_ = db.AddError(errors.New("outbox: with SkipDefaultTransaction, a followed table is written in a transaction of yours alone: db.Transaction"))
		return nil, false
	}
	return t, true
}
