//go:build unix && !linux

package lambdatest

import "syscall"

// ownGroup keeps a terminal's Ctrl-C from the function.
func ownGroup() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }
