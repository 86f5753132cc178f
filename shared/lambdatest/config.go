package lambdatest

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"
)

// Config is a function, as AWS is told of it.
type Config struct {
	Name      string            // function name
	Bootstrap string            // the compiled, executable file
	Dir       string            // task root and working directory; default: Bootstrap's folder
	Env       map[string]string // the function's own variables; nothing is inherited from this process
	Timeout   time.Duration     // of one invocation; default 3 s, as AWS
	// Concurrency is the number of environments at most; one more caller is throttled. Default 1.
	Concurrency int
	MemorySize  int    // MB, told to the function but not enforced; default 128
	Region      string // default us-east-1
	AccountID   string // default 000000000000
	// Freeze stops an environment's process between invocations, as AWS does.
	Freeze bool
	// Log receives each line of the environments' stdout and stderr, one at a time. Default: none.
	Log func(line string)

	initLimit time.Duration // of the Init phase; 10 s but in our own tests
}

// ARN is the function's ARN.
func (c Config) ARN() string {
	return fmt.Sprintf("arn:aws:lambda:%s:%s:function:%s", c.Region, c.AccountID, c.Name)
}

func (c Config) withDefaults() (Config, error) {
	if c.Name == "" {
		return c, errors.New("lambdatest: Config.Name is empty")
	}
	path, err := filepath.Abs(c.Bootstrap)
	if err != nil {
		return c, fmt.Errorf("lambdatest: %s: %w", c.Name, err)
	}
	if info, err := os.Stat(path); err != nil || info.IsDir() || info.Mode()&0o111 == 0 {
		return c, fmt.Errorf("lambdatest: %s: bootstrap %q is not an executable file", c.Name, c.Bootstrap)
	}
	c.Bootstrap = path
	c.Dir = cmp.Or(c.Dir, filepath.Dir(path))
	c.Timeout = cmp.Or(c.Timeout, 3*time.Second)
	c.Concurrency = cmp.Or(c.Concurrency, 1)
	c.MemorySize = cmp.Or(c.MemorySize, 128)
	c.Region = cmp.Or(c.Region, "us-east-1")
	c.AccountID = cmp.Or(c.AccountID, "000000000000")
	c.initLimit = cmp.Or(c.initLimit, 10*time.Second)
	if c.Log == nil {
		c.Log = func(string) {}
	}
	return c, nil
}

// environ is what AWS sets, then the function's own variables.
func (c Config) environ(runtimeAPI string) []string {
	vars := map[string]string{
		"AWS_DEFAULT_REGION":              c.Region,
		"AWS_EXECUTION_ENV":               "AWS_Lambda_provided.al2023",
		"AWS_LAMBDA_FUNCTION_MEMORY_SIZE": strconv.Itoa(c.MemorySize),
		"AWS_LAMBDA_FUNCTION_NAME":        c.Name,
		"AWS_LAMBDA_FUNCTION_VERSION":     "$LATEST",
		"AWS_LAMBDA_INITIALIZATION_TYPE":  "on-demand",
		"AWS_LAMBDA_LOG_GROUP_NAME":       "/aws/lambda/" + c.Name,
		"AWS_LAMBDA_LOG_STREAM_NAME":      "local",
		"AWS_REGION":                      c.Region,
		"LAMBDA_TASK_ROOT":                c.Dir,
		"TZ":                              ":UTC",
		"_HANDLER":                        "bootstrap",
	}
	for key, value := range c.Env {
		vars[key] = value
	}
	vars["AWS_LAMBDA_RUNTIME_API"] = runtimeAPI
	list := make([]string, 0, len(vars))
	for key, value := range vars {
		list = append(list, key+"="+value)
	}
	return list
}
