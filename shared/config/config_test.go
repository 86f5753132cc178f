package config

import (
	"errors"
	"strings"
	"testing"
	"time"
)

type settings struct {
	Region string        `env:"REGION,required"`
	Wait   time.Duration `env:"WAIT" envDefault:"5s"`
	Size   int           `env:"SIZE"`
	Nested inner
}

type inner struct {
	Level string `env:"LEVEL" envDefault:"info"`
	Depth int    `env:"DEPTH,notEmpty" envDefault:"3"`
}

func (s *settings) Validate() error {
	if s.Size < 0 {
		return errors.Join(errors.New("SIZE is negative"), errors.New("and that is that"))
	}
	return nil
}

func TestValuesAndDefaultsFillTheStruct(t *testing.T) {
	var s settings
	if err := load(&s, map[string]string{"REGION": "eu-west-1", "SIZE": "7", "OTHER": "ignored"}); err != nil {
		t.Fatal(err)
	}
	if want := (settings{"eu-west-1", 5 * time.Second, 7, inner{"info", 3}}); s != want {
		t.Fatalf("%+v", s)
	}
}

func TestTheEnvironmentIsRead(t *testing.T) {
	t.Setenv("REGION", "eu-west-1")
	var s settings
	if err := Load(&s); err != nil || s.Region != "eu-west-1" {
		t.Fatalf("%+v %v", s, err)
	}
}

func TestEveryMistakeIsNamedAtOnce(t *testing.T) {
	var s settings
	err := load(&s, map[string]string{"WAIT": "soon", "SIZE": "many", "DEPTH": "deep"})
	for _, want := range []string{"configuration: ", "REGION", "WAIT: ", `"soon"`, "SIZE: ", `"many"`, "DEPTH: "} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s is not named in: %v", want, err)
		}
	}
}

func TestValidateHasTheLastWord(t *testing.T) {
	var s settings
	err := load(&s, map[string]string{"REGION": "x", "SIZE": "-1"})
	if err == nil || !strings.Contains(err.Error(), "SIZE is negative") || !strings.Contains(err.Error(), "that is that") {
		t.Fatal(err)
	}
}

func TestAStructWithoutValidateIsFilledToo(t *testing.T) {
	var i inner
	if err := load(&i, map[string]string{"LEVEL": "debug"}); err != nil || i.Level != "debug" {
		t.Fatalf("%+v %v", i, err)
	}
}
