package e2e

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"
	"gorm.io/driver/mysql"
	"gorm.io/driver/postgres"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"
	"gorm.io/gorm/logger"

	"github.com/sluice-dev/sluice/local/part/parttest"
	"github.com/sluice-dev/sluice/shared/lambdatest"
	"github.com/sluice-dev/sluice/shared/outbox"
	"github.com/sluice-dev/sluice/shared/producer"
	"github.com/sluice-dev/sluice/shared/row"
)

// database is a server of one kind, empty.
type database struct {
	driver string // as functions and applications name it
	dsn    string
	schema string // what stands before a table's name
	kill   func()
}

// databases start both kinds; each has the contract suite to itself, beside the other.
func databases(t *testing.T, test func(t *testing.T, d database)) {
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		pg := parttest.Postgres(t)
		test(t, database{"postgres", pg.URL, "public", pg.Kill})
	})
	t.Run("mariadb", func(t *testing.T) {
		t.Parallel()
		m := parttest.MariaDB(t)
		test(t, database{"mysql", m.DSN + "?parseTime=true&charset=utf8mb4", "shop", m.Kill})
	})
}

func (d database) open(t *testing.T) *gorm.DB {
	t.Helper()
	dialector := postgres.Open(d.dsn)
	if d.driver == "mysql" {
		dialector = mysql.Open(d.dsn)
	}
	db, err := gorm.Open(dialector, &gorm.Config{Logger: logger.Discard})
	if err != nil {
		t.Fatal(err)
	}
	pool, _ := db.DB()
	t.Cleanup(func() { _ = pool.Close() })
	return db
}

// rowsOf are a table's rows by id, those alone that are not softly deleted.
func rowsOf(t *testing.T, db *gorm.DB, table, where string) map[string]map[string]string {
	t.Helper()
	found, err := db.Table(table).Where(where).Rows()
	if err != nil {
		t.Fatal(err)
	}
	defer found.Close() //nolint:errcheck // read to its end
	r, err := row.NewReader(found, nil)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]map[string]string{}
	for found.Next() {
		_, literals, err := r.Read(found)
		if err != nil {
			t.Fatal(err)
		}
		one := plainRow(t, r.Object(literals))
		all[one["id"]] = one
	}
	if err := found.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

const soldFields = `id: {fields: [id]}
fields:
  id: {type: long}
  status: {type: keyword}
  total: {type: scaled_float, mapping: {scaling_factor: 100}}
  note: {type: keyword}
  updated_at: {type: date}
  deleted_at: {type: date}
index: {policy: single, replicas: 0}
`

// Kill the application at any point, between commit and relay, between the queue's answer
// and the deletion: nothing is lost, and the index equals the table.
func TestAnApplicationKilledAtAnyPointLosesNoChange(t *testing.T) {
	app, err := lambdatest.Compile(t.Context(), "../docs/outbox", filepath.Join(t.TempDir(), "app"))
	if err != nil {
		t.Fatal(err)
	}
	databases(t, func(t *testing.T, d database) {
		s := newScene(t, "sources: [{table: "+d.schema+".orders}]\n"+soldFields)
		p := s.pipe(4, 300, s.function("ingest", nil))
		start := func(more ...string) *exec.Cmd {
			cmd := exec.CommandContext(t.Context(), app, append([]string{"-driver", d.driver, "-dsn", d.dsn, "-queue", p.url}, more...)...)
			cmd.Env = append(os.Environ(), "AWS_ENDPOINT_URL="+world.aws, "AWS_REGION=us-east-1", "AWS_ACCESS_KEY_ID=local", "AWS_SECRET_ACCESS_KEY=local")
			cmd.Stderr = os.Stderr
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			return cmd
		}
		db := d.open(t)
		left := 0 // changes that were committed and not yet relayed when it was killed
		for range 12 {
			cmd := start()
			eventually(t, time.Minute, func() string {
				if !db.Migrator().HasTable(outbox.Table) {
					return "the application has not begun"
				}
				return ""
			})
			time.Sleep(300*time.Millisecond + rand.N(900*time.Millisecond))
			if err := cmd.Process.Signal(syscall.SIGKILL); err != nil {
				t.Fatal(err)
			}
			_ = cmd.Wait()
			var waiting int64
			if err := db.Table(outbox.Table).Count(&waiting).Error; err != nil {
				t.Fatal(err)
			}
			if waiting > 0 {
				left++
			}
		}
		if err := start("-relay").Wait(); err != nil {
			t.Fatal(err)
		}
		p.drained(90 * time.Second)
		s.equals(rowsOf(t, db, "orders", "deleted_at IS NULL"), nil)
		s.buried(nil)
		var last int64
		if err := db.Raw("SELECT max(id) FROM orders").Scan(&last).Error; err != nil || left < 3 {
			t.Errorf("killed %d times with changes in the outbox, want 3 at least: %v", left, err)
		}
		t.Logf("killed 12 times, %d with changes in the outbox", left)
	})
}

// sold is a row of the property test's table.
type sold struct {
	ID        int64  `gorm:"primaryKey"`
	Status    string `gorm:"size:20"`
	Total     string `gorm:"type:decimal(12,2)"`
	Note      *string
	UpdatedAt time.Time
	DeletedAt gorm.DeletedAt
}

func (sold) TableName() string { return "orders" }

var errTakenBack = errors.New("taken back")

func sell(tx *gorm.DB, r *rand.Rand) error {
	id := 1 + r.Int64N(100)
	note := strings.Repeat("ü\"", r.IntN(50))
	switch r.IntN(6) {
	case 0, 1:
		return tx.Save(&sold{ID: id, Status: "new", Total: fmt.Sprint(r.IntN(1000)), Note: &note}).Error
	case 2:
		return tx.Model(&sold{}).Where("id IN ?", []int64{id, id + 1, id + 2}).Update("status", "paid").Error
	case 3:
		return tx.Delete(&sold{ID: id}).Error
	case 4:
		return tx.Unscoped().Where("id > ? AND status = ?", id, "paid").Limit(3).Delete(&sold{}).Error
	}
	return tx.Clauses(clause.OnConflict{UpdateAll: true}).Create(&sold{ID: id, Status: "upserted", Total: "1"}).Error
}

// Random transactions of several goroutines, some rolled back, three relays at once, a real
// queue, the compiled ingest, faults before OpenSearch: the index equals the table.
func TestATablesWritesByGORMEqualItsIndex(t *testing.T) {
	databases(t, func(t *testing.T, d database) {
		seed := uint64(time.Now().UnixNano())
		t.Logf("seed %d", seed)
		s := newScene(t, "sources: [{table: "+d.schema+".orders}]\n"+soldFields)
		p := s.pipe(4, 300, s.function("ingest", map[string]string{"OPENSEARCH_BREAKER_OPEN": "500ms", "OPENSEARCH_MAX_ATTEMPTS": "2"}))
		db := d.open(t)
		plugin := outbox.New(outbox.Config{Models: []any{&sold{}}, Schema: d.schema})
		if err := errors.Join(db.AutoMigrate(&sold{}), outbox.Migrate(db), db.Use(plugin)); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		var relays errgroup.Group
		for range 3 {
			r := outbox.NewRelay(db, producer.NewQueue(world.sqs, p.url, producer.Config{}), outbox.RelayConfig{Batch: 20, Interval: 20 * time.Millisecond})
			relays.Go(func() error { r.Run(ctx); return nil })
		}
		trouble := troubled(s)
		var writers errgroup.Group
		for n := range 5 {
			r := rand.New(rand.NewPCG(seed, uint64(n)))
			writers.Go(func() error {
				for range 150 {
					_ = db.Transaction(func(tx *gorm.DB) error {
						for range 1 + r.IntN(3) {
							if err := sell(tx, r); err != nil {
								return err
							}
						}
						if r.IntN(4) == 0 {
							return errTakenBack
						}
						return nil
					})
				}
				return nil
			})
		}
		_ = writers.Wait()
		eventually(t, 60*time.Second, func() string {
			var n int64
			if err := db.Table(outbox.Table).Count(&n).Error; err != nil || n > 0 {
				return fmt.Sprintf("%d in the outbox, %v", n, err)
			}
			return ""
		})
		p.drained(60 * time.Second)
		if n := trouble(); n < 5 {
			t.Errorf("only %d faults", n)
		}
		cancel()
		_ = relays.Wait()
		s.equals(rowsOf(t, db, "orders", "deleted_at IS NULL"), nil)
		s.buried(nil)
	})
}

// A relay meets a queue that is not there, then one that is, and a row that no queue takes.
func TestARelayKeepsWhatTheQueueDidNotTake(t *testing.T) {
	databases(t, func(t *testing.T, d database) {
		db := d.open(t)
		must(t, errors.Join(db.AutoMigrate(&sold{}), outbox.Migrate(db), db.Use(outbox.New(outbox.Config{Models: []any{&sold{}}, Schema: d.schema}))))
		raw := make([]byte, 2<<20)
		for i := range raw {
			raw[i] = byte('!' + rand.N(90)) // gzip makes little of it
		}
		large := string(raw)
		must(t, db.Exec(map[string]string{"postgres": "alter table orders alter column note type text", "mysql": "alter table orders modify note longtext"}[d.driver]).Error)
		must(t, db.Create(&[]sold{{ID: 1, Total: "1"}, {ID: 2, Total: "2", Note: &large}, {ID: 3, Total: "3"}}).Error)
		name := fmt.Sprintf("relayed-%s-%d", d.driver, time.Now().UnixNano())
		url := world.aws + "/000000000000/" + name
		relay := outbox.NewRelay(db, producer.NewQueue(world.sqs, url, producer.Config{Tries: 1}), outbox.RelayConfig{})
		waiting := func(where string) (n int64) {
			must(t, db.Table(outbox.Table).Where(where).Count(&n).Error)
			return n
		}
		if n, err := relay.Once(t.Context()); err != nil || n != 0 || waiting("error IS NULL") != 2 {
			t.Fatalf("without a queue: %d, %v, %d wait", n, err, waiting("error IS NULL"))
		}
		queue(t, name, nil)
		if n, err := relay.Once(t.Context()); err != nil || n != 2 || waiting("error IS NULL") != 0 || waiting("error IS NOT NULL") != 1 {
			t.Fatalf("%d relayed, %v, %d wait, %d cannot be sent", n, err, waiting("error IS NULL"), waiting("error IS NOT NULL"))
		}
		if n, err := relay.Once(t.Context()); err != nil || n != 0 {
			t.Errorf("%d, %v", n, err)
		}
	})
}
