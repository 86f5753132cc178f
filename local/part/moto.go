package part

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
)

const motoVersion = "5.2.5"

//go:embed moto/requirements.txt
var motoRequirements string

// MotoOptions choose the server of Kinesis and of every AWS service but SQS.
type MotoOptions struct {
	Port int // wanted; a free one if zero or taken
}

// Moto imitates AWS on loopback: account 000000000000, any region and credentials.
// What it holds is gone when it ends.
type Moto struct {
	*Process
	URL    string
	Python string // of its environment, which has boto3
}

// StartMoto makes a Python environment of its own if need be and returns when moto answers.
func StartMoto(ctx context.Context, home Home, o MotoOptions) (*Moto, error) {
	home, err := home.readyAt(&o.Port)
	if err != nil {
		return nil, err
	}
	name := "moto " + motoVersion
	python, err := motoEnvironment(ctx, home)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	m := &Moto{URL: baseURL(o.Port), Python: python}
	m.Process, err = home.run(ctx, Command{
		Name:  name,
		Args:  []string{python, "-m", "moto.server", "-H", "127.0.0.1", "-p", strconv.Itoa(o.Port)},
		Env:   []string{"MOTO_ACCOUNT_ID=000000000000", "PYTHONUNBUFFERED=1", "NO_COLOR=1"},
		Log:   home.log("moto"),
		Line:  home.lines("moto"),
		Ready: m.serves,
	}, m.URL)
	if err != nil {
		return nil, err
	}
	return m, nil
}

// motoEnvironment returns the Python of an environment that holds exactly the pinned requirements.
func motoEnvironment(ctx context.Context, home Home) (string, error) {
	dir := filepath.Join(home.Cache, "moto-"+motoVersion+"-"+fingerprint(motoRequirements))
	python, stamp := filepath.Join(dir, "bin", "python"), filepath.Join(dir, "complete")
	return python, locked(ctx, dir+".lock", func() error {
		if _, err := os.Stat(stamp); err == nil {
			return nil
		}
		return home.step("Fetching moto "+motoVersion+" with pip, once", "Fetched moto "+motoVersion, func() error {
			if err := makeEnvironment(ctx, dir, python); err != nil {
				return err
			}
			return os.WriteFile(stamp, nil, 0o644)
		})
	})
}

func makeEnvironment(ctx context.Context, dir, python string) error {
	system, err := findPython(ctx)
	if err != nil {
		return err
	}
	if err := command(ctx, nil, system, "-m", "venv", "--clear", dir); err != nil {
		return fmt.Errorf("a Python environment cannot be made (apt-get install python3-venv): %w", err)
	}
	requirements := filepath.Join(dir, "requirements.txt")
	if err := os.WriteFile(requirements, []byte(motoRequirements), 0o644); err != nil {
		return err
	}
	return command(ctx, nil, python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input",
		"--no-compile", "--no-deps", "-r", requirements)
}

// findPython returns the first that the pinned requirements accept.
func findPython(ctx context.Context) (string, error) {
	for _, name := range []string{"python3", "python3.13", "python3.12", "python3.11"} {
		python, err := exec.LookPath(name)
		if err == nil && command(ctx, nil, python, "-c", "import sys; sys.exit(sys.version_info < (3, 11))") == nil {
			return python, nil
		}
	}
	return "", errors.New("Python 3.11 or later is missing: apt-get install python3 python3-venv")
}

func (m *Moto) serves(ctx context.Context) error {
	return answers(ctx, m.URL+"/moto-api/data.json", nil)
}
