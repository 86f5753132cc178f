package cache

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/sluice-dev/sluice/local/part"
	"github.com/sluice-dev/sluice/local/part/parttest"
)

// survives says that with this Redis an answer is still found, by asking.
func survives(t *testing.T, r *Redis) {
	t.Helper()
	c := New(time.Now, NewMemory(1<<20), r)
	for n := range 5 {
		q := Question{Key: KeyOf(t.Name(), fmt.Sprint(n)), Windows: Windows{Fresh: time.Minute}}
		f, err := c.Find(t.Context(), q, func() ([]byte, bool, error) { return []byte("asked"), true, nil })
		if err != nil || string(f.Body) != "asked" {
			t.Fatal(f, err)
		}
		if f, err = c.Find(t.Context(), q, nil); err != nil || f.State != Fresh { // memory has it nevertheless
			t.Fatal(f, err)
		}
	}
}

func TestRedisThatIsDownMakesAnswersSlowerAndNothingElse(t *testing.T) {
	server := parttest.Redis(t, part.RedisOptions{})
	r, log := clientOf(t, server)
	r.Put(t.Context(), KeyOf("before"), answer(1), time.Minute)
	server.Kill()
	survives(t, r)
	if strings.Count(log.String(), "left alone") != 1 {
		t.Errorf("it is asked again and again:\n%s", log)
	}
	if err := server.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	r.until = time.Time{} // its silence is over
	r.Put(t.Context(), KeyOf("after"), answer(2), time.Minute)
	if _, ok := r.Get(t.Context(), KeyOf("after")); !ok {
		t.Error("it is not used again:", log)
	}
}

func TestRedisThatHangsCostsItsTimeoutAFewTimesOnly(t *testing.T) {
	server := parttest.Redis(t, part.RedisOptions{})
	r, log := clientOf(t, server, func(c *Config) { c.RedisTimeout = 50 * time.Millisecond })
	r.Put(t.Context(), KeyOf("before"), answer(1), time.Minute)
	if err := syscall.Kill(-server.Pid(), syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	survives(t, r)
	if r.speaks() || !strings.Contains(log.String(), "left alone") {
		t.Errorf("it is still asked:\n%s", log)
	}
	_ = syscall.Kill(-server.Pid(), syscall.SIGCONT)
}

// Answers that come too late must not be taken for those of the next question.
func TestALateAnswerIsNotTheNextQuestions(t *testing.T) {
	server := parttest.Redis(t, part.RedisOptions{})
	r, _ := clientOf(t, server, func(c *Config) { c.RedisTimeout = 100 * time.Millisecond })
	for n := range 3 {
		r.Put(t.Context(), KeyOf(fmt.Sprint(n)), answer(n), time.Minute)
	}
	_ = syscall.Kill(-server.Pid(), syscall.SIGSTOP)
	if a, ok := r.Get(t.Context(), KeyOf("0")); ok {
		t.Fatalf("a stopped server answers %s", a.Body)
	}
	_ = syscall.Kill(-server.Pid(), syscall.SIGCONT)
	r.cfg.RedisTimeout = 2 * time.Second
	if a, ok := r.Get(t.Context(), KeyOf("1")); !ok || !bytes.Equal(a.Body, answer(1).Body) {
		t.Errorf("%t %.30s", ok, a.Body)
	}
}

func TestRedisThatIsFullStillAnswersWhatItHas(t *testing.T) {
	server := parttest.Redis(t, part.RedisOptions{Settings: []string{"--maxmemory", "3mb", "--maxmemory-policy", "noeviction"}})
	r, log := clientOf(t, server)
	r.Put(t.Context(), KeyOf("early"), answer(1), time.Minute)
	noise := make([]byte, 900_000)
	source := rand.NewChaCha8([32]byte{})
	for n := range 8 {
		_, _ = source.Read(noise)
		r.Put(t.Context(), KeyOf("noise", fmt.Sprint(n)), Answer{Body: bytes.Clone(noise)}, time.Minute)
	}
	if !strings.Contains(log.String(), "OOM") {
		t.Fatalf("it is not full:\n%s", log)
	}
	if _, ok := r.Get(t.Context(), KeyOf("early")); !ok {
		t.Error("what it has is not found")
	}
	survives(t, r)
}

func TestAWrongPasswordMakesAnswersSlowerAndIsLoggedWithoutIt(t *testing.T) {
	server := parttest.Redis(t, part.RedisOptions{Password: "right"})
	for name, change := range map[string]func(*Config){
		"wrong": func(c *Config) { c.RedisURL = strings.Replace(c.RedisURL, ":right@", ":wr0ng@", 1) },
		"none":  func(c *Config) { c.RedisURL = strings.Replace(c.RedisURL, ":right@", "", 1) },
	} {
		t.Run(name, func(t *testing.T) {
			r, log := clientOf(t, server, change)
			survives(t, r)
			if text := log.String(); !strings.Contains(text, "WRONGPASS") && !strings.Contains(text, "NOAUTH") || strings.Contains(text, "wr0ng") {
				t.Error(text)
			}
		})
	}
}

// secrets gives one secret after another.
type secrets struct{ texts []string }

func (s *secrets) Secret(context.Context, string) (string, error) {
	text := s.texts[0]
	if len(s.texts) > 1 {
		s.texts = s.texts[1:]
	}
	return text, nil
}

func TestARotatedPasswordIsFetchedAnew(t *testing.T) {
	server := parttest.Redis(t, part.RedisOptions{Password: "new"})
	for name, now := range map[string]string{"JSON": `{"username":"default","password":"new"}`, "a token": "new"} {
		t.Run(name, func(t *testing.T) {
			r, _ := clientOf(t, server, func(c *Config) {
				c.RedisURL, c.RedisSecretARN = strings.Replace(c.RedisURL, ":new@", "", 1), "arn"
			})
			r.deps.Secrets = &secrets{[]string{`{"password":"old"}`, now}}
			r.Put(t.Context(), KeyOf("x"), answer(1), time.Minute)
			r.Put(t.Context(), KeyOf("x"), answer(2), time.Minute)
			if a, ok := r.Get(t.Context(), KeyOf("x")); !ok || !bytes.Equal(a.Body, answer(2).Body) {
				t.Errorf("%t %.20s", ok, a.Body)
			}
		})
	}
}

func TestAValueThatIsNotItsKeysIsRefused(t *testing.T) {
	server := parttest.Redis(t, part.RedisOptions{})
	r, log := clientOf(t, server, func(c *Config) { c.Key = "ours" })
	victim, other := KeyOf("victim"), KeyOf("other")
	genuine := seal([]byte("ours"), victim, answer(1))
	cut := genuine[:len(genuine)-1]
	flipped := bytes.Clone(genuine)
	flipped[len(flipped)-1] ^= 1
	younger := bytes.Clone(genuine)
	younger[sealed+3] ^= 0x10
	elder := bytes.Clone(genuine)
	elder[0]++
	for fault, value := range map[string][]byte{
		"garbage":               []byte("<html>502"),
		"nothing":               {},
		"another key's":         seal([]byte("ours"), other, answer(2)),
		"sealed by others":      seal([]byte("theirs"), victim, answer(3)),
		"sealed without secret": seal(nil, victim, answer(4)),
		"cut short":             cut,
		"one bit flipped":       flipped,
		"made younger":          younger,
		"of another version":    elder,
	} {
		t.Run(fault, func(t *testing.T) {
			if _, err := r.do(t.Context(), name(victim), "SET", value); err != nil {
				t.Fatal(err)
			}
			if a, ok := r.Get(t.Context(), victim); ok {
				t.Errorf("%s is taken for the answer", a.Body)
			}
		})
	}
	if _, err := r.do(t.Context(), name(victim), "SET", genuine); err != nil {
		t.Fatal(err)
	}
	if a, ok := r.Get(t.Context(), victim); !ok || !bytes.Equal(a.Body, answer(1).Body) {
		t.Error("the genuine one is refused")
	}
	if !strings.Contains(log.String(), "cached value refused") || strings.Contains(log.String(), "html") {
		t.Error(log)
	}
	if say(t, server, "SET "+name(other)+"l x"); say(t, server, "DEL "+name(victim)) != ":1" || say(t, server, "LPUSH "+name(victim)+" x") != ":1" {
		t.Fatal("the list is not there")
	}
	if _, ok := r.Get(t.Context(), victim); ok {
		t.Error("a list is taken for an answer")
	}
}

func TestValuesInRedisAreCompressedBoundedAndEnd(t *testing.T) {
	server := parttest.Redis(t, part.RedisOptions{})
	r, _ := clientOf(t, server, func(c *Config) { c.RedisValue = 2000 })
	small, large := Answer{Body: bytes.Repeat([]byte("word "), 10_000)}, Answer{Body: make([]byte, 100_000)}
	_, _ = rand.NewChaCha8([32]byte{}).Read(large.Body)
	r.Put(t.Context(), KeyOf("small"), small, time.Minute)
	r.Put(t.Context(), KeyOf("large"), large, time.Minute)
	if a, ok := r.Get(t.Context(), KeyOf("small")); !ok || !bytes.Equal(a.Body, small.Body) {
		t.Error("50 kB of the same word do not fit into 2000 bytes")
	}
	if say(t, server, "EXISTS "+name(KeyOf("large"))) != ":0" {
		t.Error("100 kB of noise were stored")
	}
	if ttl := say(t, server, "TTL "+name(KeyOf("small"))); ttl != ":60" && ttl != ":59" {
		t.Error(ttl)
	}
}

func TestAClusterIsAskedWhereTheKeyLies(t *testing.T) {
	first, second := parttest.Redis(t, part.RedisOptions{Cluster: true}), parttest.Redis(t, part.RedisOptions{Cluster: true})
	assign := func(r *part.Redis, from, to int) {
		t.Helper()
		var slots strings.Builder
		for s := from; s < to; s++ {
			fmt.Fprintf(&slots, " %d", s)
		}
		if got := say(t, r, "CLUSTER ADDSLOTS"+slots.String()); got != "+OK" {
			t.Fatal(got)
		}
	}
	assign(first, 0, 8192)
	assign(second, 8192, 16384)
	if got := say(t, first, fmt.Sprintf("CLUSTER MEET 127.0.0.1 %d", second.Port)); got != "+OK" {
		t.Fatal(got)
	}
	r, log := clientOf(t, first)
	deadline := time.Now().Add(30 * time.Second)
	up := func() bool { // both have to have learnt of each other
		return !strings.HasPrefix(say(t, first, "SET {a}x 1"), "-CLUSTERDOWN") && !strings.HasPrefix(say(t, second, "GET {a}x"), "-CLUSTERDOWN")
	}
	for !up() {
		if time.Now().After(deadline) {
			t.Fatal("the cluster does not come up")
		}
		time.Sleep(50 * time.Millisecond)
	}
	for n := range 32 {
		r.Put(t.Context(), KeyOf(fmt.Sprint(n)), answer(n), time.Minute)
	}
	for n := range 32 {
		if a, ok := r.Get(t.Context(), KeyOf(fmt.Sprint(n))); !ok || !bytes.Equal(a.Body, answer(n).Body) {
			t.Fatalf("%d: %t\n%s", n, ok, log)
		}
	}
	if len(r.slots) == 0 || len(r.nodes) != 2 || strings.Contains(log.String(), "MOVED") {
		t.Errorf("%d slots, %d nodes\n%s", len(r.slots), len(r.nodes), log)
	}
	second.Kill()
	survives(t, r)
}

func TestSignalsAreRaisedByOneAndEndByThemselves(t *testing.T) {
	server := parttest.Redis(t, part.RedisOptions{})
	r, _ := clientOf(t, server)
	if left, err := r.Left(t.Context(), "s"); left != 0 || err != nil {
		t.Fatal(left, err)
	}
	raised := 0
	for range 5 {
		if first, err := r.Raise(t.Context(), "s", time.Minute); err != nil {
			t.Fatal(err)
		} else if first {
			raised++
		}
	}
	if left, _ := r.Left(t.Context(), "s"); raised != 1 || left <= 50*time.Second || left > time.Minute {
		t.Errorf("raised %d times, %s left", raised, left)
	}
	if err := r.Lower(t.Context(), "s"); err != nil {
		t.Fatal(err)
	}
	if first, _ := r.Raise(t.Context(), "s", time.Millisecond); !first {
		t.Error("it was not lowered")
	}
}

func TestRedisAddressesAreCheckedAndNeverQuoted(t *testing.T) {
	for url, right := range map[string]bool{
		"redis://host:6379": true, "rediss://user:p@host": true, "redis://[::1]:6379/": true,
		"http://host": false, "host:6379": false, "redis://": false, "redis://host/3": false, "redis://u:p3ss@ho st": false, "redis://host?x=1": false,
	} {
		err := Config{RedisURL: url}.Validate()
		if (err == nil) != right || err != nil && strings.Contains(err.Error(), "p3ss") {
			t.Errorf("%s: %v", url, err)
		}
	}
	if err := (Config{RedisURL: "redis://u:p@h", RedisSecretARN: "arn", Bytes: -1}).Validate(); err == nil || strings.Count(err.Error(), "\n") != 1 {
		t.Error(err)
	}
}

func FuzzUnseal(f *testing.F) {
	f.Add(seal(nil, KeyOf("k"), answer(1)))
	f.Add([]byte{version})
	f.Fuzz(func(t *testing.T, value []byte) {
		a, err := unseal(nil, KeyOf("k"), value)
		if err == nil && !bytes.Equal(seal(nil, KeyOf("k"), a)[:1], value[:1]) {
			t.Error(a)
		}
	})
}
