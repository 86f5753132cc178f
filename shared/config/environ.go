package config

import "os"

func environ() []string { return os.Environ() }
