package outbox

import (
	"encoding/json"
	"errors"
	"maps"
	"os"
	"slices"
	"testing"
	"time"

	"gorm.io/driver/mysql"
	"gorm.io/driver/postgres"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"

	"github.com/sluice-dev/sluice/local/part/parttest"
)

// servers are the databases, started once.
var servers = map[string]func() gorm.Dialector{}

func TestMain(m *testing.M) {
	os.Exit(parttest.RunWithDatabases(m, func(d parttest.Databases) {
		const how = "?parseTime=true&charset=utf8mb4"
		servers["postgres"] = func() gorm.Dialector { return postgres.Open(d.Postgres.URL) }
		servers["mariadb"] = func() gorm.Dialector { return mysql.Open(d.MariaDB.DSN + how) }
		servers["mysql"] = func() gorm.Dialector { return mysql.Open(d.MySQL.DSN + how) }
	}))
}

// Models of an application.
type (
	Order struct {
		ID        int64 `gorm:"primaryKey"`
		Status    string
		Total     string `gorm:"type:decimal(12,2)"`
		Paid      bool
		Email     *string `gorm:"uniqueIndex;size:100"`
		Lines     []Line
		DeletedAt gorm.DeletedAt
		UpdatedAt time.Time
	}
	Line struct {
		OrderID int64  `gorm:"primaryKey;autoIncrement:false"`
		SKU     string `gorm:"primaryKey;size:20"`
		Pieces  int
	}
	// Note has no softly deleted rows and is not followed.
	Note struct {
		ID   int64
		Text string
	}
)

// shop is one application on one database.
type shop struct {
	*testing.T
	DB     *gorm.DB
	plugin *Plugin
}

// each runs a test on every database.
func each(t *testing.T, test func(s shop)) {
	for name, open := range servers {
		t.Run(name, func(t *testing.T) { test(newShop(t, open())) })
	}
}

func newShop(t *testing.T, d gorm.Dialector) shop {
	t.Helper()
	db, err := gorm.Open(d, &gorm.Config{Logger: logger.Discard})
	if err != nil {
		t.Fatal(err)
	}
	pool, _ := db.DB()
	t.Cleanup(func() { _ = pool.Close() })
	s := shop{T: t, DB: db, plugin: New(Config{Models: []any{&Order{}, &Line{}}, Schema: "shop", MostRows: 300})}
	all := []any{&Line{}, &Order{}, &Note{}}
	s.must(db.Migrator().DropTable(append(all, Table)...))
	s.must(db.AutoMigrate(&Order{}, &Line{}, &Note{}))
	s.must(Migrate(db))
	s.must(Migrate(db)) // again
	s.must(db.Use(s.plugin))
	return s
}

func (s shop) must(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

func (s shop) entries() (all []entry) {
	s.Helper()
	s.must(s.DB.Order("id").Find(&all).Error)
	return all
}

// newest plays entries in any order: of each row the highest id stays.
func newest(all []entry) map[string]string {
	ids, rows := map[string]int64{}, map[string]string{}
	for _, e := range all {
		name := e.Source + e.RowKey
		if e.ID < ids[name] {
			continue
		}
		ids[name], rows[name] = e.ID, e.Body
		if e.Op == deleted {
			delete(rows, name)
		}
	}
	return rows
}

// rows are the tables' rows as the application sees them, written as the outbox writes.
func (s shop) rows() map[string]string {
	s.Helper()
	all := map[string]string{}
	for _, t := range s.plugin.tables {
		found, err := t.read(t.session(s.DB.Session(&gorm.Session{NewDB: true}).Table(t.Table)))
		s.must(err)
		for _, one := range found {
			all[t.source+string(one.keyJSON)] = string(one.body)
		}
	}
	return all
}

// told compares what the outbox tells with what the tables hold.
func (s shop) told() {
	s.Helper()
	got, want := newest(s.entries()), s.rows()
	for _, name := range slices.Sorted(maps.Keys(want)) {
		if got[name] != want[name] {
			s.Errorf("%s is %s, the outbox tells %s", name, want[name], got[name])
		}
	}
	for name := range got {
		if _, there := want[name]; !there {
			s.Errorf("%s is gone, and the outbox does not tell", name)
		}
	}
}

func (s shop) refused(err error) {
	s.Helper()
	if err == nil {
		s.Error("not refused")
	}
}

func ptr[T any](v T) *T { return &v }

var errRolledBack = errors.New("rolled back")

// column is one value of an entry's body, as its text.
func column(e entry, name string) string {
	var row map[string]json.RawMessage
	_ = json.Unmarshal([]byte(e.Body), &row)
	return string(row[name])
}
