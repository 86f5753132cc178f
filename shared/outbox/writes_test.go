package outbox

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/sluice-dev/sluice/shared/producer"
)

// writes are what applications do with GORM; changes is how many rows each writes down.
var writes = []struct {
	name    string
	changes int
	do      func(db *gorm.DB) error
}{
	{"a row is created, its key generated", 1, func(db *gorm.DB) error { return db.Create(&Order{Status: "new", Total: "10.50"}).Error }},
	{"with a key", 1, func(db *gorm.DB) error { return db.Create(&Order{ID: 2, Status: "new", Total: "1"}).Error }},
	{"a batch", 3, func(db *gorm.DB) error {
		return db.Create([]*Order{{ID: 10, Total: "1"}, {ID: 11, Total: "2"}, {ID: 12, Total: "3"}}).Error
	}},
	{"in batches", 250, func(db *gorm.DB) error {
		var all []Order
		for i := range 250 {
			all = append(all, Order{ID: int64(1000 + i), Status: "bulk", Total: "1"})
		}
		return db.CreateInBatches(all, 100).Error
	}},
	{"from a map", 1, func(db *gorm.DB) error {
		return db.Model(&Order{}).Create(map[string]any{"ID": 20, "Status": "map", "Total": "1"}).Error
	}},
	{"from maps of a table", 2, func(db *gorm.DB) error {
		return db.Table("orders").Create([]map[string]any{{"id": 21, "total": "1"}, {"id": 22, "total": "1"}}).Error
	}},
	{"with its associations", 3, func(db *gorm.DB) error {
		return db.Create(&Order{ID: 30, Total: "1", Lines: []Line{{SKU: "a", Pieces: 1}, {SKU: "b|c", Pieces: 2}}}).Error
	}},
	{"an association is added", 2, func(db *gorm.DB) error { // of orders 31 nothing but the line changes, and the line
		return db.Model(&Order{ID: 30}).Association("Lines").Append(&Line{SKU: "d", Pieces: 3})
	}},
	{"saved anew", 1, func(db *gorm.DB) error { return db.Save(&Order{ID: 40, Status: "saved", Total: "1"}).Error }},
	{"saved again", 1, func(db *gorm.DB) error { return db.Save(&Order{ID: 40, Status: "again", Total: "2"}).Error }},
	{"some columns are updated", 1, func(db *gorm.DB) error { return db.Model(&Order{ID: 1}).Updates(Order{Status: "paid"}).Error }},
	{"one, by a map", 1, func(db *gorm.DB) error {
		return db.Model(&Order{ID: 1}).Updates(map[string]any{"paid": true, "email": nil}).Error
	}},
	{"one column, without hooks", 1, func(db *gorm.DB) error { return db.Model(&Order{ID: 1}).UpdateColumn("status", "shipped").Error }},
	{"by a condition, which no longer holds afterwards", 250, func(db *gorm.DB) error {
		return db.Model(&Order{}).Where("status = ?", "bulk").Or("status = ?", "no such").Update("status", "done").Error
	}},
	{"by a condition that holds for none", 0, func(db *gorm.DB) error {
		return db.Model(&Order{}).Where("status = ?", "nothing").Update("status", "x").Error
	}},
	{"by an expression", 1, func(db *gorm.DB) error {
		return db.Model(&Order{}).Where("id = ?", 10).Update("total", gorm.Expr("total * ?", 2)).Error
	}},
	{"by a subquery", 3, func(db *gorm.DB) error {
		return db.Model(&Order{}).Where("id IN (?)", db.Model(&Line{}).Select("order_id")).Or("id IN ?", []int{10, 11}).Update("status", "sub").Error
	}},
	{"by the table alone", 2, func(db *gorm.DB) error {
		return db.Table("orders").Where("id IN ?", []int{10, 11}).Updates(map[string]any{"status": "table"}).Error
	}},
	{"the rows of a list", 2, func(db *gorm.DB) error {
		return db.Model([]Order{{ID: 10}, {ID: 11}}).Update("status", "list").Error
	}},
	{"to what it was", 1, func(db *gorm.DB) error { return db.Model(&Order{ID: 10}).UpdateColumn("status", "list").Error }},
	{"a composite key", 1, func(db *gorm.DB) error { return db.Model(&Line{OrderID: 30, SKU: "a"}).Update("pieces", 9).Error }},
	{"an upsert meets a row", 1, func(db *gorm.DB) error {
		return db.Clauses(clause.OnConflict{UpdateAll: true}).Create(&Order{ID: 10, Status: "upserted", Total: "7"}).Error
	}},
	{"an upsert that leaves the row alone", 1, func(db *gorm.DB) error {
		return db.Clauses(clause.OnConflict{DoNothing: true}).Create(&Order{ID: 10, Status: "ignored", Total: "8"}).Error
	}},
	{"softly deleted", 1, func(db *gorm.DB) error { return db.Delete(&Order{ID: 11}).Error }},
	{"restored", 1, func(db *gorm.DB) error { return db.Unscoped().Model(&Order{ID: 11}).Update("deleted_at", nil).Error }},
	{"softly deleted by a condition", 250, func(db *gorm.DB) error { return db.Where("status = ?", "done").Delete(&Order{}).Error }},
	{"softly deleted again: none is left", 0, func(db *gorm.DB) error { return db.Where("status = ?", "done").Delete(&Order{}).Error }},
	{"deleted for good", 250, func(db *gorm.DB) error {
		return db.Unscoped().Where("status = ?", "done").Delete(&Order{}).Error
	}},
	{"deleted by keys", 2, func(db *gorm.DB) error { return db.Unscoped().Delete(&Order{}, []int{20, 21}).Error }},
	{"a list is deleted", 2, func(db *gorm.DB) error { return db.Delete([]Order{{ID: 12}, {ID: 22}}).Error }},
	{"a composite key is deleted", 1, func(db *gorm.DB) error { return db.Delete(&Line{OrderID: 30, SKU: "b|c"}).Error }},
	{"a row is replaced", 2, func(db *gorm.DB) error {
		return db.Transaction(func(tx *gorm.DB) error {
			if err := tx.Unscoped().Delete(&Order{ID: 40}).Error; err != nil {
				return err
			}
			return tx.Create(&Order{ID: 40, Status: "reborn", Total: "1"}).Error
		})
	}},
	{"keys that read alike one behind the other", 2, func(db *gorm.DB) error {
		return db.Create([]Line{{OrderID: 1, SKU: "1a"}, {OrderID: 11, SKU: "a"}}).Error
	}},
	{"what is not followed", 0, func(db *gorm.DB) error { return db.Create(&Note{Text: "x"}).Error }},
	{"nothing is run", 0, func(db *gorm.DB) error {
		return db.Session(&gorm.Session{DryRun: true}).Create(&Order{ID: 99, Total: "1"}).Error
	}},
}

func TestEachWriteOfGORMIsWrittenDown(t *testing.T) {
	each(t, func(s shop) {
		before := 0
		for _, w := range writes {
			if err := w.do(s.DB.Session(&gorm.Session{NewDB: true})); err != nil {
				s.Errorf("%s: %v", w.name, err)
			}
			after := len(s.entries())
			if after-before != w.changes {
				s.Errorf("%s: %d changes written down, want %d", w.name, after-before, w.changes)
			}
			before = after
			if s.told(); s.Failed() {
				s.Fatalf("first wrong after: %s", w.name)
			}
		}
	})
}

func TestWhatRollsBackIsNotWrittenDown(t *testing.T) {
	each(t, func(s shop) {
		err := s.DB.Transaction(func(tx *gorm.DB) error {
			s.must(tx.Create(&Order{ID: 1, Status: "gone", Total: "1"}).Error)
			return errRolledBack
		})
		if err != errRolledBack || len(s.entries()) != 0 {
			s.Fatalf("%v, %d entries of a transaction that was rolled back", err, len(s.entries()))
		}
		s.must(s.DB.Transaction(func(tx *gorm.DB) error {
			s.must(tx.Create(&Order{ID: 2, Status: "a", Total: "1"}).Error)
			_ = tx.Transaction(func(inner *gorm.DB) error { // a savepoint
				s.must(inner.Model(&Order{ID: 2}).Update("status", "inner").Error)
				s.must(inner.Create(&Order{ID: 3, Total: "1"}).Error)
				return errRolledBack
			})
			tx.SavePoint("sp")
			s.must(tx.Delete(&Order{ID: 2}).Error)
			tx.RollbackTo("sp")
			return tx.Model(&Order{ID: 2}).Update("total", "5").Error
		}))
		if n := len(s.entries()); n != 2 {
			s.Errorf("%d entries, want those of the create and of the last update", n)
		}
		s.told()
		s.refused(s.DB.Create(&Order{ID: 2, Total: "1"}).Error) // a duplicate key
		s.told()
	})
}

// What could be changed unseen is refused, and nothing is changed.
func TestWritesWhoseRowsCannotBeNamedAreRefused(t *testing.T) {
	each(t, func(s shop) {
		s.must(s.DB.Create(&[]Order{{ID: 1, Email: ptr("a@x"), Total: "1"}, {ID: 2, Total: "1"}}).Error)
		s.refused(s.DB.Session(&gorm.Session{SkipDefaultTransaction: true}).Create(&Order{ID: 3, Total: "1"}).Error)
		s.refused(s.DB.Model(&Order{}).Where("id = 1").Update("id", 5).Error)
		s.refused(s.DB.Model(&Order{}).Where("id = 1").Updates(Order{ID: 5, Status: "x"}).Error)
		s.refused(s.DB.Model(&Order{}).Update("status", "all").Error) // GORM's own law
		s.refused(s.DB.Model(&Order{}).Joins("JOIN `lines`").Where("id = 1").Update("status", "x").Error)
		var many []Order
		for i := range 301 {
			many = append(many, Order{ID: int64(100 + i), Status: "many", Total: "1"})
		}
		s.must(s.DB.Create(&many).Error)
		s.refused(s.DB.Model(&Order{}).Where("status = ?", "many").Update("status", "x").Error)
		if !returns(s.DB) { // as MySQL: any unique key decides, and nothing tells which row it was
			s.refused(s.DB.Clauses(clause.OnConflict{UpdateAll: true}).Create(&Order{ID: 9, Email: ptr("a@x"), Total: "9"}).Error)
			s.refused(s.DB.Clauses(clause.OnConflict{UpdateAll: true}).Create(&[]Order{{Total: "9"}, {Total: "8"}}).Error)
		}
		s.must(s.DB.Session(&gorm.Session{AllowGlobalUpdate: true}).Delete(&Line{}).Error)
		s.told()
	})
}

func TestRecordWritesDownWhatHandWrittenSQLChanged(t *testing.T) {
	each(t, func(s shop) {
		s.must(s.DB.Create(&Order{ID: 1, Status: "new", Total: "1"}).Error)
		s.must(s.DB.Create(&Line{OrderID: 1, SKU: "a"}).Error)
		s.must(s.DB.Transaction(func(tx *gorm.DB) error {
			s.must(tx.Exec("UPDATE orders SET status = 'by hand' WHERE id = 1").Error)
			s.must(tx.Exec("UPDATE " + tx.Statement.Quote("lines") + " SET pieces = 7").Error)
			s.must(s.plugin.Record(tx, &Line{}, []any{1, "a"}))
			return s.plugin.Record(tx, &Order{}, 1, 77)
		}))
		s.told()
		s.refused(s.plugin.Record(s.DB, &Order{}, 1)) // no transaction
		s.refused(s.DB.Transaction(func(tx *gorm.DB) error { return s.plugin.Record(tx, &Note{}, 1) }))
	})
}

func TestTheOutboxTellsTheWholeRowAfterTheChange(t *testing.T) {
	each(t, func(s shop) {
		at := time.Date(2026, 2, 10, 8, 30, 0, 123_000_000, time.FixedZone("", 2*3600))
		s.must(s.DB.Create(&Order{ID: 9007199254740993, Status: "ünd \"<>& \x01 line\n", Total: "1234567890.10", Paid: true, UpdatedAt: at}).Error)
		e := s.entries()[0]
		for name, want := range map[string]string{
			"id": "9007199254740993", "total": `"1234567890.10"`, "paid": "true", "email": "null", "deleted_at": "null",
			"updated_at": `"2026-02-10T06:30:00.123Z"`, "status": `"ünd \"<>& \u0001 line\n"`,
		} {
			if got := column(e, name); got != want {
				s.Errorf("%s is %s, want %s", name, got, want)
			}
		}
		if e.Source != "shop.orders" || e.RowKey != `{"id":9007199254740993}` || e.Op != indexed {
			s.Error(fmt.Sprint(e))
		}
	})
}

// taking is a queue that takes all.
type taking struct{ bodies []string }

func (q *taking) Send(_ context.Context, messages []producer.Message) []error {
	for _, m := range messages {
		q.bodies = append(q.bodies, string(m.Body))
	}
	return make([]error, len(messages))
}

// One row that somebody has spoiled does not hold up those behind it.
func TestARelayPassesOverARowThatIsNoMessage(t *testing.T) {
	each(t, func(s shop) {
		s.must(s.DB.Create(&[]Order{{ID: 1, Total: "1"}, {ID: 2, Total: "1"}}).Error)
		s.must(s.DB.Exec("UPDATE sluice_outbox SET body = '{' WHERE id = (SELECT * FROM (SELECT min(id) FROM sluice_outbox) AS first)").Error)
		q := &taking{}
		n, err := NewRelay(s.DB, q, RelayConfig{Logger: slog.New(slog.DiscardHandler)}).Once(t.Context())
		if err != nil || n != 2 || len(q.bodies) != 1 || !strings.Contains(q.bodies[0], `"id":2`) {
			s.Errorf("%d %v %s", n, err, q.bodies)
		}
		if left := s.entries(); len(left) != 1 || left[0].Error == nil || *left[0].Error != "its body is no JSON" {
			s.Errorf("%v", left)
		}
	})
}

// ending is a log whose first line ends the work.
type ending struct {
	bytes.Buffer
	end func()
}

func (e *ending) Write(line []byte) (int, error) {
	defer e.end()
	return e.Buffer.Write(line)
}

// What a row holds is in the database's own words; the log has the class and the code.
func TestARelaysDatabaseErrorIsLoggedWithoutTheValuesItQuotes(t *testing.T) {
	each(t, func(s shop) {
		for _, text := range map[string][]string{
			"postgres": {
				"CREATE OR REPLACE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'a row holds %', OLD.body; END $$",
				"CREATE TRIGGER refuse BEFORE DELETE ON sluice_outbox FOR EACH ROW EXECUTE FUNCTION refuse()",
			},
			"mysql": {"CREATE TRIGGER refuse BEFORE DELETE ON sluice_outbox FOR EACH ROW BEGIN DECLARE m text; SET m = left(concat('a row holds ', OLD.body), 100); SIGNAL SQLSTATE '45000' SET message_text = m; END"},
		}[s.DB.Name()] {
			s.must(s.DB.Exec(text).Error)
		}
		s.must(s.DB.Create(&Order{ID: 1, Status: "hunter2", Total: "1"}).Error)
		ctx, cancel := context.WithTimeout(s.Context(), 30*time.Second)
		defer cancel()
		log := &ending{end: cancel}
		relay := NewRelay(s.DB, &taking{}, RelayConfig{Logger: slog.New(slog.NewTextHandler(log, nil)), Interval: time.Minute})
		if _, err := relay.Once(s.Context()); err == nil || !strings.Contains(err.Error(), "hunter2") {
			s.Errorf("the database no longer says it: %v", err)
		}
		relay.Run(ctx)
		want := map[string]string{"postgres": "refused (SQLSTATE P0001)", "mysql": "refused (MySQL error 1644, SQLSTATE 45000)"}[s.DB.Name()]
		if got := log.String(); !strings.Contains(got, want) || strings.Contains(got, "hunter2") {
			s.Errorf("logged: %s", got)
		}
	})
}
